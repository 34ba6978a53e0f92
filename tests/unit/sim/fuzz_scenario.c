/* Any text is a scenario or an error with a line; steps stay in order, inside the text, and can be applied to a car. */
#include "sim/car.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tt_scenario scenario;
	const char *text = (const char *)data;
	struct tt_errmsg msg = {""};
	struct tt_car car;

	tt_car_init(&car);
	if (tt_scenario_parse(text, size, &scenario, &msg)) {
		TT_ASSERT(strncmp(msg.text, "line ", 5) == 0 && scenario.nsteps == 0);
		return 0;
	}
	for (size_t i = 0; i < scenario.nsteps; i++) {
		const struct tt_sim_step *step = &scenario.steps[i];
		enum tt_err err = tt_car_apply(&car, &step->action);

		TT_ASSERT(!err || err == TT_EFULL);
		TT_ASSERT(i == 0 || step->at_us >= step[-1].at_us);
		TT_ASSERT(step->text >= text && step->text + step->text_len <= text + size);
		tt_car_step(&car, TT_MS(20));
		TT_ASSERT(car.speed_mm_s >= 0);
	}
	return 0;
}
