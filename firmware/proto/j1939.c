#include "firmware/proto/j1939.h"

#include <string.h>

enum { PRIORITY_REQUEST = 6, REQUEST_LEN = 3 };

bool tt_j1939_split(const struct tt_can_frame *f, struct tt_j1939_id *out)
{
	const uint32_t pgn = f->id >> 8 & TT_PGN_MAX;
	const bool pdu1 = tt_j1939_is_pdu1(pgn);

	if (!f->extended || f->rtr || f->error || f->fd || f->len > TT_J1939_SINGLE)
		return false;
	*out = (struct tt_j1939_id){.pgn = pdu1 ? pgn & 0x3FF00 : pgn,
				    .priority = f->id >> 26 & 7,
				    .source = f->id & 0xFF,
				    .dest = pdu1 ? pgn & 0xFF : TT_J1939_GLOBAL};
	return true;
}

uint32_t tt_j1939_join(const struct tt_j1939_id *id)
{
	const uint32_t pgn = tt_j1939_is_pdu1(id->pgn) ? (id->pgn & 0x3FF00) | id->dest : id->pgn;

	return (id->priority & 7U) << 26 | (pgn & TT_PGN_MAX) << 8 | id->source;
}

void tt_j1939_frame(const struct tt_j1939_id *id, uint8_t bus, const uint8_t *data, uint8_t len, struct tt_can_frame *out)
{
	*out = (struct tt_can_frame){.id = tt_j1939_join(id), .extended = true, .bus = bus, .len = len};
	memcpy(out->data, data, len);
}

void tt_j1939_request(uint32_t pgn, uint8_t source, uint8_t dest, uint8_t bus, struct tt_can_frame *out)
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_REQUEST, .priority = PRIORITY_REQUEST, .source = source, .dest = dest};
	const uint8_t data[REQUEST_LEN] = {pgn & 0xFF, pgn >> 8 & 0xFF, pgn >> 16 & 0xFF};

	tt_j1939_frame(&id, bus, data, REQUEST_LEN, out);
}

enum tt_err tt_j1939_vin(const uint8_t *data, size_t len, char out[TT_VIN_TEXT])
{
	char text[TT_VIN_TEXT] = "";

	if (len < TT_VIN_LEN || (len > TT_VIN_LEN && data[TT_VIN_LEN] != '*'))
		return TT_EPROTO;
	memcpy(text, data, TT_VIN_LEN);
	if (!tt_vin_valid(text, TT_VIN_LEN))
		return TT_EPROTO;
	memcpy(out, text, TT_VIN_TEXT);
	return TT_OK;
}
