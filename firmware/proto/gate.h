/*
 * The one gate for frames we transmit: deny by default. PURE.
 *
 * A frame passes when a rule names its identifier, its protocol control byte and service are allowed there, and neither the rule's rate
 * nor the bus's budget is used up. Where several rules name the identifier, the first that allows the contents counts. Everything else is
 * refused and counted by reason; the caller reports, the gate never lets through.
 *
 * Memory: the caller's; the config must outlive the gate. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_GATE_H
#define TT_FIRMWARE_PROTO_GATE_H

#include "base/time.h"
#include "firmware/proto/can_frame.h"

enum { TT_GATE_RULES = 32, TT_GATE_SERVICES = 8, TT_GATE_BUSES = 8, TT_GATE_PGNS = 8, TT_GATE_NAME = 8 };

/* What a frame's content is judged by. */
enum tt_gate_kind {
	TT_GATE_ISOTP,         /* protocol control byte and service */
	TT_GATE_J1939_REQUEST, /* three bytes that name one of the rule's groups */
	TT_GATE_J1939_TP,      /* a receiver's CTS, acknowledgement or abort; never an announcement of our own */
	TT_GATE_J1939_CLAIM,   /* eight bytes: the rule's NAME */
};

/* Identifiers f with (f & mask) == id pass on to the service check. */
struct tt_gate_rule {
	uint32_t id, mask;
	bool extended;
	bool flow_control; /* ISO-TP flow control frames may go out here */
	bool segmented;    /* first and consecutive frames may go out here; the read-only default needs none */
	bool addressed;    /* ISO-TP extended or mixed addressing: the first byte must be `address`, contents follow */
	uint8_t address;
	uint8_t session;                    /* service 10 may ask for this session and for the default one (01); 0 = only that */
	uint8_t services[TT_GATE_SERVICES]; /* service identifiers allowed, ended by 0 */
	enum tt_gate_kind kind;
	uint32_t pgns[TT_GATE_PGNS]; /* of J1939 requests, ended by 0 */
	uint8_t name[TT_GATE_NAME];  /* of J1939 claims */
	uint16_t max_per_s;          /* frames a second of this rule; bursts up to the same number */
};

struct tt_gate_config {
	const struct tt_gate_rule *rules;
	size_t nrules;          /* at most TT_GATE_RULES */
	uint16_t bus_max_per_s; /* frames a second on each bus, all rules together */
};

/* Adds a service to a rule that has it not. TT_EFULL: the rule holds as many as it can. */
TT_MUSTCHECK enum tt_err tt_gate_rule_allow(struct tt_gate_rule *rule, uint8_t service);

/* Read-only OBD: 01 02 03 06 07 09 0A on 7DF, 7E0-7E7, 18DB33F1, 18DAxxF1; flow control on the physical ones; 40 frames a second a bus,
 * about 1 % of 500 kbit/s. */
extern const struct tt_gate_config tt_gate_read_only;

enum tt_gate_verdict {
	TT_GATE_PASS,
	TT_GATE_BAD_FRAME,  /* remote, error, FD, an identifier wider than its kind, or a bus number out of range */
	TT_GATE_IDENTIFIER, /* no rule names it */
	TT_GATE_CONTROL,    /* empty, too short, or a protocol control byte that is not allowed there */
	TT_GATE_SERVICE,    /* service not allowed there */
	TT_GATE_RATE,       /* the rule's rate is used up */
	TT_GATE_BUDGET,     /* the bus's budget is used up */
	TT_GATE_VERDICTS
};
/* Static text, never NULL. */
const char *tt_gate_verdict_text(enum tt_gate_verdict verdict);

struct tt_gate_bucket {
	int64_t owed_us; /* what frames have cost and time has not paid yet; one frame costs 1 s / rate */
	tt_mono_us at_us;
};

struct tt_gate {
	const struct tt_gate_config *config;
	struct tt_gate_bucket rules[TT_GATE_RULES], buses[TT_GATE_BUSES];
	struct {
		const struct tt_gate_rule *rule; /* that let the first frame through; NULL = no message yet */
		uint32_t key;
		uint8_t bus;
		uint16_t expected;         /* consecutive frames that may follow */
	} segment;                         /* the segmented message begun last */
	const struct tt_can_frame *opened; /* frames of the command being carried out; NULL = none */
	size_t nopened;
	uint64_t count[TT_GATE_VERDICTS];
};

/* TT_ERANGE when the config holds too many rules or a rate of 0. */
TT_MUSTCHECK enum tt_err tt_gate_init(struct tt_gate *g, const struct tt_gate_config *config);
TT_MUSTCHECK enum tt_gate_verdict tt_gate_check(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f);

/*
 * For as long as a command is being carried out, exactly these frames pass too: bus, identifier, length and every byte the same, within
 * the bus's budget, before any rule is asked. frames must stay until tt_gate_close.
 */
void tt_gate_open(struct tt_gate *g, const struct tt_can_frame *frames, size_t n);
void tt_gate_close(struct tt_gate *g);

#endif
