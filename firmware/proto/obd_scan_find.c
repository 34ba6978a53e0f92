#include "firmware/proto/obd_scan_parts.h"

enum { FUNCTIONAL_11 = 0x7DF, FUNCTIONAL_29 = 0x18DB33F1 };
#define PROBE_MAX_US TT_SEC(60)

static bool all_silent(const struct tt_obd_scan *s)
{
	for (unsigned i = 0; i < s->necus; i++) {
		if (!s->ecus[i].silent)
			return false;
	}
	return true;
}

void tt_obd_scan_find_start(struct tt_obd_scan *s)
{
	s->discovery.active = s->discovery.owed = true;
	s->discovery.deadline_us = TT_NEVER;
	s->discovery.pendings = 0;
	s->discovery.waiting = 0;
}

void tt_obd_scan_find_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	*out = (struct tt_can_frame){.id = s->discovery.extended ? FUNCTIONAL_29 : FUNCTIONAL_11,
				     .extended = s->discovery.extended,
				     .bus = s->config.bus,
				     .len = 8};
	memset(out->data, s->config.pad_byte, out->len);
	memcpy(out->data, "\x02\x01\x00", 3);
	s->discovery.owed = false;
	s->discovery.deadline_us = s->discovery.answers_until_us = now_us + s->config.p2_us;
	s->quiet_until_us = now_us + s->config.min_gap_us;
}

static struct tt_obd_scan_ecu *ecu_add(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *f)
{
	struct tt_obd_scan_ecu *e;

	/* Another width than before: another car, or the same one reached otherwise. Nobody of before answers, or we would not have asked.
	 */
	if (s->ecus[0].extended != f->extended)
		s->necus = 0;
	if (s->necus == TT_OBD_SCAN_ECUS) {
		if (!s->discovery.told_too_many)
			tt_obd_scan_push(s, TT_OBD_RESULT_TOO_MANY, f->id, now_us);
		s->discovery.told_too_many = true;
		return NULL;
	}
	e = &s->ecus[s->necus++];
	*e = (struct tt_obd_scan_ecu){.rx_id = f->id, .extended = f->extended, .most = TT_OBD_MAX_PIDS};
	tt_obd_scan_drive(s, e, now_us);
	tt_obd_scan_push(s, TT_OBD_RESULT_ECU, e->rx_id, now_us);
	return e;
}

/* 41 00 .. or 7F 01 .. in a single frame: what discovery asked for, and nothing that another tester may have asked. */
static bool is_answer(const struct tt_obd_scan *s, const struct tt_can_frame *f, bool *pending)
{
	struct tt_rd r = tt_rd_init(f->data, f->len);
	uint8_t pci, first, second, third = 0;

	if (!s->discovery.active || s->discovery.owed || f->extended != s->discovery.extended)
		return false;
	if (tt_rd_u8(&r, &pci) || pci < 3 || pci > TT_ISOTP_SINGLE_MAX || tt_rd_u8(&r, &first) || tt_rd_u8(&r, &second) ||
	    tt_rd_u8(&r, &third))
		return false;
	*pending = first == TT_OBD_NEGATIVE && third == TT_OBD_NRC_PENDING_CODE;
	return first == TT_OBD_NEGATIVE ? second == TT_OBD_CURRENT : first == TT_OBD_CURRENT + TT_OBD_RESPONSE && second == 0;
}

bool tt_obd_scan_find_feed(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_can_frame *in)
{
	bool pending;
	uint8_t bit;

	if (!is_answer(s, in, &pending))
		return false;
	if (e)
		tt_obd_scan_heard(s, e, now_us);
	else
		e = ecu_add(s, now_us, in);
	if (!e)
		return true;
	bit = (uint8_t)(1U << (e - s->ecus));
	if (pending && s->discovery.pendings < s->config.pending_max) {
		s->discovery.pendings++;
		s->discovery.waiting |= bit;
		s->discovery.deadline_us = now_us + s->config.p2_star_us;
	} else {
		s->discovery.waiting &= (uint8_t)~bit;
		if (s->discovery.waiting == 0)
			s->discovery.deadline_us = s->discovery.answers_until_us;
	}
	return true;
}

static void find_end(struct tt_obd_scan *s, tt_mono_us now_us)
{
	const bool both = !s->config.only_11bit && !s->config.only_29bit;
	const bool first_width = s->ecus[0].extended; /* false while nobody was found: 11 bits first */

	s->discovery.active = false;
	if (!all_silent(s)) {
		s->discovery.failures = 0;
		s->discovery.extended = s->ecus[0].extended;
		s->discovery.due_us = now_us + s->config.rediscover_period_us;
		return;
	}
	if (both)
		s->discovery.extended = !s->discovery.extended;
	if (both && s->discovery.extended != first_width) {
		s->discovery.due_us = now_us; /* the other width at once */
		return;
	}
	if (!s->discovery.told_nobody && s->necus == 0)
		tt_obd_scan_push(s, TT_OBD_RESULT_SILENT, 0, now_us);
	s->discovery.told_nobody = true;
	s->discovery.due_us = now_us + tt_min_i64(tt_obd_scan_doubled(TT_OBD_SCAN_PROBE_US, s->discovery.failures), PROBE_MAX_US);
	if (s->discovery.failures < TT_OBD_SCAN_BACKOFF_MAX)
		s->discovery.failures++;
}

void tt_obd_scan_find_tick(struct tt_obd_scan *s, tt_mono_us now_us)
{
	if (s->discovery.active && now_us >= s->discovery.deadline_us)
		find_end(s, now_us);
}
