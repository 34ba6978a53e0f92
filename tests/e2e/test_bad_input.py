"""Bad input and broken surroundings: each with a clear message, a neighbour that is not disturbed, and nothing lost."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import VIN_1, VIN_2
from stack import Process, wait_until

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import wire  # noqa: E402
from wire import pb  # noqa: E402

EPOCH = 0x1122334455667788


def publish(stack, unit, topic, payload, certificate=None):
    """mosquitto_pub with the unit's certificate; returns the finished process."""
    pki = stack.home / "pki"
    base = certificate or pki / "units" / unit
    return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(stack.unit_port), "--cafile", str(pki / "fleet-ca.crt"), "--cert", f"{base}.crt",
                           "--key", f"{base}.key", "-q", "1", "-t", topic, "-s"], input=payload, capture_output=True, timeout=30)


def fault(seq, code="P0420", created_at=None, schema=1, first=1):
    e = pb.Envelope(schema=schema, epoch=EPOCH, seq=seq, first_seq_held=first, created_at_us=created_at or int(time.time() * 1e6), clock=pb.CLOCK_QUALITY_NTP)
    setattr(e, "class", pb.EVENT_CLASS_EVENT)
    e.fault.change = pb.FAULT_CHANGE_RAISED
    e.fault.protocol = pb.DTC_PROTOCOL_OBD2
    e.fault.code, e.fault.ecu, e.fault.stored, e.fault.mil = code, 0x7E8, True, True
    e.fault.observed_at_us = e.created_at_us
    return e.SerializeToString()


def reasons(stack):
    return [row["reason"] for row in stack.record.all("SELECT reason FROM quarantine ORDER BY id")]


def codes(stack):
    return {row["code"] for row in stack.record.all("SELECT code FROM fault")}


def neighbour_is_served(stack):
    """The other car's fault comes through."""
    topic = wire.topic_up("CAR-0002", "event")
    seq = (stack.record.value("SELECT max(seq) FROM mark m JOIN unit u ON u.id = m.unit_id WHERE u.name = 'CAR-0002' AND class = 2") or 0) + 1
    assert publish(stack, "CAR-0002", topic, fault(seq, f"P02{seq:02d}")).returncode == 0
    wait_until("the neighbour's fault", lambda: f"P02{seq:02d}" in codes(stack))


def test_what_is_not_protobuf_is_quarantined_and_the_neighbour_served(stack):
    for payload in (b"\xff\xff\xff\xff", b"{}", b"\x08\x01", fault(1)[:-3]):
        publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), payload)
    wait_until("four in quarantine", lambda: len(reasons(stack)) == 4)
    assert all(reasons(stack))
    neighbour_is_served(stack)
    assert publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(1)).returncode == 0
    wait_until("the good one after the bad", lambda: "P0420" in codes(stack))


def test_unknown_schema_version_is_quarantined_by_name(stack):
    publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(1, schema=2))
    wait_until("quarantine", lambda: len(reasons(stack)) == 1)
    assert "schema" in reasons(stack)[0]
    assert codes(stack) == set()
    neighbour_is_served(stack)


def test_wrong_unit_on_a_topic_is_stopped_by_the_broker(stack):
    publish(stack, "CAR-0001", wire.topic_up("CAR-0002", "event"), fault(1))
    neighbour_is_served(stack)
    assert stack.record.value("SELECT count(*) FROM event") == 1 and "P0420" not in codes(stack)


def test_wrong_shard_on_a_topic_is_quarantined(stack):
    shard = (wire.shard("CAR-0001") + 1) % wire.SHARDS
    publish(stack, "CAR-0001", f"tt/1/{shard:02d}/CAR-0001/up/event", fault(1))
    wait_until("quarantine", lambda: len(reasons(stack)) == 1)
    assert "shard" in reasons(stack)[0] and codes(stack) == set()


