#include "firmware/agent/known.h"

#include "firmware/agent/atomic_file.h"
#include "firmware/proto/fault_code.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_BYTES = 64 };

static enum tt_err read_line(const char *line, struct tt_fault_watch *w)
{
	struct tt_fault_before before;
	char code[TT_FAULT_CODE_TEXT];
	unsigned status, mil, lamps = 0;

	/* the lamps came later: a file of an older agent has none */
	if (sscanf(line, "%8x %15s %2u %1u %4x", &before.ecu, code, &status, &mil, &lamps) < 4 ||
	    tt_fault_code_parse(code, strlen(code), &before.protocol, &before.code) != TT_OK || status == 0 || status > TT_FAULT_ALL ||
	    mil > 1)
		return TT_ECORRUPT;
	before.status = (uint8_t)status;
	before.mil = mil == 1;
	before.lamps = (uint16_t)lamps;
	tt_fault_watch_restore(w, &before);
	return TT_OK;
}

enum tt_err tt_known_load(const char *path, uint64_t epoch, struct tt_fault_watch *w)
{
	FILE *f;
	char line[LINE_BYTES];
	uint64_t of_epoch;
	enum tt_err err = tt_atomic_file_open(path, &f);

	if (err)
		return err;
	err = TT_ECORRUPT;
	if (fgets(line, sizeof(line), f) && sscanf(line, "telltale-faults 1 %" SCNx64, &of_epoch) == 1)
		err = of_epoch == epoch ? TT_OK : TT_ENOTFOUND;
	while (!err && fgets(line, sizeof(line), f))
		err = read_line(line, w);
	fclose(f);
	return err;
}

enum tt_err tt_known_save(const char *path, uint64_t epoch, const struct tt_fault_watch *w)
{
	struct tt_atomic_file out;
	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);

	if (err)
		return err;
	fprintf(out.f, "telltale-faults 1 %016" PRIx64 "\n", epoch);
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		const struct tt_fault *fault = &w->faults[i];
		char code[TT_FAULT_CODE_TEXT];

		if (!fault->used || !fault->told || fault->told_status == 0)
			continue;
		tt_fault_code_text(fault->protocol, fault->code, code);
		fprintf(out.f, "%X %s %u %u %04X\n", fault->ecu, code, fault->told_status, fault->told_mil, fault->told_lamps);
	}
	return tt_atomic_file_end(&out);
}
