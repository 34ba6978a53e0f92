#include "sim/scenario.h"

#include "base/text.h"
#include "firmware/proto/dtc.h"
#include "firmware/proto/fault_code.h"
#include "firmware/proto/vin.h"
#include "sim/words.h"

#include <string.h>

enum { MAX_MM_S = 80000, SERIOUS_MM_S = 11111 }; /* 288 and 40 km/h */

static const struct tt_unit times[] = {{"s", 1000, 1}, {"ms", 1, 1}, {"min", 60000, 1}, {NULL, 0, 1}};
static const struct tt_unit lengths[] = {{"km", 1, 1}, {"m", 1, 1000}, {NULL, 0, 1}};
static const struct tt_unit speeds[] = {{"km/h", 10, 36}, {"m/s", 1, 1}, {NULL, 0, 1}};
static const struct tt_unit volts[] = {{"V", 1, 1}, {NULL, 0, 1}};
static const struct tt_unit percents[] = {{"%", 1, 1}, {NULL, 0, 1}};
static const struct tt_unit kilopascals[] = {{"kPa", 1, 1}, {NULL, 0, 1}};
static const struct tt_unit celsius[] = {{"C", 1, 1}, {NULL, 0, 1}};

/* The values of ignition are VSS's LowVoltageSystemState, as in schemas/dbc/telltale_demo.dbc. */
static const struct tt_choice ignitions[] = {{"off", 2}, {"acc", 3}, {"on", 4}, {"start", 5}, {NULL, 0}};
static const struct tt_choice bags[] = {{"driver", TT_SIM_FRONT_LEFT},
					{"passenger", TT_SIM_FRONT_RIGHT},
					{"rear-left", TT_SIM_REAR_LEFT},
					{"rear-right", TT_SIM_REAR_RIGHT},
					{"all", TT_SIM_ALL_PLACES},
					{"reset", 0},
					{NULL, 0}};
static const struct tt_choice seats[] = {{"driver", TT_SIM_FRONT_LEFT}, {"passenger", TT_SIM_FRONT_RIGHT}, {NULL, 0}};
static const struct tt_choice doors[] = {{"front-left", TT_SIM_FRONT_LEFT},
					 {"front-right", TT_SIM_FRONT_RIGHT},
					 {"rear-left", TT_SIM_REAR_LEFT},
					 {"rear-right", TT_SIM_REAR_RIGHT},
					 {NULL, 0}};
static const struct tt_choice ecus[] = {{"engine", TT_SIM_ECU_ENGINE}, {"transmission", TT_SIM_ECU_TRANSMISSION}, {NULL, 0}};
static const struct tt_choice modes[] = {{"answers", TT_SIM_ECU_ANSWERS}, {"silent", TT_SIM_ECU_SILENT}, {"pending", TT_SIM_ECU_PENDING},
					 {"slow", TT_SIM_ECU_SLOW},       {"old", TT_SIM_ECU_OLD},       {NULL, 0}};
static const struct tt_choice yes_no[] = {{"yes", 1}, {"no", 0}, {NULL, 0}};
static const struct tt_choice on_off[] = {{"on", 1}, {"off", 0}, {NULL, 0}};
static const struct tt_choice left_right[] = {{"left", 1}, {"right", 0}, {NULL, 0}};
static const struct tt_choice open_closed[] = {{"open", 1}, {"closed", 0}, {NULL, 0}};
static const struct tt_choice press_release[] = {{"press", 1}, {"release", 0}, {NULL, 0}};
static const struct tt_choice talks_silent[] = {{"talks", 1}, {"silent", 0}, {NULL, 0}};
static const struct tt_choice fix_lost[] = {{"fix", 1}, {"lost", 0}, {NULL, 0}};

