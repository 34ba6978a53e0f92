/*
 * What a telemetry sample costs on the wire. Reads recordings (tests/bench/data/make_drive.py tells the format), cuts them into chunks as
 * the agent does, and prints one line a recording and chunk length: samples, bytes and bytes a sample of whole stamped envelopes, and next
 * to it what the same samples cost as plain protobuf messages (signal, relative time and a double each, the usual way), and those through
 * zlib.
 *
 *     bench_chunk FILE...
 */
#include "base/cursor.h"
#include "base/time.h"
#include "wire/chunk.h"
#include "wire/envelope.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SAMPLES_MAX = 1 << 20, NAIVE_MAX = TT_CHUNK_MAX_SAMPLES * 32 };

static const tt_utc_us epoch_start = INT64_C(1795312800000000);
static struct tt_sample recording[SAMPLES_MAX];

struct sums {
	uint64_t samples, chunks, ours, naive, naive_zlib;
	int64_t encode_us;
};

static size_t read_recording(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];
	size_t n = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		char *at = line;
		const long long ms = strtoll(at, &at, 10);

		while (*at == ' ' && n < SAMPLES_MAX) {
			const unsigned long number = strtoul(at, &at, 10);

			if (*at != '=' || number > UINT16_MAX) {
				fprintf(stderr, "%s: cannot read: %s", path, line);
				exit(1);
			}
			recording[n++] = (struct tt_sample){
				.at_us = epoch_start + TT_MS(ms), .signal = (uint16_t)number, .value = strtoll(at + 1, &at, 10)};
		}
	}
	fclose(f);
	return n;
}

/* message { uint32 signal = 1; sint64 relative_ms = 2; double value = 3; } in a repeated field: about 17 bytes. */
static enum tt_err write_naive(struct tt_wr *w, const struct tt_sample *s, tt_utc_us start)
{
	uint8_t one[32];
	const double value = (double)s->value;
	struct tt_wr m = tt_wr_init(one, sizeof(one));

	if (tt_wr_u8(&m, 1 << 3) || tt_wr_varint(&m, s->signal) || tt_wr_u8(&m, 2 << 3) ||
	    tt_wr_varint(&m, tt_zigzag((s->at_us - start) / 1000)) || tt_wr_u8(&m, 3 << 3 | 1) || tt_wr_bytes(&m, &value, sizeof(value)) ||
	    tt_wr_u8(w, 1 << 3 | 2) || tt_wr_varint(w, m.used))
		return TT_EFULL;
	return tt_wr_bytes(w, one, m.used);
}

static void add_naive(const struct tt_sample *samples, size_t n, struct sums *sums)
{
	static uint8_t raw[NAIVE_MAX], packed[NAIVE_MAX + NAIVE_MAX / 8];
	struct tt_wr w = tt_wr_init(raw, sizeof(raw));
	uLongf len = sizeof(packed);

	for (size_t i = 0; i < n; i++)
		TT_ASSERT(!write_naive(&w, &samples[i], samples[0].at_us));
	TT_ASSERT(compress2(packed, &len, raw, (uLong)w.used, 6) == Z_OK);
	sums->naive += w.used;
	sums->naive_zlib += len;
}

static enum tt_err count_sample(void *ctx, const struct tt_sample *s)
{
	(void)s;
	++*(size_t *)ctx;
	return TT_OK;
}

/* The chunk in an envelope, as it goes out; read back, so that what is measured is known to be readable. */
static void add_chunk(struct tt_chunk *c, struct sums *sums)
{
	static uint8_t columns[TT_CHUNK_MAX_ENCODED], bytes[TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT, *back = NULL;
	Telltale__V1__TelemetryChunk body = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	struct tt_errmsg why;
	size_t len = 0, seen = 0;
	const tt_mono_us before = tt_mono_now();

	TT_ASSERT(!tt_chunk_encode(c, columns, sizeof(columns), &body.columns.len, &body.start_us, &body.samples, &body.raw_bytes));
	sums->encode_us += tt_mono_now() - before;
	body.columns.data = columns;
	body.encoding = TT_CHUNK_ENCODING;
	env.schema = TT_SCHEMA;
	env.class_ = (Telltale__V1__EventClass)TT_CLASS_BULK;
	env.created_at_us = epoch_start;
	env.uptime_us = TT_SEC(3600);
	env.clock = (Telltale__V1__ClockQuality)TT_CLOCK_GNSS;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	env.telemetry = &body;
	TT_ASSERT(!tt_envelope_encode(&env, bytes, sizeof(bytes), &len));
	TT_ASSERT(!tt_envelope_stamp(bytes, sizeof(bytes), &len, UINT64_MAX, 100000, 99990));
	TT_ASSERT(!tt_envelope_decode(bytes, len, TT_CLASS_BULK, &back, &why));
	TT_ASSERT(!tt_chunk_decode(back->telemetry->columns.data, back->telemetry->columns.len, back->telemetry->start_us,
				   back->telemetry->samples, back->telemetry->raw_bytes, count_sample, &seen));
	TT_ASSERT(seen == tt_chunk_count(c));
	tt_envelope_free(back);
	sums->ours += len;
	sums->samples += seen;
	sums->chunks++;
}

static struct sums measure(size_t n, int64_t chunk_us)
{
	struct sums sums = {0};
	struct tt_chunk *c = NULL;
	size_t from = 0;

	TT_ASSERT(!tt_chunk_create(&c));
	for (size_t i = 0; i <= n; i++) {
		if (i == n || recording[i].at_us - recording[from].at_us >= chunk_us || tt_chunk_add(c, &recording[i]) == TT_EFULL) {
			add_chunk(c, &sums);
			add_naive(recording + from, i - from, &sums);
			tt_chunk_reset(c);
			from = i;
			if (i < n)
				TT_ASSERT(!tt_chunk_add(c, &recording[i]));
		}
	}
	tt_chunk_destroy(c);
	return sums;
}

int main(int argc, char **argv)
{
	static const int seconds[] = {10, 30, 60};

	if (argc < 2) {
		fprintf(stderr, "usage: bench_chunk FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		const size_t n = read_recording(argv[i]);

		for (size_t k = 0; n > 0 && k < sizeof(seconds) / sizeof(seconds[0]); k++) {
			const struct sums s = measure(n, TT_SEC(seconds[k]));
			const double d = (double)s.samples;

			printf("file=%s chunk_s=%d samples=%" PRIu64 " chunks=%" PRIu64 " bytes=%" PRIu64
			       " bytes_per_sample=%.2f naive_protobuf=%.2f naive_zlib=%.2f encode_us_per_chunk=%.0f\n",
			       slash ? slash + 1 : argv[i], seconds[k], s.samples, s.chunks, s.ours, (double)s.ours / d,
			       (double)s.naive / d, (double)s.naive_zlib / d, (double)s.encode_us / (double)s.chunks);
		}
	}
	return 0;
}
