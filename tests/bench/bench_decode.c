/*
 * Decode speed of the DBC plan: nanoseconds of the processor a frame and a signal, every signal mapped; beside it the plain way (messages
 * searched one after the other, signals put together bit by bit), which must find the same raw values, and the parameters of an OBD
 * response. With several files a pair of rows each. The ways take turns, and of each the best turn counts: others use this machine too.
 * usage: bench_decode [--frames N] FILE.dbc...
 */
#include "firmware/proto/dbc_plan.h"
#include "firmware/proto/obd.h"
#include "firmware/proto/obd_pids.h"

#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a run found: both ways must agree on signals and raw. */
struct tally {
	uint64_t signals, raw;
	double value, ns;
};

enum { TEXT_MAX = 1 << 20, FRAMES_DEFAULT = 2000000, VALUES = 1024, RING = 1024, TURNS = 5 };

/* Nanoseconds of the processor this program has had. */
static double spent_ns(void)
{
	return (double)clock() * (1e9 / CLOCKS_PER_SEC);
}

/* Of equal turns: all found the same. */
static void keep_best(struct tally *best, const struct tally *turn, int n)
{
	if (n == 0 || turn->ns < best->ns)
		*best = *turn;
}

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

		ring[i] = (struct tt_can_frame){
			.id = key & TT_CAN_EFF_MASK, .extended = key >> 31, .len = (uint8_t)dbc->messages[i % dbc->nmessages].bytes};
		ring[i].fd = ring[i].len > 8;
		for (uint32_t k = 0; k < ring[i].len; k++)
			ring[i].data[k] = (uint8_t)(i * 37 + k * 101);
	}
}

static int64_t plain_raw(const struct tt_dbc_signal *s, const struct tt_can_frame *f)
{
	unsigned bit = s->start;
	uint64_t raw = 0;

	for (unsigned i = 0; i < s->size; i++) {
		const uint64_t one = (unsigned)f->data[bit / 8] >> bit % 8 & 1U;

		raw |= one << (s->big_endian ? s->size - 1U - i : i);
		/* a DBC counts big-endian signals down within a byte, then from the top of the next */
		bit = !s->big_endian ? bit + 1 : bit % 8 == 0 ? bit + 15 : bit - 1;
	}
	if (s->is_signed && s->size < 64 && raw >> (s->size - 1) & 1)
		raw |= UINT64_MAX << s->size;
	return (int64_t)raw;
}

static bool plain_present(const struct tt_dbc_message *m, const struct tt_dbc_signal *s, const struct tt_can_frame *f)
{
	const struct tt_dbc_signal *mux = s->mux == TT_DBC_NO_MUX ? NULL : &m->signals[s->mux];

	if (!mux)
		return true;
	for (unsigned i = 0; i < s->nranges; i++) {
		const int64_t at = plain_raw(mux, f);

		if (at >= (int64_t)s->ranges[i].low && at <= (int64_t)s->ranges[i].high)
			return plain_present(m, mux, f);
	}
	return false;
}

static void plain_decode(const struct tt_dbc *dbc, const struct tt_can_frame *f, struct tally *t)
{
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		const struct tt_dbc_message *m = &dbc->messages[i];

		for (unsigned k = 0; m->key == tt_can_key(f) && k < m->nsignals; k++) {
			const struct tt_dbc_signal *s = &m->signals[k];

			if (!plain_present(m, s, f))
				continue;
			const int64_t raw = plain_raw(s, f);

			t->signals++;
			t->raw += (uint64_t)raw;
			t->value += (double)raw * s->factor.value + s->offset.value;
		}
	}
}

static struct tally run_plan(const struct tt_dbc_plan *plan, const struct tt_can_frame ring[RING], int64_t frames)
{
	static struct tt_dbc_value values[VALUES];
	struct tally t = {0};
	const double start = spent_ns();

	for (int64_t i = 0; i < frames; i++) {
		const size_t n = tt_dbc_plan_decode(plan, &ring[i % RING], values, VALUES);

		t.signals += n;
		for (size_t k = 0; k < n; k++) {
			t.raw += (uint64_t)values[k].raw;
			t.value += values[k].value;
		}
	}
	t.ns = spent_ns() - start;
	return t;
}

