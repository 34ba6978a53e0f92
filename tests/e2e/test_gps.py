"""The agent's position from a real gpsd that is fed recorded NMEA through gpsfake: right place, right date, and every trouble told with a time.

Only broker, gateway and agent run here. What is asserted is what the agent publishes and what the record makes of it.

gpsd takes a date before 2017 for a receiver whose week number rolled over, and adds 1024 weeks: the shared recordings of 2007 to 2015 come out
of it in 2026 to 2034. So places are compared by the time of day, which gpsd keeps, and dates by what must never happen: being shown as live.
"""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

import wire
from conftest import VIN_1, Record, seed, show_logs
from stack import ROOT, Process, Stack, StackError, free_port, wait_until

OWN = ROOT / "tests/data/gps/shanghai.nmea"
SHARED = ROOT.parent / "shared/data/gps"
LOGS = [OWN, *sorted(SHARED.glob("*.log"))]
NEAR_M, NEAR_DEG = 25, 1e-4
BURST = 7  # sentences a second in the project's own NMEA
DAY_US = 86_400_000_000


# ---- receivers ----

class Receiver:
    """gpsfake: a pseudo terminal that says what the log says, and a gpsd of its own that listens on the port."""

    def __init__(self, stack, log, pause_s, port=None, once=True):
        self.port = port or free_port()
        argv = [shutil.which("gpsfake") or "/usr/bin/gpsfake", "-q", "-n", "-W", 2, "-c", pause_s, "-P", self.port] + (["-1"] if once else []) + [log]
        self.gpsfake = Process("gpsfake", argv, stack.log_dir, env={"TMPDIR": str(stack.sockets)})
        stack.receivers.append(self)

    def start(self):
        self.gpsfake.start()
        self.gpsfake.wait_port(self.port)
        return self

    def gpsd(self):
        """Process id of the gpsd below gpsfake."""
        pid = self.gpsfake.child.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "gpsd":
                return int(child)
        raise StackError("gpsfake has no gpsd")

    def playing(self):
        return self.gpsfake.alive()

    def stop(self):
        """gpsfake leads a process group with its gpsd; a SIGTERM would leave the latter behind."""
        if self.gpsfake.child:
            try:
                os.killpg(self.gpsfake.child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.gpsfake.child.wait()


def sentence(body):
    parity = 0
    for byte in body.encode():
        parity ^= byte
    return f"${body}*{parity:02X}\r\n"


def no_fix_burst(at):
    """What a receiver in a tunnel says: the time goes on, status V, quality 0."""
    clock = at.strftime("%H%M%S.00")
    bodies = [f"GPGGA,{clock},,,,,0,00,99.99,,,,,,", "GPGSA,A,1,,,,,,,,,,,,,99.99,99.99,99.99", f"GPRMC,{clock},V,,,,,,,{at:%d%m%y},,,N"]
    return "".join(sentence(b) for b in bodies + ["GPGSV,1,1,00"] * (BURST - len(bodies)))


def drive(stack, seconds, start=0):
    """Bursts of a simulated drive, one a second; start 0 = now."""
    text = subprocess.run([stack.bin / "telltale-sim", "nmea", "--track", ROOT / "sim/tracks/shanghai.track", "--seconds", str(seconds), "--seed", "7",
                           "--start", str(start)], check=True, capture_output=True).stdout.decode()
    lines = text.splitlines(keepends=True)
    assert len(lines) == seconds * BURST
    return ["".join(lines[i:i + BURST]) for i in range(0, len(lines), BURST)]


# ---- what is true ----

def from_iso(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1e3) * 1000


def degrees(value, half):
    whole, minutes = divmod(float(value), 100)
    return (whole + minutes / 60) * (-1 if half in "SW" else 1)


def truth(log):
    """{time of day in us: [(latitude, longitude)]}: from gpsd's own expectations beside the log, else from the log's RMC sentences."""
    places = {}
    check = Path(f"{log}.chk")
    if check.exists():
        for line in check.read_text(errors="replace").splitlines():
            report = json.loads(line) if line.startswith('{"class":"TPV"') else {}
            if report.get("mode", 0) >= 2 and {"time", "lat", "lon"} <= report.keys():
                places.setdefault(from_iso(report["time"]) % DAY_US, []).append((report["lat"], report["lon"]))
        return places
    for f in (line.split(",") for line in log.read_text().splitlines() if line.startswith("$GPRMC")):
        if f[2] == "A":
            at = datetime.strptime(f[9] + f[1], "%d%m%y%H%M%S.%f").replace(tzinfo=timezone.utc)
            places.setdefault(round(at.timestamp() * 1e6) % DAY_US, []).append((degrees(f[3], f[4]), degrees(f[5], f[6])))
    return places


def metres(a, b):
    return math.hypot((a[0] - b[0]) * 111_320, (a[1] - b[1]) * 111_320 * math.cos(math.radians(a[0])))


def is_true(place, wanted):
    """Within 25 m, and within 1e-4 degrees."""
    return any(metres(place, w) < NEAR_M and abs(place[0] - w[0]) <= NEAR_DEG and abs(place[1] - w[1]) <= NEAR_DEG for w in wanted)


# ---- the road ----

class Car:
    """The agent alone, with the record's view of it."""

    def __init__(self, stack, port):
        self.stack, self.since_us = stack, time.time_ns() // 1000
        self.car = stack.add_car("CAR-0001", VIN_1)
        self.agent = self.car.agent
        self.agent.argv = self.car.agent_argv(gpsd_port=port, state_interval_ms=1000)
        stack.processes.append(self.agent.start())
        self.agent.wait_log("mqtt.connected")

    def row(self):
        return self.stack.record.one("SELECT s.* FROM vehicle_state s JOIN vehicle v ON v.id = s.vehicle_id WHERE v.vin = ?", VIN_1) or {}

    def conditions(self):
        return {c["name"]: c for c in json.loads(self.row().get("conditions", "[]"))}

    def place(self):
        """(time of the fix, (latitude, longitude)), or None before the first fix."""
        row = self.row()
        return (row["fix_at"], (row["latitude_e7"] / 1e7, row["longitude_e7"] / 1e7)) if row.get("fix_at") else None

    def wait_condition(self, name, seconds=30):
        condition = wait_until(f"{name} in the record", lambda: self.conditions().get(name), seconds)
        assert self.since_us <= condition["since_us"] <= time.time_ns() // 1000, f"{name} began at an impossible time: {condition}"
        return condition

    def wait_gone(self, *names, seconds=30):
        wait_until(f"{', '.join(names)} gone from the record", lambda: self.row() and not self.conditions().keys() & set(names), seconds)


@pytest.fixture
def road():
    """Broker and gateway with two seeded cars; ends receivers too."""
    home = Path(tempfile.mkdtemp(prefix="telltale-gps-"))
    s = Stack(home, build=os.environ.get("TT_E2E_BUILD", "release"))
    s.record, s.receivers = Record(s.database), []
    good = False
    try:
        s.init()
        seed(s)
        s.processes += [s.broker.start()]
        s.broker.wait_port(s.unit_port)
        s.processes += [s.gateway.start()]
        yield s
        s.stop()
        good = True
    finally:
        if not good:
            show_logs(s)
        for r in s.receivers:
            r.stop()
        for process in s.processes:
            process.kill()
        shutil.rmtree(s.sockets, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


class Heard:
    """Everything that car 1's agent publishes, as the gateway would hear it."""

    def __init__(self, stack):
        pki = stack.home / "pki"
        self.log = Process("heard", ["mosquitto_sub", "-h", "127.0.0.1", "-p", stack.service_port, "--cafile", pki / "fleet-ca.crt",
                                     "--cert", pki / "gateway.crt", "--key", pki / "gateway.key", "-q", "1", "-t", wire.topic_up("CAR-0001", "+"),
                                     "-F", "heard %x"], stack.log_dir).start()
        stack.processes.append(self.log)

    def envelopes(self):
        lines = [line.split() for line in self.log.log.read_text(errors="replace").splitlines(keepends=True) if line.endswith("\n")]
        return [wire.decode(bytes.fromhex(words[1])) for words in lines if len(words) == 2 and words[0] == "heard"]


def play(stack, log, seconds):
    """Play a log once, in so many seconds; returns the car, what it published on the way, and {fix time: place} as the record showed them."""
    sentences = sum(line.startswith("$") for line in log.read_text(errors="replace").splitlines())
    heard, receiver = Heard(stack), Receiver(stack, log, round(seconds / sentences, 4)).start()
    car, shown = Car(stack, receiver.port), {}

    def over():
        if place := car.place():
            shown[place[0]] = place[1]
        return not receiver.playing() and "gps.lost" in car.conditions()

    wait_until(f"the end of {log.name}", over, 120)
    return car, heard.envelopes(), shown


# ---- the tests ----

def test_the_recording_can_be_made_again(road):
    start = int(re.search(r"--start (\d+)", (OWN.parent / "README.md").read_text())[1])
    assert "".join(drive(road, 150, start)) == OWN.read_bytes().decode()


@pytest.mark.parametrize("log", LOGS, ids=lambda p: p.name)
def test_a_recorded_drive_is_where_it_was_and_never_live(road, log):
    wanted = truth(log)
    assert wanted
    car, envelopes, shown = play(road, log, 15)
    states = [e for e in envelopes if e.WhichOneof("body") == "state"]
    fixes = {}
    # Events have positions too: the record shows the newest, whoever told it.
    bodies = [getattr(e, e.WhichOneof("body")) for e in envelopes]
    for body in (b for b in bodies if hasattr(b, "position") and b.position.fix >= wire.pb.FIX_TYPE_TWO_D):
        p = body.position
        place = (p.latitude_e7 / 1e7, p.longitude_e7 / 1e7)
        assert p.fix_at_us % DAY_US in wanted, f"published a fix at {p.fix_at_us} us, which the receiver never said"
        assert is_true(place, wanted[p.fix_at_us % DAY_US]), f"{place} at {p.fix_at_us}, wanted {wanted[p.fix_at_us % DAY_US]}"
        fixes.setdefault(p.fix_at_us, body)
    assert len(fixes) >= 3, f"only {len(fixes)} different fixes in {len(envelopes)} messages"
    assert shown.keys() <= fixes.keys(), "the record shows a fix with a date that the agent never sent"

    # Recorded long ago, or dated ahead by gpsd: the unit says that this cannot be now, and the record shows the first as old, the other not at all.
    now = time.time_ns() // 1000
    last = max(fixes)
    if abs(last - now) > 120_000_000:
        told = {c.detail for s in states for c in s.state.conditions if c.name == "gps.time"}
        assert any(("behind" if last < now else "ahead of") + " the clock" in detail for detail in told), told
        assert not any(abs(at - now) < 60_000_000 for at in shown), shown
    if last < now:
        assert max(shown) == last, "the last fix of the recording is not in the record"
        assert fixes[last].position.age_ms >= (now - last) / 1000 - 120_000 or fixes[last].position.age_ms == 2**32 - 1
    if log == OWN:
        assert last // DAY_US * DAY_US == from_iso("2025-06-01T00:00:00Z")
    car.wait_condition("gps.lost")


def test_a_live_receiver_is_dated_now_and_a_tunnel_is_no_fix(road):
    bursts, log = drive(road, 20, int(time.time()) + 1), road.home / "tunnel.nmea"
    began = datetime.now(timezone.utc)
    for i in range(5, 13):
        bursts[i] = no_fix_burst(datetime.fromtimestamp(began.timestamp() + i, timezone.utc))
    log.write_text("".join(bursts), newline="")
    receiver = Receiver(road, log, round(1 / BURST, 4)).start()
    car = Car(road, receiver.port)
    before = wait_until("a fix", car.place, 30)
    assert abs(before[0] - time.time_ns() // 1000) < 5_000_000, "a live fix is not dated now"
    car.wait_gone("gps.no_fix", "gps.lost", "gps.time")
    assert car.row()["fix"] == 3
    car.wait_condition("gps.no_fix")
    held = car.place()
    assert held[0] >= before[0], "the last known place is kept"
    car.wait_gone("gps.no_fix")
    after = wait_until("a newer fix", lambda: car.place() if car.place()[0] > held[0] else None)
    assert metres(after[1], held[1]) < 1000
    assert "gps.time" not in car.conditions()


def test_gpsd_killed_is_told_and_found_again(road):
    log = road.home / "live.nmea"
    log.write_text("".join(drive(road, 60)), newline="")
    receiver = Receiver(road, log, round(1 / BURST, 4)).start()
    car = Car(road, receiver.port)
    before = wait_until("a fix", car.place)
    car.wait_gone("gps.lost", "gps.no_fix")
    killed_us = time.time_ns() // 1000
    os.kill(receiver.gpsd(), signal.SIGKILL)
    lost = car.wait_condition("gps.lost", 10)
    assert killed_us - 100_000 <= lost["since_us"], lost
    assert car.place()[0] >= before[0], "the last known place is kept"
    receiver.stop()
    log.write_text("".join(drive(road, 60)), newline="")
    Receiver(road, log, round(1 / BURST, 4), port=receiver.port).start()
    held = car.place()
    car.wait_gone("gps.lost", "gps.no_fix", seconds=45)
    wait_until("a newer fix", lambda: car.place()[0] > held[0])
    assert car.agent.alive()


def test_a_receiver_whose_time_jumps_is_told(road):
    bursts, log = drive(road, 130, int(time.time()) - 118), road.home / "jump.nmea"
    log.write_text("".join(bursts[:6] + bursts[120:]), newline="")
    receiver = Receiver(road, log, round(1 / BURST, 4)).start()
    car = Car(road, receiver.port)
    first = car.wait_condition("gps.time")
    assert re.search(r" 1\d\d s behind the clock$", first["detail"]), first
    old = wait_until("a fix", car.place)

    # Before the jump the receiver was two minutes late; after it, it agrees with the clock and only the jump is told.
    told = wait_until("the jump", lambda: (c := car.conditions().get("gps.time")) and "jumped by" in c["detail"] and c)
    assert re.search(r"time jumped by 11\d s$", told["detail"]), told
    car.agent.wait_log("gps.jump")
    wait_until("a fix of now", lambda: car.place()[0] > old[0] + 100_000_000)
