#include "firmware/agent/agent.h"

#include <stdio.h>

enum { EXIT_CONFIG = 2, LOOP_ENTRIES = 32 };

/* One life of the agent; *again: it asks for another, with another configuration. */
static int run(const struct tt_settings *settings, bool *again)
{
	struct tt_loop *loop = NULL;
	struct tt_agent *agent = NULL;
	bool failed;
	struct tt_errmsg msg = {.text = ""};
	enum tt_err err = tt_loop_create(LOOP_ENTRIES, &loop);

	if (err)
		(void)tt_errmsg_set(&msg, err, "event loop: %s", tt_err_text(err));
	else
		err = tt_agent_create(loop, settings, &agent, &msg);
	if (err) {
		fprintf(stderr, "telltale-agent: %s\n", msg.text);
		tt_loop_destroy(loop);
		return err == TT_ECONFIG ? EXIT_CONFIG : 1;
	}
	err = tt_loop_run(loop);
	if (err)
		tt_log(TT_LOG_ERROR, NULL, "agent.failed", "event loop: %s", tt_err_text(err));
	*again = tt_agent_wants_restart(agent);
	failed = err || tt_agent_update_failed(agent);
	tt_agent_destroy(agent);
	tt_loop_destroy(loop);
	return failed ? 1 : 0;
}

/* 0 done, 1 failed while running or starting, 2 configuration. */
int main(int argc, char **argv)
{
	static struct tt_settings settings;
	struct tt_errmsg msg = {.text = ""};
	enum tt_log_level level = TT_LOG_INFO;
	bool help = false, again = false;
	int status;
	enum tt_err err = tt_config_load(&tt_settings_spec, &settings, argc, argv, &help, &msg);

	if (help)
		return 0;
	if (!err)
		err = tt_settings_check(&settings, &level, &msg);
	if (err) {
		fprintf(stderr, "telltale-agent: %s\n", msg.text);
		return EXIT_CONFIG;
	}
	tt_log_init("telltale-agent", level);
	do
		status = run(&settings, &again);
	while (status == 0 && again);
	return status;
}