static struct tally run_plain(const struct tt_dbc *dbc, const struct tt_can_frame ring[RING], int64_t frames)
{
	struct tally t = {0};
	const double start = spent_ns();

	for (int64_t i = 0; i < frames; i++)
		plain_decode(dbc, &ring[i % RING], &t);
	t.ns = spent_ns() - start;
	return t;
}

/* Six parameters in one response, as a tester asks for them: load, coolant, speed of engine and car, throttle, voltage. */
static struct tally run_obd(int64_t responses)
{
	uint8_t msg[] = {0x41, 0x04, 0x80, 0x05, 0x7B, 0x0C, 0x1A, 0xF8, 0x0D, 0x32, 0x11, 0x40, 0x42, 0x36, 0xB0};
	struct tally t = {0};
	const double start = spent_ns();

	for (int64_t i = 0; i < responses; i++) {
		struct tt_obd_item item;
		struct tt_obd_value value;
		uint8_t service;
		struct tt_rd r;

		msg[2] = (uint8_t)i;
		if (tt_obd_items_begin(msg, sizeof(msg), &r, &service))
			break;
		while (tt_obd_items_next(&r, service, &item) == TT_OK) {
			if (tt_obd_pid_value(item.pid, item.data, item.len, 0, &value))
				continue;
			t.signals++;
			t.value += (double)value.value_milli;
		}
	}
	t.ns = spent_ns() - start;
	return t;
}

static void print_row(const char *name, int64_t frames, const struct tally *t, double ratio)
{
	printf("decode: %-28s %9.1f ns/frame %8.2f ns/signal", name, t->ns / (double)frames, t->ns / (double)(t->signals ? t->signals : 1));
	if (ratio > 0)
		printf("   %.1f times the plan", ratio);
	printf("\n");
}

static int bench_file(const char *path, int64_t frames)
{
	static struct tt_can_frame ring[RING];
	const char *slash = strrchr(path, '/');
	struct tt_dbc dbc;
	struct tt_dbc_plan plan;
	char name[64];

	if (load(path, &dbc, &plan) || dbc.nmessages == 0) {
		fprintf(stderr, "bench_decode: %s cannot be used\n", path);
		return 2;
	}
	struct tally compiled = {0}, plain = {0};

	fill_ring(&dbc, ring);
	for (int n = 0; n < TURNS; n++) {
		const struct tally a = run_plan(&plan, ring, frames), b = run_plain(&dbc, ring, frames);

		keep_best(&compiled, &a, n);
		keep_best(&plain, &b, n);
	}
	(void)snprintf(name, sizeof(name), "plan, %s", slash ? slash + 1 : path);
	print_row(name, frames, &compiled, 0);
	print_row("plain, bit by bit", frames, &plain, plain.ns / compiled.ns);
	if (compiled.signals == plain.signals && compiled.raw == plain.raw)
		return 0;
	fprintf(stderr, "bench_decode: %s: the ways disagree: %llu and %llu signals, values %g and %g\n", path,
		(unsigned long long)compiled.signals, (unsigned long long)plain.signals, compiled.value, plain.value);
	return 1;
}

int main(int argc, char *argv[])
{
	int64_t frames = FRAMES_DEFAULT;
	int first = 1, status = 0;
	struct tally obd = {0};

	if (argc > 2 && strcmp(argv[1], "--frames") == 0) {
		if (tt_parse_i64(argv[2], strlen(argv[2]), &frames) || frames < 1)
			frames = 0;
		first = 3;
	}
	if (first >= argc || frames == 0) {
		fprintf(stderr, "usage: bench_decode [--frames N] FILE.dbc...\n");
		return 2;
	}
	frames = frames / TURNS > 0 ? frames / TURNS : 1;
	for (int i = first; i < argc && status == 0; i++)
		status = bench_file(argv[i], frames);
	for (int n = 0; n < TURNS; n++) {
		const struct tally turn = run_obd(frames);

		keep_best(&obd, &turn, n);
	}
	print_row("OBD response of 6 parameters", frames, &obd, 0);
	return status || obd.signals == 6 * (uint64_t)frames ? status : 1;
}
