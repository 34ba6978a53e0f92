/*
 * ISO 15765-2 on the wire: plays the exchanges of text files against our transport, apart from its unit tests. usage: conformance_isotp
 * FILE...
 *
 *     case CLAUSE WHAT                one exchange, from time 0; the clause of ISO 15765-2:2016 is its name's first word
 *     link [NAME] KEY[=VALUE]...      tx=7E0 rx=7E8 (hex, 29bit) addr=TT/SS fd brs dl=8 bs=0 stmin=00 (hex) wftmax=N confirm cap=4095 nopad
 *                                     as= ar= bs_ms= br= cs= cr= gap= (ms); without any: 7E0/7E8, padded with CC
 *     [t=MS] rx FRAME                 a frame comes; FRAME as candump writes it, `..` at the end: padded with CC to 8 bytes
 *     [t=MS] send [NAME] DATA         DATA in hex, or N* for the N bytes 00 01 02 ...
 *     [t=MS] hold|release [NAME]      [t=MS] left [NAME]: the bus has taken the last frame
 *     [t=MS] expect tx FRAME          exactly this frame leaves now
 *     [t=MS] expect message|sent|error [NAME] DATA|N_xx        the next event
 *     [t=MS] expect nothing           neither frame nor event now
 *     [t=MS] expect ignored N         frames that the standard tells to ignore, since the case began
 *     [t=MS] peer-sends DATA [dl=N]   a whole message in frames of N bytes, waiting for our flow control as it must
 *     [t=MS] peer-takes DATA [dl=N]   a whole message of ours is taken with flow control 30 00 00, and must be this one
 *     abandon                         what is under way may stay so
 *
 * What happens and is not expected fails the case. One line a failure; exit status 1.
 */
#include "base/text.h"
#include "firmware/proto/candump.h"
#include "firmware/proto/isotp.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS = 4, LINE = 1024, WORDS = 40, DATA_MAX = 70000, PAD = 0xCC };

struct link {
	char name[16];
	struct tt_isotp t;
	uint8_t buf[DATA_MAX], sending[DATA_MAX];
};

static struct {
	struct link links[LINKS];
	size_t nlinks;
	tt_mono_us now;
	char name[LINE];
	const char *file;
	unsigned line, cases, failed;
	bool begun, bad, abandoned;
} run;

static void __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	if (!run.bad)
		run.failed++;
	run.bad = true;
	printf("%s:%u: %s: ", run.file, run.line, run.name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* ---- words ---- */

static size_t read_data(const char *word, uint8_t *out)
{
	const char *star = strchr(word, '*');
	size_t n = 0;

	if (star) {
		n = strtoul(word, NULL, 10);
		for (size_t i = 0; i < n && n <= DATA_MAX; i++)
			out[i] = (uint8_t)i;
	} else {
		for (unsigned v; word[0] && word[1] && sscanf(word, "%2x", &v) == 1; word += 2)
			out[n++] = (uint8_t)v;
	}
	if (n == 0 || n > DATA_MAX)
		fail("bad data '%s'", word);
	return n > DATA_MAX ? 0 : n;
}

static struct tt_can_frame read_frame(const char *word)
{
	struct tt_candump c = {0};
	struct tt_candump_fault fault = {.why = ""};
	char line[LINE];
	size_t n = strlen(word);
	const bool padded = n > 2 && strcmp(word + n - 2, "..") == 0;

	(void)snprintf(line, sizeof(line), "(0.000000) can0 %.*s", (int)(n - (padded ? 2 : 0)), word);
	if (tt_candump_parse(line, strlen(line), &c, &fault))
		fail("bad frame '%s': %s", word, fault.why);
	for (; padded && c.frame.len < 8; c.frame.len++)
		c.frame.data[c.frame.len] = PAD;
	c.frame.bus = 0;
	return c.frame;
}

static struct link *find_link(const char *name)
{
	for (size_t i = 0; i < run.nlinks; i++) {
		if (strcmp(run.links[i].name, name) == 0)
			return &run.links[i];
	}
	return NULL;
}

/* The link that the word names, and then *at moves on; else the first. */
static struct link *named(char **words, size_t nwords, size_t *at)
{
	struct link *l = *at < nwords ? find_link(words[*at]) : NULL;

	if (l)
		++*at;
	return l ? l : &run.links[0];
}

/* ---- links ---- */

static bool link_number(struct tt_isotp_config *c, const char *key, const char *value, size_t *cap)
{
	const struct {
		const char *key;
		int64_t *us;
	} times[] = {{"as", &c->n_as_us}, {"ar", &c->n_ar_us}, {"bs_ms", &c->n_bs_us},  {"br", &c->n_br_us},
		     {"cs", &c->n_cs_us}, {"cr", &c->n_cr_us}, {"gap", &c->wait_gap_us}};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (strcmp(times[i].key, key) == 0) {
			*times[i].us = TT_MS(strtol(value, NULL, 10));
			return true;
		}
	}
	if (strcmp(key, "tx") == 0)
		c->tx_id = (uint32_t)strtoul(value, NULL, 16);
	else if (strcmp(key, "rx") == 0)
		c->rx_id = (uint32_t)strtoul(value, NULL, 16);
	else if (strcmp(key, "bs") == 0)
		c->block_size = (uint8_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "stmin") == 0)
		c->st_min = (uint8_t)strtoul(value, NULL, 16);
	else if (strcmp(key, "wftmax") == 0)
		c->wait_max = (uint8_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "dl") == 0)
		c->tx_dl = (uint8_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "cap") == 0)
		*cap = strtoul(value, NULL, 10);
	else
		return false;
	return true;
}

