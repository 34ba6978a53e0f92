/* The gpsd client against a socket that plays gpsd, on the real loop and with libgps's own reading of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "firmware/io/gps.h"

static struct tt_loop *loop;
static struct tt_gps *gps;
static int listener, peer;
static unsigned changes;

static void on_change(void *ctx)
{
	(void)ctx;
	changes++;
}

static uint16_t listen_somewhere(uint16_t port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	const int one = 1;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(listener >= 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&addr, &len), 0);
	return ntohs(addr.sin_port);
}

static enum tt_gps_state state_now(void)
{
	return tt_gps_state(gps, tt_mono_now(), NULL);
}

static void turn_until(enum tt_gps_state wanted)
{
	const tt_mono_us deadline = tt_mono_now() + TT_SEC(10);

	while (state_now() != wanted) {
		if (tt_mono_now() > deadline)
			fail_msg("state %d did not come, it is %d", (int)wanted, (int)state_now());
		assert_int_equal(tt_loop_turn(loop, tt_mono_now() + TT_MS(20)), TT_OK);
	}
}

static void turn_for(int64_t us)
{
	const tt_mono_us end = tt_mono_now() + us;

	while (tt_mono_now() < end)
		assert_int_equal(tt_loop_turn(loop, end), TT_OK);
}

static void say(const char *text)
{
	assert_int_equal(send(peer, text, strlen(text), 0), (ssize_t)strlen(text));
}

static void begin(const char *device, int64_t stale_us)
{
	static struct tt_gps_config config;
	struct tt_errmsg msg;
	char watch[256];
	ssize_t n;

	config = (struct tt_gps_config){.host = "localhost", .port = listen_somewhere(0), .device = device, .stale_us = stale_us};
	assert_int_equal(tt_loop_create(8, &loop), TT_OK);
	assert_int_equal(tt_gps_create(loop, &config, on_change, NULL, &gps, &msg), TT_OK);
	assert_int_equal(state_now(), TT_GPS_LOST);
	turn_until(TT_GPS_NO_FIX);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	n = recv(peer, watch, sizeof(watch) - 1, 0);
	assert_true(n > 0);
	watch[n] = '\0';
	assert_non_null(strstr(watch, "?WATCH={\"enable\":true,\"json\":true"));
	assert_true(!*device == !strstr(watch, "device"));
}

static int done(void **state)
{
	(void)state;
	tt_gps_destroy(gps);
	tt_loop_destroy(loop);
	close(peer);
	close(listener);
	return 0;
}

static const char fix_3d[] =
	"{\"class\":\"TPV\",\"device\":\"/dev/gps0\",\"mode\":3,\"time\":\"2026-11-22T03:40:00.500Z\",\"lat\":31.2304123,"
	"\"lon\":-121.4737,\"altHAE\":12.34,\"eph\":3.2,\"track\":359.999,\"speed\":13.9}\r\n";

static void a_fix_is_read_with_all_its_fields(void **state)
{
	const struct tt_gps_fix *fix;

	(void)state;
	begin("", 0);
	say("{\"class\":\"VERSION\",\"release\":\"3.22\"}\n{\"class\":\"SKY\",\"satellites\":[]}\n");
	say(fix_3d);
	turn_until(TT_GPS_3D);
	fix = tt_gps_fix(gps);
	assert_true(fix->known && fix->three_d);
	assert_int_equal(fix->latitude_e7, 312304123);
	assert_int_equal(fix->longitude_e7, -1214737000);
	assert_int_equal(fix->altitude_mm, 12340);
	assert_int_equal(fix->accuracy_mm, 3200);
	assert_int_equal(fix->speed_mm_s, 13900);
	assert_int_equal(fix->heading_cdeg, 0); /* 359.999 rounds over the top */
	assert_true(fix->fix_at_us == INT64_C(1795318800500000));
	assert_true(changes > 0);
}

static void a_2d_fix_without_extras_keeps_nothing_of_the_last_report(void **state)
{
	(void)state;
	begin("", 0);
	say(fix_3d);
	turn_until(TT_GPS_3D);
	say("{\"class\":\"TPV\",\"mode\":2,\"time\":\"2026-11-22T03:40:01.500Z\",\"lat\":48.5,\"lon\":9.0,\"epx\":3.0,\"epy\":4.0}\n");
	turn_until(TT_GPS_2D);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 485000000);
	assert_int_equal(tt_gps_fix(gps)->accuracy_mm, 5000);
	assert_int_equal(tt_gps_fix(gps)->altitude_mm, 0);
}

static const char undated[] = "{\"class\":\"TPV\",\"mode\":2,\"lat\":48.5,\"lon\":9.0}\n";