/* One kind of action: its first word (or two), and what follows it: a quantity, a thing and its state, or a reader of its own. */
struct verb {
	const char *words[2];
	enum tt_sim_verb verb;
	const struct tt_unit *units;
	int64_t min, max;
	bool optional;
	const struct tt_choice *things, *states;
	bool on; /* for verbs without states */
	enum tt_err (*read)(struct tt_words *w, struct tt_sim_action *a);
};

static enum tt_err read_vin(struct tt_words *w, struct tt_sim_action *a)
{
	if (!tt_words_left(w) || !tt_vin_valid(w->word[w->at].s, w->word[w->at].n))
		return tt_words_error(w, TT_EINVAL, "vin wants 17 digits and capital letters without I, O, Q", (char *)NULL);
	memcpy(a->vin, w->word[w->at++].s, TT_VIN_LEN);
	a->vin[TT_VIN_LEN] = '\0';
	return TT_OK;
}

static enum tt_err read_code(struct tt_words *w, struct tt_sim_action *a)
{
	if (!tt_words_left(w) || tt_dtc_parse(w->word[w->at].s, w->word[w->at].n, &a->code) || a->code == 0)
		return tt_words_error(w, TT_EINVAL, "dtc wants a code such as P0301", (char *)NULL);
	w->at++;
	return TT_OK;
}

static enum tt_err read_clear(struct tt_words *w, struct tt_sim_action *a)
{
	return tt_words_left(w) ? read_code(w, a) : TT_OK;
}

static enum tt_err read_freeze_item(struct tt_words *w, struct tt_sim_action *a)
{
	static const struct {
		const char *name;
		int64_t min, max; /* what the PID can say */
	} items[TT_SIM_FREEZE_ITEMS] = {
		[TT_SIM_FREEZE_LOAD] = {"load=", 0, 100},       [TT_SIM_FREEZE_COOLANT] = {"coolant=", -40, 215},
		[TT_SIM_FREEZE_RPM] = {"rpm=", 0, 16383},       [TT_SIM_FREEZE_SPEED] = {"speed=", 0, 254},
		[TT_SIM_FREEZE_INTAKE] = {"intake=", -40, 215}, [TT_SIM_FREEZE_THROTTLE] = {"throttle=", 0, 100},
	};
	const char *s = w->word[w->at].s;
	const size_t n = w->word[w->at].n;

	for (unsigned i = 0; i < TT_SIM_FREEZE_ITEMS; i++) {
		const size_t name_n = strlen(items[i].name);
		int64_t milli;

		if (n <= name_n || memcmp(s, items[i].name, name_n) != 0)
			continue;
		if (tt_words_milli(s + name_n, n - name_n, &milli))
			return tt_words_error(w, TT_EINVAL, "freeze ", items[i].name, " wants a number", (char *)NULL);
		if (milli < items[i].min * 1000 || milli > items[i].max * 1000)
			return tt_words_error(w, TT_ERANGE, "freeze ", items[i].name, " is out of the PID's range", (char *)NULL);
		a->freeze[i] = (int32_t)milli;
		a->frozen |= 1U << i;
		w->at++;
		return TT_OK;
	}
	return tt_words_error(w, TT_EINVAL, "freeze knows load= coolant= rpm= speed= intake= throttle=", (char *)NULL);
}

static enum tt_err read_set(struct tt_words *w, struct tt_sim_action *a)
{
	enum { PART_ECU = 0x100, PART_FREEZE = 0x200 };
	static const struct tt_choice parts[] = {{"stored", TT_SIM_DTC_STORED},
						 {"pending", TT_SIM_DTC_PENDING},
						 {"permanent", TT_SIM_DTC_PERMANENT},
						 {"prefailed", TT_SIM_DTC_PREFAILED},
						 {"ecu", PART_ECU},
						 {"freeze", PART_FREEZE},
						 {NULL, 0}};
	enum tt_err err = read_code(w, a);

