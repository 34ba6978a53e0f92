#include "crm/domain/severity.h"

/* facts: fitted on the public NASS-CDS extract of DAAG (n = 25,718), weighted, in-sample AUC 0.739. */
const struct tt_severity_model tt_severity_ka6 = {
	.name = "KA6",
	.version = "1",
	.source = "NASS-CDS 1997-2002 extract (DAAG nassCDS), weighted logistic regression, delta-v in bands",
	.outcome = "a front-seat occupant incapacitated or killed, by police report",
	.intercept = -3.1465064588,
	.delta_v_mph = 0.1056750248,
	.belted = -1.0782723616,
	.frontal = -0.2565391337,
	.age_55 = 0.3305974565,
	.female = 0.5342193005,
	.cut_per_mille = 200,
};

#define MM_S_PER_MPH 447.04

const char *tt_severity_name(enum tt_severity severity)
{
	static const char *const names[TT_NSEVERITIES] = {"unknown", "normal", "high"};

	TT_ASSERT((unsigned)severity < TT_NSEVERITIES);
	return names[severity];
}

enum tt_tri tt_severity_belts(bool known, uint32_t fastened, uint32_t occupied)
{
	if (!known)
		return TT_TRI_UNKNOWN;
	if (fastened == 0)
		return TT_TRI_NO;
	if (occupied == 0)
		return TT_TRI_UNKNOWN;
	return fastened >= occupied ? TT_TRI_YES : TT_TRI_NO;
}

/* e^x for |x| <= 40, relative error below 1e-12: halved until small, series, squared back. Cores link no libm. */
static double exponential(double x)
{
	double term = 1.0, sum = 1.0;
	unsigned halvings = 0;

	while (x > 0.125 || x < -0.125) {
		x /= 2;
		halvings++;
	}
	for (int k = 1; k <= 10; k++) {
		term *= x / k;
		sum += term;
	}
	while (halvings-- > 0)
		sum *= sum;
	return sum;
}

static int32_t per_mille(double eta)
{
	if (eta > 40)
		eta = 40;
	if (eta < -40)
		eta = -40;
	return (int32_t)(1000.0 / (1.0 + exponential(-eta)) + 0.5);
}

/* A yes/no input: what is known, or whichever answer is worse (or better). */
static double term(double coefficient, enum tt_tri answer, bool worst)
{
	if (answer == TT_TRI_YES)
		return coefficient;
	if (answer == TT_TRI_NO)
		return 0;
	return (coefficient > 0) == worst ? coefficient : 0;
}

static int32_t probability(const struct tt_severity_model *m, const struct tt_crash *c, bool worst)
{
	double eta = m->intercept + m->delta_v_mph * ((double)c->delta_v_mm_s / MM_S_PER_MPH);

	eta += term(m->belted, c->belted, worst) + term(m->frontal, c->frontal, worst);
	eta += term(m->age_55, c->age_55, worst) + term(m->female, c->female, worst);
	return per_mille(eta);
}

void tt_severity_judge(const struct tt_severity_model *model, const struct tt_crash *crash, struct tt_severity_result *out)
{
	*out = (struct tt_severity_result){
		.severity = TT_SEVERITY_UNKNOWN, .worst_per_mille = -1, .best_per_mille = -1, .rule = "no crash data"};
	if (crash->delta_v_mm_s > 0) {
		out->worst_per_mille = probability(model, crash, true);
		out->best_per_mille = probability(model, crash, false);
		out->severity = out->worst_per_mille >= model->cut_per_mille ? TT_SEVERITY_HIGH : TT_SEVERITY_NORMAL;
		out->rule = "model";
	} else if (crash->airbag_deployed) {
		/* An airbag fires above about 25 km/h and nobody measured how far above: take it for the worse. */
		out->severity = TT_SEVERITY_HIGH;
		out->rule = "airbag without delta-v";
	}
	if (crash->rollover) { /* the model's data are planar crashes only */
		out->severity = TT_SEVERITY_HIGH;
		out->rule = "rollover";
	}
}
