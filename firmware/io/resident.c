#include "firmware/io/resident.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

void tt_resident_trim(void)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	uintptr_t from = 0, to = 0;
	bool candidate = false;
	char line[512];

	(void)malloc_trim(0);
	while (maps && fgets(line, sizeof(line), maps)) {
		uintptr_t start, end;
		char access[5];
		unsigned long anonymous_kb;

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, access) == 3) {
			from = start;
			to = end;
			candidate = access[1] == '-' && access[3] == 'p' && strchr(line, '/');
		} else if (candidate && sscanf(line, "Anonymous: %lu", &anonymous_kb) == 1 && anonymous_kb == 0) {
			/* Never written, so a dropped page is read again from its file; relocated tables have pages of their own
			 * and are left alone. No read-around: what comes back is what is used, not its neighbourhood. */
			(void)madvise((void *)from, to - from, MADV_RANDOM);
			(void)madvise((void *)from, to - from, MADV_DONTNEED);
		}
	}
	if (maps)
		fclose(maps);
}