	while (!err && tt_words_left(w)) {
		unsigned part;

		err = tt_words_choice(w, "set dtc CODE", parts, &part);
		if (err)
			break;
		if (part == PART_ECU)
			err = tt_words_choice(w, "ecu", ecus, &a->which);
		else if (part == PART_FREEZE)
			while (!err && tt_words_left(w))
				err = read_freeze_item(w, a);
		else
			a->status |= part;
	}
	if (!err && a->status == 0)
		a->status = TT_SIM_DTC_STORED;
	if (!err && a->frozen && !(a->status & TT_SIM_DTC_STORED))
		return tt_words_error(w, TT_EINVAL, "only a stored code has a freeze frame", (char *)NULL);
	return err;
}

static enum tt_err read_spn(struct tt_words *w, struct tt_sim_action *a)
{
	enum tt_fault_protocol protocol = TT_FAULT_OBD;
	uint32_t code = 0;

	if (!tt_words_left(w) || tt_fault_code_parse(w->word[w->at].s, w->word[w->at].n, &protocol, &code) || protocol != TT_FAULT_J1939)
		return tt_words_error(w, TT_EINVAL, "spn wants a code such as 609/19", (char *)NULL);
	a->value = code;
	w->at++;
	return TT_OK;
}

static enum tt_err read_set_spn(struct tt_words *w, struct tt_sim_action *a)
{
	static const struct tt_choice lamps[] = {{"mil", 0x40}, {"rsl", 0x10}, {"awl", 0x04}, {"pl", 0x01}, {NULL, 0}};
	enum tt_err err = read_spn(w, a);

	while (!err && tt_words_left(w)) {
		unsigned lamp;

		err = tt_words_choice(w, "set spn", lamps, &lamp);
		if (!err)
			a->which |= lamp;
	}
	return err;
}

static enum tt_err read_clear_spn(struct tt_words *w, struct tt_sim_action *a)
{
	return tt_words_left(w) ? read_spn(w, a) : TT_OK;
}

static enum tt_err read_ecu(struct tt_words *w, struct tt_sim_action *a)
{
	enum tt_err err = tt_words_choice(w, "ecu", ecus, &a->which);

	return err ? err : tt_words_choice(w, "ecu", modes, &a->mode);
}

/* crash [N km/h] [bag]: without a number a serious one. */
static enum tt_err read_crash(struct tt_words *w, struct tt_sim_action *a)
{
	enum tt_err err = TT_OK;

	a->value = SERIOUS_MM_S;
	if (tt_words_left(w) && w->word[w->at].s[0] >= '0' && w->word[w->at].s[0] <= '9')
		err = tt_words_quantity(w, "crash", speeds, 1, MAX_MM_S, &a->value);
	return err || !tt_words_left(w) ? err : tt_words_choice(w, "crash", bags, &a->which);
}

static enum tt_err read_tyre(struct tt_words *w, struct tt_sim_action *a)
{
	enum tt_err err = tt_words_choice(w, "tyre", doors, &a->which);

	return err ? err : tt_words_quantity(w, "tyre", kilopascals, 0, 508000, &a->value);
}

static enum tt_err read_note(struct tt_words *w, struct tt_sim_action *a)
{
	(void)a;
	w->at = w->n;
	return TT_OK;
}

