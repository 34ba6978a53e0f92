#include "crm/domain/dtc_words.h"

#include "base/text.h"
#include "crm/domain/dtc_text.h"
#include "crm/domain/ticket.h"

#include <string.h>

enum { BASE_CODE = 5, SPN_MAX = 524287, FMIS = 32 }; /* "P0301"; SPNs have 19 bits, FMIs five */

static const struct failure {
	uint8_t type;
	const char *en, *zh;
} failures[] = {
#define X(type, en, zh) {type, en, zh},
#include "schemas/dtc/failure_types.def"
#undef X
};

static const struct parameter {
	uint32_t spn;
	int32_t impact;
	const char *system, *en, *zh;
} parameters[] = {
#define X(spn, impact, system, en, zh) {spn, impact, system, en, zh},
#include "schemas/dtc/spn.def"
#undef X
};

/* SAE J1939-73, failure mode identifiers; our own wording. */
static const struct {
	const char *en, *zh;
} modes[FMIS] = {
	[0] = {"far too high", "严重过高"},
	[1] = {"far too low", "严重过低"},
	[2] = {"erratic or wrong", "数据不稳定或不正确"},
	[3] = {"voltage too high or shorted high", "电压过高或对高电位短路"},
	[4] = {"voltage too low or shorted low", "电压过低或对低电位短路"},
	[5] = {"current too low or open circuit", "电流过低或断路"},
	[6] = {"current too high or grounded", "电流过高或接地"},
	[7] = {"mechanical system does not respond", "机械系统无响应"},
	[8] = {"abnormal frequency or pulse width", "频率或脉宽异常"},
	[9] = {"abnormal update rate", "更新速率异常"},
	[10] = {"abnormal rate of change", "变化率异常"},
	[11] = {"cause not known", "原因不明"},
	[12] = {"device or part bad", "设备或部件损坏"},
	[13] = {"out of calibration", "标定超出范围"},
	[14] = {"special instructions", "需参照专用说明"},
	[15] = {"a little too high", "轻度过高"},
	[16] = {"too high", "中度过高"},
	[17] = {"a little too low", "轻度过低"},
	[18] = {"too low", "中度过低"},
	[19] = {"data from the network wrong", "网络数据错误"},
	[20] = {"drifted high", "数据向高漂移"},
	[21] = {"drifted low", "数据向低漂移"},
	[31] = {"condition exists", "状态存在"},
};

static void join(char *out, const char *what, const char *between, const char *how)
{
	struct tt_text t = tt_text_init(out, TT_DTC_WORDS_MAX);

	tt_text_str(&t, what);
	tt_text_str(&t, between);
	tt_text_str(&t, how);
}

static void with_failure_type(const struct tt_dtc_text *base, struct tt_dtc_words *out)
{
	char number[32];
	struct tt_text t = tt_text_init(number, sizeof(number));
	const char *en = number, *zh = number;

	tt_text_str(&t, "0x");
	tt_text_hex(&t, (uint64_t)out->failure_type, 2);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].type == out->failure_type) {
			en = failures[i].en;
			zh = failures[i].zh;
		}
	join(out->en, base->text_en, ": ", en);
	join(out->zh, base->text_zh, "：", zh);
}

static void of_j1939(struct tt_dtc_words *out)
{
	const struct parameter *p = NULL;
	char spn[32], fmi[32];
	struct tt_text s = tt_text_init(spn, sizeof(spn)), f = tt_text_init(fmi, sizeof(fmi));
	const bool told = modes[out->fmi].en != NULL;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (parameters[i].spn == out->spn)
			p = &parameters[i];
	tt_text_str(&s, "SPN ");
	tt_text_i64(&s, out->spn);
	tt_text_str(&f, "FMI ");
	tt_text_i64(&f, out->fmi);
	out->severity = p ? p->impact : TT_IMPACT_SERVICE;
	out->system = p ? p->system : "unknown";
	join(out->en, p ? p->en : spn, ": ", told ? modes[out->fmi].en : fmi);
	join(out->zh, p ? p->zh : spn, "：", told ? modes[out->fmi].zh : fmi);
}

/* "100/1" of numbers within their range. */
static bool parse_j1939(const char *code, struct tt_dtc_words *out)
{
	const char *slash = strchr(code, '/');
	int64_t spn, fmi;

	if (!slash || tt_parse_i64(code, (size_t)(slash - code), &spn) || tt_parse_i64(slash + 1, strlen(slash + 1), &fmi) || spn < 0 ||
	    spn > SPN_MAX || fmi < 0 || fmi >= FMIS)
		return false;
	out->spn = spn;
	out->fmi = (int32_t)fmi;
	return true;
}

/* The two digits behind "P0301-". */
static bool parse_failure_type(const char *code, struct tt_dtc_words *out)
{
	int hi, lo;

	if (strlen(code) != BASE_CODE + 3 || code[BASE_CODE] != '-')
		return false;
	hi = tt_hex_digit(code[BASE_CODE + 1]);
	lo = tt_hex_digit(code[BASE_CODE + 2]);
	if (hi < 0 || lo < 0 || hi + lo == 0) /* 00: there is nothing more to say */
		return false;
	out->failure_type = hi * 16 + lo;
	return true;
}

void tt_dtc_words(const char *code, struct tt_dtc_words *out)
{
	struct tt_dtc_text text;

	*out = (struct tt_dtc_words){.failure_type = -1, .spn = -1, .fmi = -1};
	if (parse_j1939(code, out)) {
		of_j1939(out);
		return;
	}
	tt_dtc_describe(code, &text);
	out->severity = text.severity;
	out->system = text.system;
	if (parse_failure_type(code, out)) {
		with_failure_type(&text, out);
		return;
	}
	join(out->en, text.text_en, "", "");
	join(out->zh, text.text_zh, "", "");
}
