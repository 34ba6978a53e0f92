#include "crm/domain/dtc_text.h"

#include <string.h>

static const struct tt_dtc_text codes[] = {
#define X(code, impact, system, en, zh) {code, impact, system, en, zh, true},
#include "schemas/dtc/codes.def"
#undef X
};

/* By the first three, two or one characters, the longest that fits. ISO 15031-6: the third character of a P0 code names the subsystem. */
static const struct tt_dtc_text groups[] = {
	{"P00", 3, "engine", "Fuel, air or auxiliary emission control", "燃油、进气或辅助排放控制故障", false},
	{"P01", 3, "engine", "Fuel and air metering", "燃油与进气计量故障", false},
	{"P02", 2, "fuel", "Fuel and injectors", "燃油与喷油器故障", false},
	{"P03", 2, "ignition", "Ignition or misfire", "点火系统或失火故障", false},
	{"P04", 3, "emissions", "Emission control", "排放控制故障", false},
	{"P05", 3, "engine", "Speed, idle or auxiliary inputs", "车速、怠速或辅助输入故障", false},
	{"P06", 2, "electronics", "Control unit and its outputs", "控制单元及其输出故障", false},
	{"P07", 2, "transmission", "Transmission", "变速器故障", false},
	{"P08", 2, "transmission", "Transmission", "变速器故障", false},
	{"P09", 2, "transmission", "Transmission", "变速器故障", false},
	{"P0A", 2, "hybrid", "Hybrid drive", "混合动力系统故障", false},
	{"P0B", 2, "hybrid", "Hybrid drive", "混合动力系统故障", false},
	{"P", 3, "powertrain", "Powertrain", "动力总成故障", false},
	{"C", 2, "chassis", "Chassis", "底盘故障", false},
	{"B", 3, "body", "Body", "车身故障", false},
	{"U", 2, "network", "Network between control units", "控制单元间网络故障", false},
	{"", 3, "unknown", "Trouble code", "故障码", false},
};

enum { BASE_CODE = 5 }; /* "P0301" of "P0301-1C" */

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool starts_with(const char *code, const char *prefix)
{
	while (*prefix != 0)
		if (*code == 0 || upper(*code++) != *prefix++)
			return false;
	return true;
}

/* <0, 0, >0 as the first five characters of code lie before, at or after the entry's. */
static int compare(const char *code, const char *entry)
{
	for (size_t i = 0; i < BASE_CODE; i++) {
		int d = (unsigned char)upper(code[i]) - (unsigned char)entry[i];

		if (d != 0 || code[i] == 0)
			return d;
	}
	return code[BASE_CODE] == 0 || code[BASE_CODE] == '-' ? 0 : 1;
}

void tt_dtc_describe(const char *code, struct tt_dtc_text *out)
{
	size_t low = 0, high = sizeof(codes) / sizeof(codes[0]);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = compare(code, codes[mid].code);

		if (d == 0) {
			*out = codes[mid];
			return;
		}
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	for (size_t i = 0;; i++)
		if (starts_with(code, groups[i].code)) { /* the last, "", fits everything */
			*out = groups[i];
			return;
		}
}

size_t tt_dtc_text_count(void)
{
	return sizeof(codes) / sizeof(codes[0]);
}

void tt_dtc_text_at(size_t n, struct tt_dtc_text *out)
{
	TT_ASSERT(n < tt_dtc_text_count());
	*out = codes[n];
}