static const struct verb verbs[] = {
	{.words = {"vin"}, .verb = TT_SIM_VERB_VIN, .read = read_vin},
	{.words = {"odometer"}, .verb = TT_SIM_VERB_ODOMETER, .units = lengths, .max = 9999999000},
	{.words = {"ignition"}, .verb = TT_SIM_VERB_IGNITION, .things = ignitions},
	{.words = {"drive"}, .verb = TT_SIM_VERB_DRIVE, .units = speeds, .max = MAX_MM_S, .optional = true},
	{.words = {"speed"}, .verb = TT_SIM_VERB_SPEED, .units = speeds, .max = MAX_MM_S},
	{.words = {"stop"}, .verb = TT_SIM_VERB_STOP},
	{.words = {"brake", "hard"}, .verb = TT_SIM_VERB_BRAKE, .units = speeds, .max = MAX_MM_S, .optional = true},
	{.words = {"floor"}, .verb = TT_SIM_VERB_FLOOR, .units = speeds, .max = MAX_MM_S},
	{.words = {"swerve"}, .verb = TT_SIM_VERB_SWERVE, .states = left_right},
	{.words = {"tow"}, .verb = TT_SIM_VERB_TOW, .states = on_off},
	{.words = {"tyre"}, .verb = TT_SIM_VERB_TYRE, .read = read_tyre},
	{.words = {"crash"}, .verb = TT_SIM_VERB_CRASH, .read = read_crash},
	{.words = {"airbag"}, .verb = TT_SIM_VERB_AIRBAG, .things = bags},
	{.words = {"rollover"}, .verb = TT_SIM_VERB_ROLLOVER, .states = yes_no},
	{.words = {"belt"}, .verb = TT_SIM_VERB_BELT, .things = seats, .states = on_off},
	{.words = {"door"}, .verb = TT_SIM_VERB_DOOR, .things = doors, .states = open_closed},
	{.words = {"lock"}, .verb = TT_SIM_VERB_LOCK, .on = true},
	{.words = {"unlock"}, .verb = TT_SIM_VERB_LOCK},
	{.words = {"sos"}, .verb = TT_SIM_VERB_SOS, .states = press_release},
	{.words = {"battery"}, .verb = TT_SIM_VERB_BATTERY, .units = volts, .max = 32000},
	{.words = {"fuel"}, .verb = TT_SIM_VERB_FUEL, .units = percents, .max = 100000},
	{.words = {"coolant"}, .verb = TT_SIM_VERB_COOLANT, .units = celsius, .min = -40000, .max = 150000},
	{.words = {"set", "dtc"}, .verb = TT_SIM_VERB_SET_DTC, .read = read_set},
	{.words = {"clear", "dtc"}, .verb = TT_SIM_VERB_CLEAR_DTC, .read = read_clear},
	{.words = {"set", "spn"}, .verb = TT_SIM_VERB_SET_SPN, .read = read_set_spn},
	{.words = {"clear", "spn"}, .verb = TT_SIM_VERB_CLEAR_SPN, .read = read_clear_spn},
	{.words = {"ecu"}, .verb = TT_SIM_VERB_ECU, .read = read_ecu},
	{.words = {"bus"}, .verb = TT_SIM_VERB_BUS, .states = talks_silent},
	{.words = {"gps"}, .verb = TT_SIM_VERB_GPS, .states = fix_lost},
	{.words = {"note"}, .verb = TT_SIM_VERB_NOTE, .read = read_note},
	{.words = {"end"}, .verb = TT_SIM_VERB_END},
};

static const struct verb *find_verb(struct tt_words *w)
{
	const size_t start = w->at;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (tt_words_take(w, verbs[i].words[0]) && (!verbs[i].words[1] || tt_words_take(w, verbs[i].words[1])))
			return &verbs[i];
		w->at = start;
	}
	return NULL;
}

static enum tt_err read_action(struct tt_words *w, struct tt_sim_action *out)
{
	struct tt_sim_action a = {.value = 0};
	const struct verb *v = find_verb(w);
	enum tt_err err = TT_OK;
	unsigned on;

	if (!v)
		return tt_words_error(w, TT_EINVAL, "not an action; sim/scenario.h lists them (speed, set dtc, airbag, ...)", (char *)NULL);
	a.verb = v->verb;
	a.on = v->on;
	if (v->read)
		err = v->read(w, &a);
	if (!err && v->units && (tt_words_left(w) || !v->optional))
		err = tt_words_quantity(w, v->words[0], v->units, v->min, v->max, &a.value);
	if (!err && v->things)
		err = tt_words_choice(w, v->words[0], v->things, &a.which);
	if (!err && v->states) {
		err = tt_words_choice(w, v->words[0], v->states, &on);
		if (!err)
			a.on = on != 0;
	}
	if (!err && tt_words_left(w))
		err = tt_words_error(w, TT_EINVAL, v->words[0], ": something follows that does not belong there", (char *)NULL);
	if (!err)
		*out = a;
	return err;
}

