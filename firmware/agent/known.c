#include "firmware/agent/known.h"

#include "firmware/proto/dtc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 320, LINE_BYTES = 64 };

static enum tt_err read_line(const char *line, struct tt_fault_watch *w)
{
	char code[8];
	unsigned ecu, status, mil;
	uint16_t dtc;

	if (sscanf(line, "%8x %7s %1u %1u", &ecu, code, &status, &mil) != 4 || tt_dtc_parse(code, strlen(code), &dtc) != TT_OK ||
	    status == 0 || status > (TT_FAULT_STORED | TT_FAULT_PENDING | TT_FAULT_PERMANENT) || mil > 1)
		return TT_ECORRUPT;
	tt_fault_watch_restore(w, ecu, dtc, (uint8_t)status, mil == 1);
	return TT_OK;
}

enum tt_err tt_known_load(const char *path, uint64_t epoch, struct tt_fault_watch *w)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	uint64_t of_epoch;
	enum tt_err err = TT_ECORRUPT;

	if (!f)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	if (fgets(line, sizeof(line), f) && sscanf(line, "telltale-faults 1 %" SCNx64, &of_epoch) == 1)
		err = of_epoch == epoch ? TT_OK : TT_ENOTFOUND;
	while (!err && fgets(line, sizeof(line), f))
		err = read_line(line, w);
	fclose(f);
	return err;
}

static bool write_all(FILE *f, uint64_t epoch, const struct tt_fault_watch *w)
{
	fprintf(f, "telltale-faults 1 %016" PRIx64 "\n", epoch);
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		const struct tt_fault *fault = &w->faults[i];
		char code[TT_DTC_TEXT];

		if (!fault->used || !fault->told || fault->told_status == 0)
			continue;
		tt_dtc_text(fault->code, code);
		fprintf(f, "%X %s %u %u\n", fault->ecu, code, fault->told_status, fault->told_mil);
	}
	return fflush(f) == 0 && fdatasync(fileno(f)) == 0;
}

enum tt_err tt_known_save(const char *path, uint64_t epoch, const struct tt_fault_watch *w)
{
	char tmp[PATH_BYTES];
	const int n = snprintf(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = n > 0 && (size_t)n < sizeof(tmp) ? fopen(tmp, "we") : NULL;
	bool good;

	if (!f)
		return TT_EIO;
	good = write_all(f, epoch, w);
	good = fclose(f) == 0 && good;
	if (good && rename(tmp, path) == 0)
		return TT_OK;
	good = errno == ENOSPC;
	(void)unlink(tmp);
	return good ? TT_ENOSPC : TT_EIO;
}