/* gpsd 3.22 tells a GGA's place before the RMC's date: an old recording's first fix passed for one of now. */
static void bug_a_fix_whose_date_follows_is_not_taken_without_it(void **state)
{
	(void)state;
	begin("", TT_SEC(2));
	say("{\"class\":\"TPV\",\"mode\":1}\n");
	turn_for(TT_MS(1100)); /* however long gpsd answered without a fix: the wait begins with the first one */
	say(undated);
	turn_for(TT_MS(50));
	assert_int_equal(state_now(), TT_GPS_NO_FIX);
	say("{\"class\":\"TPV\",\"mode\":3,\"time\":\"2015-02-25T07:41:59.799Z\",\"lat\":31.25,\"lon\":121.5}\n");
	say(undated);
	turn_until(TT_GPS_3D);
	turn_for(TT_MS(50));
	assert_int_equal(state_now(), TT_GPS_3D);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 312500000);
	assert_true(tt_gps_fix(gps)->fix_at_us == INT64_C(1424850119799000));
}

static void a_receiver_without_dates_is_believed_after_a_while(void **state)
{
	const tt_mono_us deadline = tt_mono_now() + TT_SEC(10);

	(void)state;
	begin("", TT_MS(400));
	while (state_now() != TT_GPS_2D && tt_mono_now() < deadline) {
		say(undated);
		assert_int_equal(tt_loop_turn(loop, tt_mono_now() + TT_MS(20)), TT_OK);
	}
	assert_int_equal(state_now(), TT_GPS_2D);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 485000000);
	assert_int_equal(tt_gps_fix(gps)->fix_at_us, 0);
}

static void no_fix_and_stale_fix_are_no_fix_and_the_last_position_stays(void **state)
{
	(void)state;
	begin("", TT_MS(200));
	say(fix_3d);
	turn_until(TT_GPS_3D);
	say("{\"class\":\"TPV\",\"mode\":1}\n");
	turn_until(TT_GPS_NO_FIX);
	say(fix_3d);
	turn_until(TT_GPS_3D);
	turn_until(TT_GPS_NO_FIX); /* by age alone */
	assert_true(tt_gps_fix(gps)->known);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 312304123);
}

static void nonsense_from_gpsd_is_no_fix(void **state)
{
	static char flood[40000];

	(void)state;
	begin("", 0);
	memset(flood, 'x', sizeof(flood) - 1);
	say(flood); /* a line that never ends is dropped whole */
	say("\n{\"class\":\"TPV\",\"mode\":3,\"lat\":91,\"lon\":0}\n{\"class\":\"TPV\",\"mode\":3}\n{\"class\":\"TPV\",,,\n\n");
	say(fix_3d);
	turn_until(TT_GPS_3D);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 312304123);
}

static void another_device_is_not_ours(void **state)
{
	(void)state;
	begin("/dev/gps1", 0);
	say(fix_3d);
	say("{\"class\":\"TPV\",\"device\":\"/dev/gps1\",\"mode\":2,\"time\":\"2026-11-22T03:40:00Z\",\"lat\":1,\"lon\":2}\n");
	turn_until(TT_GPS_2D);
	assert_int_equal(tt_gps_fix(gps)->latitude_e7, 10000000);
}

static void a_lost_gpsd_is_told_and_found_again(void **state)
{
	(void)state;
	begin("", 0);
	say(fix_3d);
	turn_until(TT_GPS_3D);
	close(peer);
	turn_until(TT_GPS_LOST);
	turn_until(TT_GPS_NO_FIX);
	peer = accept(listener, NULL, NULL);
	say(fix_3d);
	turn_until(TT_GPS_3D);
}

static void gpsd_on_another_machine_is_refused(void **state)
{
	struct tt_gps_config config = {.host = "192.0.2.1", .port = 2947};
	struct tt_errmsg msg;
	struct tt_loop *own;
	struct tt_gps *none;

	(void)state;
	assert_int_equal(tt_loop_create(2, &own), TT_OK);
	assert_int_equal(tt_gps_create(own, &config, on_change, NULL, &none, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "192.0.2.1"));
	config.host = "127.0.0.1";
	config.device = "\"}";
	assert_int_equal(tt_gps_create(own, &config, on_change, NULL, &none, &msg), TT_ECONFIG);
	tt_loop_destroy(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_fix_is_read_with_all_its_fields, done),
		cmocka_unit_test_teardown(a_2d_fix_without_extras_keeps_nothing_of_the_last_report, done),
		cmocka_unit_test_teardown(bug_a_fix_whose_date_follows_is_not_taken_without_it, done),
		cmocka_unit_test_teardown(a_receiver_without_dates_is_believed_after_a_while, done),
		cmocka_unit_test_teardown(no_fix_and_stale_fix_are_no_fix_and_the_last_position_stays, done),
		cmocka_unit_test_teardown(nonsense_from_gpsd_is_no_fix, done),
		cmocka_unit_test_teardown(another_device_is_not_ours, done),
		cmocka_unit_test_teardown(a_lost_gpsd_is_told_and_found_again, done),
		cmocka_unit_test(gpsd_on_another_machine_is_refused),
	};

	tt_log_init("gps_test", TT_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