enum tt_err tt_sim_action_parse(const char *line, size_t len, struct tt_sim_action *out, struct tt_errmsg *msg)
{
	struct tt_words w;
	enum tt_err err = tt_words_split(line, len, &w, msg);

	if (!err && !tt_words_left(&w))
		return tt_words_error(&w, TT_EINVAL, "an action is missing", (char *)NULL);
	return err ? err : read_action(&w, out);
}

/* `at` and `after`, or nothing. */
static enum tt_err read_time(struct tt_words *w, int64_t before_us, int64_t *at_us)
{
	const bool after = tt_words_take(w, "after");
	int64_t given_us;
	enum tt_err err;

	*at_us = before_us;
	if (!after && !tt_words_take(w, "at"))
		return TT_OK;
	err = tt_words_quantity(w, after ? "after" : "at", times, 0, TT_DAY_US, &given_us);
	if (err)
		return err;
	*at_us = after ? before_us + given_us : given_us;
	if (*at_us < before_us)
		return tt_words_error(w, TT_EINVAL, "earlier than the step before; put the steps in order", (char *)NULL);
	return TT_OK;
}

static enum tt_err read_line(struct tt_scenario *sc, struct tt_words *w, unsigned line)
{
	struct tt_sim_step *step = &sc->steps[sc->nsteps];
	const int64_t before_us = sc->nsteps > 0 ? step[-1].at_us : 0;
	enum tt_err err;

	if (!tt_words_left(w))
		return TT_OK;
	if (sc->repeat)
		return tt_words_error(w, TT_EINVAL, "nothing may follow 'repeat'", (char *)NULL);
	if (w->n == 1 && tt_words_take(w, "repeat")) {
		if (before_us == 0)
			return tt_words_error(w, TT_EINVAL, "'repeat' needs a step later than 0 s before it", (char *)NULL);
		sc->repeat = true;
		return TT_OK;
	}
	if (sc->nsteps == TT_SCENARIO_STEPS)
		return tt_words_error(w, TT_EFULL, "more than 256 steps; split the scenario", (char *)NULL);
	err = read_time(w, before_us, &step->at_us);
	if (err)
		return err;
	if (!tt_words_left(w))
		return tt_words_error(w, TT_EINVAL, "an action is missing after the time", (char *)NULL);
	step->line = line;
	step->text = w->word[w->at].s;
	step->text_len = (size_t)(w->end - step->text);
	err = read_action(w, &step->action);
	if (!err)
		sc->nsteps++;
	return err;
}

/* "line 3: " in front of what is there. */
static void prefix_line(struct tt_errmsg *msg, unsigned line)
{
	struct tt_errmsg why;
	struct tt_text t;

	if (!msg)
		return;
	why = *msg;
	t = tt_text_init(msg->text, sizeof(msg->text));
	tt_text_str(&t, "line ");
	tt_text_u64(&t, line);
	tt_text_str(&t, ": ");
	tt_text_str(&t, why.text);
}

enum tt_err tt_scenario_parse(const char *text, size_t len, struct tt_scenario *out, struct tt_errmsg *msg)
{
	unsigned line = 0;

	out->nsteps = 0;
	out->repeat = false;
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		const size_t n = end ? (size_t)(end - text) - at : len - at;
		struct tt_words w;
		enum tt_err err = tt_words_split(text + at, n, &w, msg);

		line++;
		if (!err)
			err = read_line(out, &w, line);
		if (err) {
			out->nsteps = 0;
			prefix_line(msg, line);
			return err;
		}
		at += n + 1;
	}
	return TT_OK;
}