def test_foreign_and_revoked_certificates_are_refused(stack, tmp_path):
    foreign = stack.telltale
    other = subprocess.run([str(stack.bin / "telltale"), "init", "--home", str(tmp_path / "other")], capture_output=True, text=True)
    assert other.returncode == 0, other.stderr
    subprocess.run([str(stack.bin / "telltale"), "unit", "add", "CAR-0001", "--home", str(tmp_path / "other")], check=True, capture_output=True)
    done = publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(1), certificate=tmp_path / "other/pki/units/CAR-0001")
    assert done.returncode != 0
    # Revoked: the gateway refuses at once, even while the broker has not read the new list.
    foreign("unit", "revoke", "CAR-0001")
    publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(1))
    wait_until("quarantine", lambda: any("revoked" in r for r in reasons(stack)))
    assert codes(stack) == set()
    # After its next start the broker does not even let it in.
    stack.broker.stop()
    stack.broker.start()
    stack.broker.wait_port(stack.unit_port)
    assert publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(2)).returncode != 0
    neighbour_is_served(stack)


@pytest.mark.parametrize("year, seconds", [(1970, 3600), (2099, 4_070_908_800)])
def test_a_clock_in_1970_or_2099_costs_nothing(stack, year, seconds):
    publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), fault(1, created_at=seconds * 1_000_000))
    ticket = wait_until("the ticket", lambda: stack.record.one("SELECT * FROM ticket"))
    assert abs(ticket["opened_at"] / 1e6 - time.time()) < 60, f"the desk dates it {year}"
    assert ticket["vehicle_id"] and ticket["customer_id"] and ticket["dealer_id"]
    assert wire.decode(stack.record.value("SELECT body FROM event")).created_at_us == seconds * 1_000_000, "what the car said is kept as it was"


def test_a_body_of_10_mb_is_refused_and_the_neighbour_served(stack):
    publish(stack, "CAR-0001", wire.topic_up("CAR-0001", "event"), b"\x08\x01" * 5_000_000)
    neighbour_is_served(stack)
    assert stack.record.value("SELECT count(*) FROM event") == 1
    assert stack.broker.alive() and stack.gateway.alive()


def test_no_broker_keeps_everything_in_the_journal(stack):
    stack.broker.stop()
    car = stack.add_car("CAR-0001", VIN_1)
    car.agent.argv = car.agent_argv(scan_interval_ms=500)
    car.start()
    car.control("set dtc P0301 stored")
    car.agent.wait_log("P0301")
    assert car.agent.alive()
    stack.broker.start()
    wait_until("the ticket, late or not", lambda: stack.record.value("SELECT count(*) FROM ticket") == 1, 60)


def test_no_gpsd_is_a_reported_state(stack):
    car = stack.add_car("CAR-0001", VIN_1)
    car.sim.start()
    car.agent.start()
    stack.processes += [car.sim, car.agent]
    wait_until("gps.lost in the record", lambda: "gps.lost" in (stack.record.value("SELECT conditions FROM vehicle_state") or ""), 30)
    car.control("set dtc P0301 stored")
    ticket = wait_until("a ticket without position", lambda: stack.record.one("SELECT * FROM ticket"), 60)
    assert ticket["fix_at"] == 0
    car.gpsd.start()
    stack.processes.append(car.gpsd)
    wait_until("gps.lost gone", lambda: "gps.lost" not in stack.record.value("SELECT conditions FROM vehicle_state"), 60)


