/*
 * What was told of each ECU: a small text file beside the journal, of the journal's epoch. Written whole to a neighbour and renamed. One
 * that cannot be read is as none: everything is told again.
 */
#include "firmware/agent/agent_obd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 320, LINE_BYTES = 64 };

enum tt_err tt_ecu_reports_load(const char *path, uint64_t epoch, struct tt_ecu_reports *r)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	uint64_t of_epoch;
	enum tt_err err = TT_ECORRUPT;

	if (!f)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
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
	char tmp[PATH_BYTES];
	const int n = snprintf(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = n > 0 && (size_t)n < sizeof(tmp) ? fopen(tmp, "we") : NULL;
	bool good;

	if (!f)
		return TT_EIO;
	fprintf(f, "telltale-ecus 1 %016" PRIx64 "\n", epoch);
	for (unsigned i = 0; i < TT_ECU_REPORTS; i++) {
		const struct tt_ecu_report *e = &r->ecus[i];

		if (e->told_identity != 0 || e->told_verdicts != 0)
			fprintf(f, "%" PRIX32 " %08" PRIX32 " %08" PRIX32 "\n", e->ecu, e->told_identity, e->told_verdicts);
	}
	good = fflush(f) == 0 && fdatasync(fileno(f)) == 0;
	good = fclose(f) == 0 && good;
	if (good && rename(tmp, path) == 0)
		return TT_OK;
	good = errno == ENOSPC;
	(void)unlink(tmp);
	return good ? TT_ENOSPC : TT_EIO;
}