static bool link_option(struct tt_isotp_config *c, char *word, size_t *cap)
{
	const struct {
		const char *word;
		bool *flag, value;
	} flags[] = {{"29bit", &c->extended, true},
		     {"fd", &c->fd, true},
		     {"brs", &c->brs, true},
		     {"confirm", &c->confirm, true},
		     {"nopad", &c->pad, false}};
	char *equals = strchr(word, '=');
	unsigned target, source;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].word, word) == 0) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	}
	if (!equals)
		return false;
	*equals = '\0';
	if (strcmp(word, "addr") != 0)
		return link_number(c, word, equals + 1, cap);
	c->addressed = sscanf(equals + 1, "%2x/%2x", &target, &source) == 2;
	c->tx_address = (uint8_t)target;
	c->rx_address = (uint8_t)source;
	return c->addressed;
}

static void on_link(char **words, size_t nwords)
{
	struct tt_isotp_config c = {.tx_id = 0x7E0, .rx_id = 0x7E8, .pad = true, .pad_byte = PAD};
	struct link *l = &run.links[run.nlinks];
	size_t cap = TT_ISOTP_MAX, at = 1;

	if (run.nlinks == LINKS) {
		fail("more than %d links", LINKS);
		return;
	}
	l->name[0] = '\0';
	if (nwords > 1 && words[1][0] >= 'A' && words[1][0] <= 'Z')
		(void)snprintf(l->name, sizeof(l->name), "%s", words[at++]);
	for (; at < nwords; at++) {
		if (!link_option(&c, words[at], &cap))
			fail("bad option '%s'", words[at]);
	}
	tt_isotp_init(&l->t, &c, l->buf, cap);
	run.nlinks++;
}

/* ---- what happened ---- */

static void expect_no_event(void)
{
	struct tt_isotp_event e;

	for (size_t i = 0; i < run.nlinks; i++) {
		while (tt_isotp_next_event(&run.links[i].t, &e)) {
			if (!run.abandoned)
				fail("event nobody expected: %s", e.kind == TT_ISOTP_MESSAGE ? "message"
								  : e.kind == TT_ISOTP_SENT  ? "sent"
											     : tt_isotp_failure_name(e.why));
		}
	}
}

static bool next_frame(struct tt_can_frame *f)
{
	for (size_t i = 0; i < run.nlinks; i++) {
		if (tt_isotp_next_tx(&run.links[i].t, run.now, f))
			return true;
	}
	return false;
}

static void expect_no_frame(void)
{
	struct tt_can_frame f;

	if (next_frame(&f))
		fail("frame nobody expected: %X, %u bytes, %02X %02X ...", f.id, f.len, f.data[0], f.data[1]);
}

static void expect_tx(const char *word)
{
	const struct tt_can_frame want = read_frame(word);
	struct tt_can_frame f;

	if (!next_frame(&f))
		fail("no frame, wanted %s", word);
	else if (f.id != want.id || f.extended != want.extended || f.fd != want.fd || f.brs != want.brs || f.len != want.len ||
		 memcmp(f.data, want.data, f.len) != 0)
		fail("wanted %s, got %X of %u bytes: %02X %02X %02X %02X ...", word, f.id, f.len, f.data[0], f.data[1], f.data[2],
		     f.data[3]);
}

