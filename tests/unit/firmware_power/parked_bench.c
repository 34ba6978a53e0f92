/*
 * A demo car driven for 20 minutes and then parked for 30 days, on simulated time: what the agent did meanwhile, as a table for
 *docs/performance.md.
 *
 * Charge is a model, not a measurement; its figures are of a small board with an LTE modem, and stand in the table:
 *	a wake-up: 20 ms of the processor at 120 mA more than suspended or idle
 *	a connection: its time online, and 8 s of the modem's tail before and after, at 180 mA
 * What the board draws while it does nothing is not the agent's to change and is not counted.
 */
#include "parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { DAYS = 30, WAKE_MS = 20, WAKE_MA = 120, TAIL_S = 8, MODEM_MA = 180, HANDSHAKE_BYTES = 5500, PACKET_BYTES = 130 };

static struct parked_world w;

static double mah(const struct parked_count *c)
{
	const double cpu = (double)c->wakeups * WAKE_MS / 1000 * WAKE_MA;
	const double modem = ((double)c->online_us / 1e6 + (double)c->connects * TAIL_S) * MODEM_MA;

	return (cpu + modem) / 3600 / DAYS;
}

static void row(const char *what, const struct parked_count *c)
{
	const uint64_t messages =
		c->messages[TT_CLASS_ALERT] + c->messages[TT_CLASS_EVENT] + c->messages[TT_CLASS_BULK] + c->messages[TT_CLASS_STATE];
	const uint64_t bytes = c->bytes[TT_CLASS_ALERT] + c->bytes[TT_CLASS_EVENT] + c->bytes[TT_CLASS_BULK] + c->bytes[TT_CLASS_STATE];

	printf("| %s | %llu | %.0f | %.1f | %.1f | %.0f | %.1f |\n", what, (unsigned long long)c->frames, (double)c->wakeups / DAYS,
	       (double)c->connects / DAYS, (double)bytes / DAYS / 1000,
	       (double)(bytes + messages * PACKET_BYTES + c->connects * HANDSHAKE_BYTES) / DAYS / 1000, mah(c));
}

static void park(void)
{
	parked_open(&w, NULL, NULL);
	parked_drive(&w, TT_SEC(1200));
	parked_run(&w, TT_SEC(600)); /* until it sleeps */
	w.count = (struct parked_count){.frames = 0};
}

int main(void)
{
	static const uint8_t body[8] = {2};

	printf("| %d days parked | CAN frames sent | wake-ups a day | connections a day | payload kB a day | on the air kB a day | mAh a "
	       "day |\n"
	       "|---|---|---|---|---|---|---|\n",
	       DAYS);
	park();
	parked_run(&w, DAYS * TT_SEC(86400));
	row("left alone", &w.count);
	parked_close(&w);
	park();
	for (unsigned i = 0; i < DAYS * 24 * 4; i++) {
		parked_run(&w, TT_SEC(900));
		for (unsigned j = 0; j < 10; j++)
			parked_say(&w, 0x300, body);
	}
	row("its bus chatters every quarter of an hour", &w.count);
	parked_close(&w);
	park();
	parked_volts(&w, 11500);
	parked_run(&w, DAYS * TT_SEC(86400));
	row("battery below the floor", &w.count);
	parked_close(&w);
	printf("\nOn the air: payload, %d bytes a message for MQTT, TLS and TCP, %d a connection for mutual TLS (modelled). mAh: a model "
	       "as well, %d ms at\n"
	       "%d mA a wake-up, %d mA while online and %d s around it; what the board draws at rest is not counted.\n",
	       PACKET_BYTES, HANDSHAKE_BYTES, WAKE_MS, WAKE_MA, MODEM_MA, TAIL_S);
	return 0;
}