def test_disk_full_under_the_record_loses_nothing(stack):
    """A file-size limit on the gateway stands for the full disk: writes fail, nothing is acknowledged; lifted, everything arrives once."""
    car = stack.add_car("CAR-0001", VIN_1)
    car.agent.argv = car.agent_argv(scan_interval_ms=500)
    car.start()
    car.agent.wait_log("mqtt.connected")
    wait_until("the first state", lambda: stack.record.value("SELECT count(*) FROM vehicle_state") == 1)
    mark = stack.gateway.log.stat().st_size
    old = resource.prlimit(stack.gateway.child.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    car.control("set dtc P0301 stored")
    stack.gateway.wait_log("store", 30, since=mark)
    assert stack.gateway.alive() and stack.record.value("SELECT count(*) FROM ticket") == 0
    resource.prlimit(stack.gateway.child.pid, resource.RLIMIT_FSIZE, old)
    wait_until("the ticket", lambda: stack.record.value("SELECT count(*) FROM ticket") == 1, 60)
    rows = stack.record.all("SELECT class, count(*) AS n, max(seq) AS hi FROM event GROUP BY class, epoch")
    assert all(row["n"] == row["hi"] for row in rows), rows


def test_disk_full_under_the_journal_is_reported_and_the_alert_still_leaves(stack):
    car = stack.add_car("CAR-0001", VIN_1)
    car.agent.argv = car.agent_argv(scan_interval_ms=500)
    car.start()
    car.agent.wait_log("mqtt.connected")
    old = resource.prlimit(car.agent.child.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    wait_until("the journal's trouble in the record", lambda: "journal." in (stack.record.value("SELECT conditions FROM vehicle_state") or ""), 60)
    car.control("airbag all")
    wait_until("the crash on the board", lambda: stack.record.value("SELECT count(*) FROM rescue") == 1, 60)
    assert car.agent.alive()
    # What lasts waits for the disk, without filling the log; the alert was told once and stays one case.
    car.control("set dtc P0301 stored")
    wait_until("the fault is seen", lambda: stack.record.value("SELECT mil FROM vehicle_state") == 1, 60)
    time.sleep(3)  # the raise, tried and refused, on many turns of the loop
    assert stack.record.value("SELECT count(*) FROM ticket") == 0
    refused = car.agent.log.read_text().count("journal.refused")
    assert 0 < refused < 10, f"journal.refused {refused} times"
    resource.prlimit(car.agent.child.pid, resource.RLIMIT_FSIZE, old)
    wait_until("the ticket after the disk came back", lambda: stack.record.value("SELECT count(*) FROM ticket") == 1, 90)
    wait_until("the journal's trouble is over", lambda: "journal.failing" not in stack.record.value("SELECT conditions FROM vehicle_state"), 60)
    assert stack.record.value("SELECT count(*) FROM rescue") == 1


@pytest.mark.parametrize("program, argv, says", [
    ("telltale-agent", ["--unit", "CAR-0001", "--window", "many"], "window must be a whole number"),
    ("telltale-gateway", ["--shards", "0-99", "--tls", "false"], "shards"),
    ("telltale-server", ["--port", "99999"], "port = 99999 is outside"),
    ("telltale-agent", ["--config", "/nonexistent.conf"], "/nonexistent.conf"),
])
def test_a_wrong_configuration_is_named_and_the_status_is_2(stack, program, argv, says):
    done = subprocess.run([str(stack.bin / program), *argv], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and says in done.stderr, done.stderr


def test_a_corrupt_configuration_file_is_named_by_line(stack, tmp_path):
    path = tmp_path / "agent.conf"
    path.write_bytes(b"unit = CAR-0001\n\x00\xff\xfegarbage\n")
    done = subprocess.run([str(stack.bin / "telltale-agent"), "--config", str(path)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and f"{path}:2" in done.stderr, done.stderr


def test_the_other_car_is_never_disturbed(stack):
    """A unit that sends garbage as fast as it can: the neighbour's fault still becomes a ticket."""
    flood = Process("flood", ["sh", "-c", "while :; do echo garbage; done | head -n 20000 | mosquitto_pub -l -q 1 -h 127.0.0.1 -p "
                              f"{stack.unit_port} --cafile {stack.home}/pki/fleet-ca.crt --cert {stack.home}/pki/units/CAR-0001.crt "
                              f"--key {stack.home}/pki/units/CAR-0001.key -t {wire.topic_up('CAR-0001', 'event')}"], stack.log_dir).start()
    stack.processes.append(flood)
    neighbour_is_served(stack)
    assert stack.record.value("SELECT vin FROM ticket t JOIN vehicle v ON v.id = t.vehicle_id") == VIN_2