static void expect_event(const char *what, char **words, size_t nwords)
{
	size_t at = 2;
	struct link *l = named(words, nwords, &at);
	static uint8_t want[DATA_MAX];
	struct tt_isotp_event e;
	size_t n;

	if (!tt_isotp_next_event(&l->t, &e)) {
		fail("no event, wanted %s", what);
	} else if (strcmp(what, "sent") == 0) {
		if (e.kind != TT_ISOTP_SENT)
			fail("not sent but %s", tt_isotp_failure_name(e.why));
	} else if (at >= nwords) {
		fail("expect %s what?", what);
	} else if (strcmp(what, "error") == 0) {
		if ((e.kind != TT_ISOTP_RX_FAILED && e.kind != TT_ISOTP_TX_FAILED) || strcmp(tt_isotp_failure_name(e.why), words[at]) != 0)
			fail("wanted %s, got %s", words[at], e.kind == TT_ISOTP_MESSAGE ? "a message" : tt_isotp_failure_name(e.why));
	} else {
		n = read_data(words[at], want);
		if (e.kind != TT_ISOTP_MESSAGE || e.len != n || memcmp(e.data, want, n) != 0)
			fail("not the message of %zu bytes", n);
	}
}

static void on_expect(char **words, size_t nwords)
{
	const char *what = nwords > 1 ? words[1] : "";

	if (strcmp(what, "nothing") == 0) {
		expect_no_event();
		expect_no_frame();
	} else if (strcmp(what, "tx") == 0 && nwords > 2) {
		expect_tx(words[2]);
	} else if (strcmp(what, "ignored") == 0 && nwords > 2) {
		if (run.links[0].t.ignored != strtoul(words[2], NULL, 10))
			fail("%u frames ignored, not %s", run.links[0].t.ignored, words[2]);
	} else if (strcmp(what, "message") == 0 || strcmp(what, "sent") == 0 || strcmp(what, "error") == 0) {
		expect_event(what, words, nwords);
	} else {
		fail("expect what?");
	}
}

/* ---- the peer ---- */

static void feed(const struct tt_can_frame *f)
{
	bool taken = false;

	expect_no_event();
	for (size_t i = 0; i < run.nlinks; i++)
		taken = tt_isotp_feed(&run.links[i].t, run.now, f) || taken;
	if (!taken)
		fail("no link takes %X", f->id);
}

static size_t option_dl(char **words, size_t nwords)
{
	return nwords > 2 && strncmp(words[2], "dl=", 3) == 0 ? strtoul(words[2] + 3, NULL, 10) : 8;
}

static struct tt_can_frame peer_frame(size_t dl)
{
	const struct tt_isotp_config *c = &run.links[0].t.config;

	return (struct tt_can_frame){.id = c->rx_id, .extended = c->extended, .fd = c->fd, .brs = c->brs, .len = (uint8_t)dl};
}

static void on_peer_sends(char **words, size_t nwords)
{
	static uint8_t data[DATA_MAX];
	const size_t n = read_data(words[1], data), dl = option_dl(words, nwords);
	struct tt_can_frame f = peer_frame(dl), fc;
	size_t head = 2, sent;

	f.data[0] = (uint8_t)(0x10 | (n <= 4095 ? n >> 8 : 0));
	f.data[1] = (uint8_t)(n <= 4095 ? n : 0);
	for (unsigned i = 0; n > 4095 && i < 4; i++)
		f.data[head++] = (uint8_t)(n >> (24 - 8 * i));
	memcpy(f.data + head, data, dl - head);
	feed(&f);
	sent = dl - head;
	if (!next_frame(&fc) || fc.data[0] != 0x30)
		fail("no flow control after the first frame");
	for (unsigned sequence = 1; sent < n && !run.bad; sequence++) {
		const size_t part = n - sent < dl - 1 ? n - sent : dl - 1;

		f = peer_frame(dl);
		f.data[0] = (uint8_t)(0x20 | (sequence & 0xF));
		memcpy(f.data + 1, data + sent, part);
		sent += part;
		feed(&f);
		(void)next_frame(&fc); /* after each block */
	}
}

