/*
 * What was told of each ECU: a small text file beside the journal, of the journal's epoch. One that cannot be read is as none: everything
 * is told again.
 */
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/atomic_file.h"

#include <inttypes.h>

enum { LINE_BYTES = 64 };

enum tt_err tt_ecu_reports_load(const char *path, uint64_t epoch, struct tt_ecu_reports *r)
{
	FILE *f;
	char line[LINE_BYTES];
	uint64_t of_epoch;
	enum tt_err err = tt_atomic_file_open(path, &f);

	if (err)
		return err;
	err = TT_ECORRUPT;
	if (fgets(line, sizeof(line), f) && sscanf(line, "telltale-ecus 1 %" SCNx64, &of_epoch) == 1)
		err = of_epoch == epoch ? TT_OK : TT_ENOTFOUND;
	while (!err && fgets(line, sizeof(line), f)) {
		uint32_t ecu, identity, verdicts;

		if (sscanf(line, "%8" SCNx32 " %8" SCNx32 " %8" SCNx32, &ecu, &identity, &verdicts) != 3 || ecu == 0)
			err = TT_ECORRUPT;
		else
			tt_ecu_reports_restore(r, ecu, identity, verdicts);
	}
	fclose(f);
	return err;
}

enum tt_err tt_ecu_reports_save(const char *path, uint64_t epoch, const struct tt_ecu_reports *r)
{
	struct tt_atomic_file out;
	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);

	if (err)
		return err;
	fprintf(out.f, "telltale-ecus 1 %016" PRIx64 "\n", epoch);
	for (unsigned i = 0; i < TT_ECU_REPORTS; i++) {
		const struct tt_ecu_report *e = &r->ecus[i];

		if (e->told_identity != 0 || e->told_verdicts != 0)
			fprintf(out.f, "%" PRIX32 " %08" PRIX32 " %08" PRIX32 "\n", e->ecu, e->told_identity, e->told_verdicts);
	}
	return tt_atomic_file_end(&out);
}
