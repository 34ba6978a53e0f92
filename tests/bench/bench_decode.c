/*
 * Decode speed of the DBC plan: nanoseconds a frame and a signal, every signal mapped.
 * usage: bench_decode FILE.dbc [frames]
 */
#include "firmware/proto/dbc_plan.h"

#include "base/text.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, FRAMES_DEFAULT = 2000000, VALUES = 1024, RING = 1024 };

static enum tt_err load(const char *path, struct tt_dbc *dbc, struct tt_dbc_plan *plan)
{
	static char text[TEXT_MAX];
	FILE *f = fopen(path, "rb");
	struct tt_dbc_fault fault;
	struct tt_dbc_arena arena;
	size_t len;

	if (!f)
		return TT_EIO;
	len = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	arena.cap = 2 * tt_dbc_arena_size(text, len);
	arena.used = 0;
	arena.p = malloc(arena.cap); /* until the program ends */
	if (!arena.p)
		return TT_ENOMEM;
	enum tt_err err = tt_dbc_parse(text, len, &arena, dbc, &fault);

	return err ? err : tt_dbc_plan_build(dbc, TT_DBC_PLAN_ALL, &arena, plan);
}

/* Frames as a receive ring holds them: other contents each time, written long before they are read. */
static void fill_ring(const struct tt_dbc *dbc, struct tt_can_frame ring[RING])
{
	for (uint32_t i = 0; i < RING; i++) {
		const uint32_t key = dbc->messages[i % dbc->nmessages].key;

		ring[i] = (struct tt_can_frame){.id = key & TT_CAN_EFF_MASK, .extended = key >> 31, .len = 8};
		for (uint32_t k = 0; k < ring[i].len; k++)
			ring[i].data[k] = (uint8_t)(i * 37 + k * 101);
	}
}

int main(int argc, char *argv[])
{
	static struct tt_dbc_value values[VALUES];
	static struct tt_can_frame ring[RING];
	int64_t frames = FRAMES_DEFAULT;
	struct tt_dbc dbc;
	struct tt_dbc_plan plan;
	double sum = 0;
	size_t signals = 0;

	if (argc < 2 || load(argv[1], &dbc, &plan) || dbc.nmessages == 0 ||
	    (argc > 2 && (tt_parse_i64(argv[2], strlen(argv[2]), &frames) || frames < 1))) {
		fprintf(stderr, "usage: bench_decode FILE.dbc [frames]\n");
		return 2;
	}
	fill_ring(&dbc, ring);
	const tt_mono_us start = tt_mono_now();

	for (int64_t i = 0; i < frames; i++) {
		const size_t n = tt_dbc_plan_decode(&plan, &ring[i % RING], values, VALUES);

		signals += n;
		sum += n ? values[n - 1].value : 0;
	}
	const double ns = (double)(tt_mono_now() - start) * 1000;

	printf("decode: %.1f ns/frame, %.2f ns/signal, %zu signals of %lld frames (checksum %g)\n", ns / (double)frames,
	       ns / (double)(signals ? signals : 1), signals, (long long)frames, sum);
	return 0;
}