static void on_peer_takes(char **words, size_t nwords)
{
	static uint8_t data[DATA_MAX], got[DATA_MAX + 64];
	const size_t n = read_data(words[1], data), dl = option_dl(words, nwords), head = n > 4095 ? 6 : 2;
	struct tt_can_frame f, fc = peer_frame(3);
	size_t have;

	fc.data[0] = 0x30;
	if (!next_frame(&f) || f.len != dl || f.data[0] >> 4 != 1) {
		fail("no first frame of %zu bytes", dl);
		return;
	}
	memcpy(got, f.data + head, dl - head);
	have = dl - head;
	feed(&fc);
	for (unsigned sequence = 1; have < n && next_frame(&f); sequence++) {
		if (f.data[0] != (0x20 | (sequence & 0xF)))
			fail("consecutive frame %u has %02X", sequence, f.data[0]);
		memcpy(got + have, f.data + 1, f.len - 1U);
		have += f.len - 1U;
	}
	if (have < n || memcmp(got, data, n) != 0)
		fail("the peer got something else");
}

/* ---- lines ---- */

static void end_case(void)
{
	if (run.begun && !run.bad) {
		expect_no_event();
		if (!run.abandoned)
			expect_no_frame();
	}
	run.begun = false;
}

static void begin_case(const char *name)
{
	end_case();
	(void)snprintf(run.name, sizeof(run.name), "%s", name);
	run.begun = true;
	run.bad = run.abandoned = false;
	run.nlinks = 0;
	run.now = TT_SEC(1000);
	run.cases++;
}

static void act(char **words, size_t nwords)
{
	size_t at = 1;
	struct link *l;

	if (run.nlinks == 0)
		on_link((char *[]){words[0]}, 1);
	l = named(words, nwords, &at);
	if (strcmp(words[0], "expect") == 0) {
		on_expect(words, nwords);
	} else if (strcmp(words[0], "rx") == 0 && nwords == 2) {
		const struct tt_can_frame f = read_frame(words[1]);

		feed(&f);
	} else if (strcmp(words[0], "send") == 0 && at < nwords) {
		const size_t n = read_data(words[at], l->sending);

		if (tt_isotp_send(&l->t, l->sending, n))
			fail("refused to send %zu bytes", n);
	} else if (strcmp(words[0], "hold") == 0 || strcmp(words[0], "release") == 0) {
		tt_isotp_hold(&l->t, run.now, words[0][0] == 'h');
	} else if (strcmp(words[0], "left") == 0) {
		tt_isotp_confirm(&l->t, run.now);
	} else if (strcmp(words[0], "peer-sends") == 0 && nwords > 1) {
		on_peer_sends(words, nwords);
	} else if (strcmp(words[0], "peer-takes") == 0 && nwords > 1) {
		on_peer_takes(words, nwords);
	} else {
		fail("unknown line '%s'", words[0]);
	}
}

static void set_time(const char *word)
{
	const tt_mono_us at = TT_SEC(1000) + (int64_t)(strtod(word, NULL) * 1000 + 0.5);

	if (at < run.now)
		fail("time goes backwards");
	expect_no_event();
	run.now = at;
	for (size_t i = 0; i < run.nlinks; i++)
		tt_isotp_tick(&run.links[i].t, run.now);
}

static void take_line(char *line)
{
	char *words[WORDS], *name = line + strlen("case ");
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "case ", strlen("case ")) == 0) {
		begin_case(name);
		return;
	}
	for (char *save = NULL, *word = strtok_r(line, " \t", &save); word && *word != '#' && n < WORDS;
	     word = strtok_r(NULL, " \t", &save))
		words[n++] = word;
	if (n == 0 || run.bad)
		return;
	if (!run.begun) {
		(void)snprintf(run.name, sizeof(run.name), "(no case)");
		fail("a line before the first case");
	} else if (strcmp(words[0], "link") == 0) {
		on_link(words, n);
	} else if (strcmp(words[0], "abandon") == 0) {
		run.abandoned = true;
	} else if (strncmp(words[0], "t=", 2) != 0) {
		act(words, n);
	} else if (n > 1) {
		set_time(words[0] + 2);
		act(words + 1, n - 1);
	}
}

int main(int argc, char *argv[])
{
	char line[LINE];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");

		if (!f) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 2;
		}
		run.file = argv[i];
		run.bad = false;
		for (run.line = 1; fgets(line, sizeof(line), f); run.line++)
			take_line(line);
		fclose(f);
		end_case();
	}
	printf("ISO-TP conformance: %u cases, %u failed\n", run.cases, run.failed);
	return run.failed > 0 || run.cases == 0;
}
