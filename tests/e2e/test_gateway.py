"""The gateway against a real broker with mutual TLS: what the broker was told is stored, is stored, whatever dies and whenever.

The publisher here (mqtt_load) never sends anything twice and does not listen to application acks, so these tests see the PUBACKs alone: a message
acknowledged to the broker before its COMMIT would be missing.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from conftest import Record
from stack import Process, Stack, wait_until

UNIT = "LOAD-0"


@pytest.fixture
def road():
    """Broker and gateway only, with one unit that sits in no car."""
    home = Path(tempfile.mkdtemp(prefix="telltale-gateway-"))
    s = Stack(home, build=os.environ.get("TT_E2E_BUILD", "release"))
    s.record = Record(s.database)
    try:
        s.init()
        s.telltale("unit", "add", UNIT)
        s.broker.start().wait_port(s.unit_port)
        s.gateway.argv += ["--batch", "50", "--log-level", "debug"]
        yield s
    finally:
        s.gateway.kill()
        s.broker.kill()
        shutil.rmtree(s.sockets, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def publish(road, count, first=1):
    pki = road.home / "pki"
    return subprocess.Popen([road.bin / "mqtt_load", "--mode", "publish", "--port", str(road.unit_port), "--units", "1", "--count", str(count), "--first",
                             str(first), "--client-id", UNIT, "--ca", pki / "fleet-ca.crt", "--cert", pki / f"units/{UNIT}.crt", "--key",
                             pki / f"units/{UNIT}.key"], stdout=subprocess.PIPE, text=True)


def start(road, gateway=None):
    """Starts it and waits for all its sessions to be subscribed."""
    gateway = gateway or road.gateway
    since = gateway.log.stat().st_size if gateway.log.exists() else 0
    gateway.start()

    def subscribed():
        assert gateway.alive(), gateway.tail()
        with open(gateway.log, "rb") as f:
            f.seek(since)
            return f.read().count(b"mqtt.up") >= 128

    wait_until("128 sessions", subscribed)


def sessions_up(gateway):
    """How many sessions were up when the log last named them."""
    last = dict((session, state) for state, session in re.findall(rb"(mqtt\.(?:up|down|taken_over|refused|not_subscribed)) session=(\S+)", gateway.log.read_bytes()))
    return list(last.values()).count(b"mqtt.up")


def stored(road):
    return road.record.value("SELECT count(*) FROM event")


def assert_once_and_in_order(road, count):
    assert road.record.one("SELECT count(*) AS n, count(DISTINCT seq) AS distinct_n, min(seq) AS lo, max(seq) AS hi FROM event") == {
        "n": count, "distinct_n": count, "lo": 1, "hi": count}
    assert road.record.value("SELECT count(*) FROM (SELECT seq, lag(seq) OVER (ORDER BY id) AS before FROM event) WHERE seq <> before + 1") == 0
    assert road.record.value("SELECT evicted FROM mark") == 0


def test_no_puback_leaves_before_its_commit(road):
    """kill -9 in the middle of batches, again and again; the broker redelivers what it was not told is stored."""
    count = 20000
    start(road)
    assert road.gateway.stop() == 0
    assert publish(road, count).wait(60) == 0
    for threshold in range(1500, count * 3 // 4, 3000):  # the last quarter is the time a kill may take
        start(road) if threshold == 1500 else road.gateway.start()
        wait_until(f"{threshold} stored", lambda t=threshold: stored(road) >= t, every=0.001)
        road.gateway.kill()
        assert stored(road) < count
    road.gateway.start()
    wait_until("all stored", lambda: stored(road) >= count, 60)
    assert_once_and_in_order(road, count)


def test_a_broker_that_restarts_finds_the_gateway_again(road):
    start(road)
    assert publish(road, 500).wait(60) == 0
    wait_until("the first half", lambda: stored(road) == 500)
    road.broker.stop()
    road.gateway.wait_log("mqtt.down")
    since = road.gateway.log.stat().st_size
    road.broker.start().wait_port(road.unit_port)
    wait_until("128 sessions again", lambda: road.gateway.log.read_bytes()[since:].count(b"mqtt.up") >= 128)
    assert publish(road, 500, first=501).wait(60) == 0
    wait_until("the second half", lambda: stored(road) >= 1000)
    assert_once_and_in_order(road, 1000)


def test_two_gateways_on_the_same_shards_store_nothing_twice_and_calm_down(road):
    """By mistake or in a handover: the broker drops one session for the other, whatever it was doing."""
    count = 20000
    start(road)
    sender = publish(road, count)
    wait_until("a beginning", lambda: stored(road) > 500, every=0.001)
    second = Process("second", road.gateway.argv, road.log_dir)
    try:
        start(road, second)
        assert sender.wait(60) == 0
        wait_until("all stored", lambda: stored(road) >= count, 60)
        wait_until("a quarrel", lambda: b"lost soon" in second.log.read_bytes() + road.gateway.log.read_bytes())
        assert_once_and_in_order(road, count)
        assert road.gateway.stop() == 0
        assert publish(road, 500, first=count + 1).wait(60) == 0
        wait_until("the second alone serves all", lambda: stored(road) >= count + 500, 60)
        # What the first took from it before it stopped is noticed, and told, only later.
        wait_until("every session of the second is up", lambda: sessions_up(second) == 128, 60)
        since = second.log.stat().st_size
        assert publish(road, 500, first=count + 501).wait(60) == 0
        wait_until("the rest", lambda: stored(road) >= count + 1000, 60)
        assert_once_and_in_order(road, count + 1000)
        assert b"lost soon" not in second.log.read_bytes()[since:]
    finally:
        second.kill()


def test_a_locked_database_stops_the_reading_and_loses_nothing(road):
    start(road)
    lock = sqlite3.connect(road.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    assert publish(road, 300).wait(60) == 0
    road.gateway.wait_log("store.failed", 30)
    assert stored(road) == 0
    lock.execute("ROLLBACK")
    lock.close()
    wait_until("all stored", lambda: stored(road) >= 300, 60)
    assert_once_and_in_order(road, 300)


def test_sigterm_ends_it_quickly_with_everything_committed(road):
    start(road)
    sender = publish(road, 20000)
    wait_until("a beginning", lambda: stored(road) > 500, every=0.001)
    began = time.monotonic()
    assert road.gateway.stop() == 0
    assert time.monotonic() - began < 3
    assert sender.wait(60) == 0
    road.gateway.start()
    wait_until("all stored", lambda: stored(road) >= 20000, 60)
    assert_once_and_in_order(road, 20000)


@pytest.mark.parametrize("options, status, way_out", [
    (["--store", "sqlite:/nonexistent/record.db"], 1, "telltale init"),
    (["--cert", ""], 2, "tls needs"),
    (["--shards", "0-64"], 2, "0-63"),
    (["--log-level", "loud"], 2, "error, warn, info, debug"),
])
def test_a_wrong_setting_is_told_with_its_way_out(road, options, status, way_out):
    done = subprocess.run([*road.gateway.argv, *options], capture_output=True, text=True, timeout=10)
    assert done.returncode == status
    assert way_out in done.stderr
