/*
 * DBC databases: read from text into the caller's arena. PURE. The compiled decode plan is dbc_plan.h.
 *
 * Understood: BO_, SG_ (both byte orders, signed, factor, offset, range, unit, multiplexors M, mN, and mNM with SG_MUL_VAL_), VAL_ and
 * VAL_TABLE_, SIG_VALTYPE_ (IEEE floats), and of the attributes VFrameFormat and ProtocolType. Everything else (comments, other attributes,
 * groups, environment variables) is skipped with its strings, however long. Line ends may be LF or CRLF. Text that is not UTF-8 is taken as
 * Windows-1252, so that names and units come out as UTF-8. Messages of VECTOR__INDEPENDENT_SIG_MSG are left out. The format has no public
 * standard; the reading follows files in the field.
 *
 * Memory: everything is carved from the arena; nothing points into the text. Threads: a read database may be shared.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_H
#define TT_FIRMWARE_PROTO_DBC_H

#include "base/err.h"

#include <stdint.h>

struct tt_dbc_arena {
	uint8_t *p;
	size_t cap, used;
};

/* A decimal number as written: mantissa * 10^exponent, and the nearest double. */
struct tt_dbc_number {
	double value;
	int64_t mantissa;
	int16_t exponent;
	bool exact; /* mantissa holds all digits */
};

enum tt_dbc_type { TT_DBC_INT, TT_DBC_FLOAT, TT_DBC_DOUBLE };
enum { TT_DBC_NO_MUX = -1 };

struct tt_dbc_range {
	uint32_t low, high;
};

struct tt_dbc_choice {
	int64_t raw;
	const char *text;
};

struct tt_dbc_signal {
	const char *name; /* NUL-terminated, as all strings here */
	const char *unit; /* "" without one */
	uint16_t start;   /* bit as the file counts: LSB of little-endian signals, MSB of big-endian ones */
	uint8_t size;     /* bits, 1..64; 0 only when broken */
	bool big_endian, is_signed, is_mux;
	enum tt_dbc_type type;
	struct tt_dbc_number factor, offset;
	double min, max;  /* both 0 = not given */
	int16_t mux;      /* index of the multiplexor in this message, or TT_DBC_NO_MUX */
	uint16_t nranges; /* values of the multiplexor with which the signal is there */
	const struct tt_dbc_range *ranges;
	uint32_t nchoices;
	const struct tt_dbc_choice *choices;
	uint32_t line;      /* where it stands in the file, or what is wrong with it */
	const char *broken; /* why it cannot be decoded (tt_dbc_read only); NULL = it can */
	uint32_t user;      /* the caller's number; 0 = not mapped, see dbc_plan.h */
};

struct tt_dbc_message {
	const char *name;
	uint32_t key;   /* identifier, bit 31 set for 29-bit ones: tt_can_key() */
	uint16_t bytes; /* as declared; J1939 files go beyond 64, such signals are read but never in a frame */
	bool fd;        /* VFrameFormat says CAN FD */
	bool j1939;     /* VFrameFormat or ProtocolType says J1939: the source address in the identifier means nothing */
	uint16_t nsignals;
	uint32_t line;      /* where it stands in the file */
	const char *broken; /* why it cannot be used (tt_dbc_read only); NULL = it can. Its key is then TT_DBC_NO_KEY */
	struct tt_dbc_signal *signals;
};

#define TT_DBC_NO_KEY UINT32_MAX

struct tt_dbc {
	struct tt_dbc_message *messages; /* sorted by key, then by line */
	uint32_t nmessages;
	uint32_t nnodes, ntables; /* of BU_ and VAL_TABLE_ */
};

/* why is static text; line counts from 1; detail is the word it stumbled over, cut to fit, in the file's own encoding. */
struct tt_dbc_fault {
	const char *why;
	uint32_t line;
	bool warning; /* decoding does not suffer */
	char detail[64];
};
typedef void (*tt_dbc_told_fn)(void *ctx, const struct tt_dbc_fault *fault);

/* Arena that tt_dbc_parse needs at most for this text, which it counts through once; an arena aligned for max_align_t loses nothing. */
size_t tt_dbc_arena_size(const char *text, size_t len);

/*
 * fault may be NULL; written on failure only.
 * Errors: TT_EINVAL: not a DBC, with line and reason. TT_ERANGE: a number out of range (bit outside its message, size 0 or above 64).
 * TT_EEXIST: two messages of one identifier, or two signals of one name in a message. TT_EFULL: more than 1024 signals in a message.
 * TT_ENOMEM: the arena is too small.
 */
TT_MUSTCHECK enum tt_err tt_dbc_parse(const char *text, size_t len, struct tt_dbc_arena *arena, struct tt_dbc *out,
				      struct tt_dbc_fault *fault);

/*
 * As files in the field need it: what is wrong is told and left out, and reading goes on with the next statement. A message or signal that
 * was left out for a fault of its own stays findable by name, with `broken` saying why; of two messages with one identifier, both stay.
 * Errors: TT_ENOMEM: the arena is too small.
 */
TT_MUSTCHECK enum tt_err tt_dbc_read(const char *text, size_t len, struct tt_dbc_arena *arena, tt_dbc_told_fn told, void *ctx,
				     struct tt_dbc *out);

/* By name, exact; NULL when there is none. */
struct tt_dbc_message *tt_dbc_message_by_name(const struct tt_dbc *dbc, const char *name);
struct tt_dbc_signal *tt_dbc_signal_by_name(const struct tt_dbc_message *message, const char *name);
/* Text of a raw value, or NULL. */
const char *tt_dbc_choice_text(const struct tt_dbc_signal *signal, int64_t raw);

#endif
