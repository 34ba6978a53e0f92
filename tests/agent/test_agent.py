"""telltale-agent as a process: what it does without a broker, through kill -9, at the end of a log, and with a wrong configuration."""

import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("TT_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARY = Path(os.environ.get("TT_BINARY_DIR", SOURCE / "build/dev"))
AGENT = BINARY / "bin/telltale-agent"
PROFILE = SOURCE / "schemas/profiles/demo.profile"
UNIT = "CAR-7"


def until(what, check, seconds=20.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"{what} did not come within {seconds} s")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def proto(tmp_path_factory):
    out = tmp_path_factory.mktemp("proto")
    subprocess.run(["protoc", f"--python_out={out}", f"-I{SOURCE}/schemas/proto", "telltale.proto"], check=True)
    sys.path.insert(0, str(out))
    return importlib.import_module("telltale_pb2")


class Broker:
    def __init__(self, folder):
        self.port = free_port()
        self.conf = folder / "mosquitto.conf"
        self.conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self.child = None

    def start(self):
        self.child = subprocess.Popen(["/usr/sbin/mosquitto", "-c", self.conf], stderr=subprocess.DEVNULL)
        until("the broker", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def stop(self, how=signal.SIGTERM):
        if self.child:
            self.child.send_signal(how)
            self.child.wait()
            self.child = None


class Gateway:
    """Takes hwm + 1, or first_seq_held when that is larger; acknowledges; answers a hole with resend. Remembers what it stored."""

    def __init__(self, port, proto):
        self.port, self.proto = port, proto
        self.hwm, self.stored, self.states, self.twice = {}, [], [], 0
        self.child = subprocess.Popen(["mosquitto_sub", "-p", str(port), "-i", "gateway", "-q", "1", "-t", "tt/1/+/+/up/#", "-F", "%t %x"],
                                      stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        for line in self.child.stdout:
            topic, _, payload = line.strip().partition(" ")
            if payload:
                self.take(topic.split("/"), bytes.fromhex(payload))

    def take(self, topic, payload):
        env = self.proto.Envelope()
        env.ParseFromString(payload)
        if topic[5] == "state":
            self.states.append(env.state)
            return
        key = (env.epoch, topic[5])
        hwm = self.hwm.get(key, 0)
        if env.seq == hwm + 1 or (env.seq > hwm and env.seq == env.first_seq_held):
            self.hwm[key] = env.seq
            self.stored.append(env)
        else:
            self.twice += 1
        ack = self.proto.Ack(schema=1, epoch=env.epoch, up_to_seq=self.hwm.get(key, 0), resend=env.seq > hwm + 1)
        setattr(ack, "class", getattr(env, "class"))
        subprocess.run(["mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", "/".join(topic[:4]) + "/dn/ack", "-s"],
                       input=ack.SerializeToString(), check=False)

    def kinds(self, body):
        return [getattr(env, body) for env in self.stored if env.WhichOneof("body") == body]

    def stop(self):
        self.child.kill()
        self.child.wait()


@pytest.fixture
def world(tmp_path, proto):
    class World:
        pass

    w = World()
    w.dir, w.broker, w.children = tmp_path, Broker(tmp_path), []

    def agent(**options):
        argv = {"unit": UNIT, "broker-port": w.broker.port, "tls": "false", "journal": tmp_path / "journal", "profile": PROFILE,
                "can": f"shared:{tmp_path}/bus", "gpsd-port": free_port(), "resend-ms": 1000, **{k.replace("_", "-"): v for k, v in options.items()}}
        log = (tmp_path / "agent.log").open("a")
        child = subprocess.Popen([AGENT] + [f"--{k}={v}" for k, v in argv.items() if v is not None], stdout=log, stderr=log)
        w.children.append(child)
        return child

    w.agent = agent
    w.gateway = lambda: w.__dict__.setdefault("gw", Gateway(w.broker.port, proto))
    (tmp_path / "bus").mkdir()
    yield w
    for child in w.children:
        child.kill()
        child.wait()
    if "gw" in w.__dict__:
        w.gw.stop()
    w.broker.stop()
    print((tmp_path / "agent.log").read_text()[-4000:] if (tmp_path / "agent.log").exists() else "")


def write_log(path, crash=False, seconds=4.0):
    """A drive at 60 km/h as `candump -L` writes it; with crash, 40 km/h go in 100 ms and a bag fires."""
    lines, speed = [], 6000
    for i in range(int(seconds * 100)):
        t = 1609459200 + i / 100
        hit = crash and 200 <= i < 210
        speed -= 400 if hit else 0
        lines.append(f"({t:.6f}) can0 0B4#{struct.pack('<HhHH', speed, -11111 if hit else 0, 0, 0).hex().upper()}")
        if i % 10 == 0:
            lines.append(f"({t + 0.001:.6f}) can0 300#04E02E0000000000")
            lines.append(f"({t + 0.002:.6f}) can0 050#{'01' if crash and i >= 210 else '00'}00000000000000")
        if i % 100 == 0:
            lines.append(f"({t + 0.003:.6f}) can0 400#{(123456).to_bytes(4, 'little').hex().upper()}00000000")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_log_is_drained_to_the_last_acknowledgement_and_the_agent_ends(world):
    world.broker.start()
    gateway = world.gateway()
    log = write_log(world.dir / "drive.log", crash=True)
    child = world.agent(can=f"replay:{log}?speed=max", exit_at_end="true")
    assert child.wait(timeout=60) == 0
    crash = gateway.kinds("alert")
    assert len({alert.incident for alert in crash}) == 1
    assert crash[0].kind == 1 and crash[0].crash.speed_known
    assert abs(crash[0].crash.speed_before_mm_s - 16667) < 10
    assert max(alert.crash.delta_v_mm_s for alert in crash) >= 6706
    parts = gateway.kinds("capture")
    assert [part.part for part in parts] == list(range(1, len(parts) + 1)) and parts[-1].last and not parts[-1].incomplete
    assert {part.incident for part in parts} == {crash[0].incident} and (parts[0].from_ms, parts[-1].to_ms) == (-5000, 5000)
    assert 1 in parts[0].mapped and parts[0].samples.samples > 50
    assert gateway.kinds("odometer")[0].odometer_m == 12345600
    assert [trip.change for trip in gateway.kinds("trip")] == [1]
    assert sum(chunk.samples for chunk in gateway.kinds("telemetry")) > 5
    # the retained state tells the orderly end
    until("the last state", lambda: gateway.states and not gateway.states[-1].online)
    assert any(c.name == "bus.silent" for state in gateway.states for c in state.conditions)


def test_a_harsh_manoeuvre_is_told_once_with_what_was_measured(world):
    world.broker.start()
    gateway = world.gateway()
    lines, speed = [], 8000.0
    for i in range(1500):  # 80 km/h, ordinary braking, then 7 m/s^2 from 60 km/h
        t = 1609459200 + i / 100
        along = -3.0 if 200 <= i < 385 else -7.0 if 800 <= i < 1000 else 0.0
        speed = max(0.0, speed + along * 3.6)
        raw = struct.pack("<HhHH", round(speed), round(along * 100) if speed else 0, 0, 0).hex().upper()
        lines.append(f"({t:.6f}) can0 0B4#{raw}")
        if i % 10 == 0:
            lines.append(f"({t + 0.001:.6f}) can0 300#04E02E0000000000")
    log = world.dir / "harsh.log"
    log.write_text("\n".join(lines) + "\n")
    child = world.agent(can=f"replay:{log}?speed=max", exit_at_end="true")
    assert child.wait(timeout=60) == 0
    event, = gateway.kinds("vehicle_event")
    assert (event.kind, event.phase, event.cause) == (1, 1, 1)
    assert event.occurrence and 6500 <= event.peak_milli <= 7000 and event.limit_milli == 4500
    assert 1500 <= event.duration_ms <= 4000


def test_a_crash_without_broker_survives_kill_9_and_arrives_once(world):
    log = write_log(world.dir / "crash.log", crash=True)
    child = world.agent(can=f"replay:{log}?speed=max")
    until("the alert", lambda: "alert kind=1" in (world.dir / "agent.log").read_text())
    until("the capture under way", lambda: (world.dir / "journal.capture").exists())
    child.send_signal(signal.SIGKILL)
    child.wait()
    world.broker.start()
    gateway = world.gateway()
    world.agent()
    until("the alert at the gateway", lambda: gateway.kinds("alert"))
    until("the closing word of the capture", lambda: any(part.last for part in gateway.kinds("capture")))
    parts = gateway.kinds("capture")
    assert parts[-1].incomplete and parts[-1].incident == gateway.kinds("alert")[0].incident
    before = len(gateway.stored)
    time.sleep(1.5)  # longer than resend-ms: what was acknowledged must not come again
    assert len({alert.incident for alert in gateway.kinds("alert")}) == 1 and len(gateway.stored) >= before
    seqs = {}
    for env in gateway.stored:
        seqs.setdefault((env.epoch, getattr(env, "class")), []).append(env.seq)
    assert all(list_ == list(range(1, len(list_) + 1)) for list_ in seqs.values())


def test_a_broker_killed_and_restarted_is_found_again(world):
    world.broker.start()
    os.mkfifo(world.dir / "sos")
    child = world.agent(sos_input=world.dir / "sos")
    gateway = world.gateway()
    until("a state", lambda: any(state.online for state in gateway.states))
    world.broker.stop(signal.SIGKILL)
    gateway.stop()
    with open(world.dir / "sos", "wb", buffering=0) as button:
        button.write(b"1")
    until("the SOS in the log", lambda: "alert kind=2" in (world.dir / "agent.log").read_text())
    world.broker.start()
    again = world.gw = Gateway(world.broker.port, gateway.proto)
    until("the SOS at the gateway", lambda: again.kinds("alert"))
    assert again.kinds("alert")[0].kind == 2
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=10) == 0


def test_a_car_with_nothing_around_it_says_so(world):
    world.broker.start()
    gateway = world.gateway()
    child = world.agent(can=f"shared:{world.dir}/absent/bus,socketcan:nocan0")
    wanted = {"gps.lost", "bus.down", "bus.silent"}
    state = until("the conditions", lambda: next((s for s in gateway.states if wanted <= {c.name for c in s.conditions}), None))
    assert all(c.since_us > 1_600_000_000_000_000 for c in state.conditions)
    child.send_signal(signal.SIGKILL)  # the broker speaks the last will
    until("the last will", lambda: not gateway.states[-1].online)


def test_a_lorrys_dm1_over_bam_becomes_a_fault(world):
    world.broker.start()
    gateway = world.gateway()
    frames = ["18FEC117#C8000000FFFFFFFF", "1CECFF03#200A0002FFCAFE00", "1CEBFF03#0110FF6102130164", "1CEBFF03#020001" + "7FFFFFFFFF"]
    log = world.dir / "lorry.log"
    log.write_text("".join(f"({1609459200 + i * 0.1:.6f}) can0 {f}\n" for i, f in enumerate(frames + frames)))
    child = world.agent(can=f"replay:{log}?speed=max", exit_at_end="true", profile=SOURCE / "schemas/profiles/truck.profile")
    assert child.wait(timeout=60) == 0
    faults = gateway.kinds("fault")
    assert [(f.protocol, f.code, f.ecu, f.stored, f.mil, f.lamps, f.occurrences) for f in faults] == [
        (3, "609/19", 3, True, True, 0x10FF, 2), (3, "100/1", 3, True, True, 0x10FF, 0)]
    assert gateway.kinds("odometer")[0].odometer_m == 1000


@pytest.mark.parametrize("options, says", [
    ({"unit": "not a name"}, "unit 'not a name'"),
    ({"tls": "true"}, "tls needs ca, cert and key"),
    ({"tls": "true", "ca": "/nonexistent/ca", "cert": "x", "key": "y"}, "/nonexistent/ca"),
    ({"profile": "/nonexistent/profile"}, "/nonexistent/profile: No such file"),
    ({"profile": "BAD"}, "bad.profile:2: no such VSS path"),
    ({"profile": "BADDBC"}, "profile line 3"),
    ({"can": "serial:/dev/ttyS0"}, "can 'serial:/dev/ttyS0'"),
    ({"can": " , "}, "names no bus"),
    ({"gpsd-host": "192.0.2.7"}, "gpsd-host 192.0.2.7"),
    ({"window": "0"}, "window"),
    ({"log-level": "loud"}, "log-level 'loud'"),
    ({"sos-input": "/nonexistent/folder/fifo"}, "sos-input /nonexistent/folder/fifo"),
    ({"no-such-key": "1"}, "no-such-key"),
])
def test_a_wrong_configuration_is_told_and_ends_with_2(world, options, says):
    (world.dir / "bad.profile").write_text("telltale-profile 1\npoll 0x0D Vehicle.Sped\n")
    (world.dir / "baddbc.profile").write_text(f"telltale-profile 1\ndbc {SOURCE}/schemas/dbc/telltale_demo.dbc\nsignal BodyStatus.Nothing Vehicle.Speed\n")
    named = {"BAD": world.dir / "bad.profile", "BADDBC": world.dir / "baddbc.profile"}
    child = world.agent(**{k: named.get(v, v) for k, v in options.items()})
    assert child.wait(timeout=10) == 2
    assert says in (world.dir / "agent.log").read_text()


def test_supported_and_prefailed_codes_are_told_in_the_log_and_raise_nothing(world):
    profile, scenario = world.dir / "uds.profile", world.dir / "uds.scenario"
    profile.write_text(PROFILE.read_text().replace("../dbc/", f"{SOURCE}/schemas/dbc/") + "ecu engine 0x7E0 0x7E8 counters\n")
    scenario.write_text("set dtc P0302 prefailed\nset dtc P0420 stored\n")
    world.broker.start()
    gateway = world.gateway()
    world.children.append(subprocess.Popen([BINARY / "bin/telltale-sim", "--bus", f"shared:{world.dir}/bus", "--scenario", scenario],
                                           stdout=subprocess.DEVNULL))
    world.agent(profile=profile, scan_interval_ms=1000)
    log = world.dir / "agent.log"
    until("the codes that the ECU has", lambda: "uds.supported ecu=7E8 codes=6" in log.read_text())
    until("the test that begins to fail", lambda: "uds.prefailed ecu=7E8 code=P0302-00 counter=64" in log.read_text())
    until("the stored code", lambda: any(f.protocol == 2 and f.code == "P0420-00" for f in gateway.kinds("fault")))
    assert not [f for f in gateway.kinds("fault") if f.code.startswith("P0302")]
    assert log.read_text().count("uds.prefailed") == log.read_text().count("uds.supported") == 1


def test_a_uds_fault_arrives_with_status_snapshot_and_extended_data_and_obd_does_not_tell_it_again(world):
    profile, scenario = world.dir / "uds.profile", world.dir / "uds.scenario"
    profile.write_text(PROFILE.read_text().replace("../dbc/", f"{SOURCE}/schemas/dbc/")
                       + "ecu engine 0x7E0 0x7E8\nsnapshot engine F40C 2\nsnapshot engine F40D 1\nextended-data engine 01 1\n")
    scenario.write_text("set dtc P0301 stored freeze rpm=2150 speed=62\n")
    world.broker.start()
    gateway = world.gateway()
    control = world.dir / "control"
    world.children.append(subprocess.Popen([BINARY / "bin/telltale-sim", "--bus", f"shared:{world.dir}/bus", "--scenario", scenario,
                                            "--control", control], stdout=subprocess.DEVNULL))
    world.agent(profile=profile, scan_interval_ms=1000)
    fault = until("the UDS fault", lambda: next((f for f in gateway.kinds("fault") if f.protocol == 2), None))
    assert (fault.code, fault.ecu, fault.change, fault.status) == ("P0301-00", 0x7E8, 1, 0xAF)
    assert fault.stored and fault.pending and fault.mil and not fault.permanent
    assert [(s.record, s.did, s.raw) for s in fault.snapshot] == [(1, 0xF40C, (2150 * 4).to_bytes(2, "big")), (1, 0xF40D, bytes([62]))]
    assert [(x.record, x.raw) for x in fault.extended] == [(1, bytes([5]))]
    # OBD of the same ECU adds its permanent bit to the same fault, and ends with it
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(world.dir / "reply"))
        for line, what, check in (
                ("set dtc P0301 stored permanent", "OBD's bit", lambda f: f.change == 2 and f.permanent and f.stored),
                ("clear dtc P0301", "the end", lambda f: f.change == 3)):
            s.sendto(line.encode(), str(control))
            assert s.recv(200).startswith(b"ok")
            until(what, lambda: any(check(f) for f in gateway.kinds("fault")))
    assert {(f.protocol, f.code) for f in gateway.kinds("fault")} == {(2, "P0301-00")}
    assert [f.change for f in gateway.kinds("fault")].count(1) == 1
