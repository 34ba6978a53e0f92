"""Sleeping and waking of telltale-agent as a process: suspend and resume, the service manager, starts that fail."""

import os
import signal
import socket
import time

from test_agent import Gateway, PROFILE, proto, until, world  # noqa: F401  (fixtures)

DRIVE, PARKED, SLEEP, DEEP = 1, 2, 3, 4
RESUME, CHECK_IN, MOVEMENT = 8, 6, 5


def sleepy_profile(folder, *words):
    path = folder / "sleepy.profile"
    text = PROFILE.read_text().replace("../dbc", str(PROFILE.parents[1] / "dbc"))
    path.write_text(text + "\n" + "\n".join(f"power {w}" for w in words) + "\n")
    return path


def suspender(folder):
    """A program that 'suspends': it notes its argument, waits to be released, and notes when it was back."""
    script = folder / "suspend.sh"
    os.mkfifo(folder / "release")
    script.write_text(f'#!/bin/sh\necho "$1" >> {folder}/seconds\nread x < {folder}/release\ndate +%s.%N > {folder}/back.new\nmv {folder}/back.new {folder}/back\n')
    script.chmod(0o755)
    return script


def release(folder):
    (folder / "back").unlink(missing_ok=True)
    with open(folder / "release", "w", encoding="ascii") as f:
        f.write("go\n")


def test_a_resumed_unit_is_back_at_once_with_its_whole_state(world):
    world.broker.start()
    gateway = world.gateway()
    world.agent(profile=sleepy_profile(world.dir, "sleep-after 1", "deep-after 1", "check-in 7200"), suspend_command=suspender(world.dir))
    first = until("a state", lambda: next((s for s in gateway.states if s.online), None))
    assert first.power.state == PARKED and first.power.wake == 1
    until("its leave", lambda: gateway.states and not gateway.states[-1].online)
    leave = gateway.states[-1]
    assert leave.power.state == DEEP and leave.power.next_contact_us > leave.at_us
    assert {m.name for m in leave.metrics} >= {"bus.frames", "memory_kb", "starts", "wakeups", "tx.asleep", "loop_max_us"}
    until("the suspend", lambda: (world.dir / "seconds").exists())
    assert 7000 < int((world.dir / "seconds").read_text()) <= 7200
    seen = len(gateway.states)
    release(world.dir)
    until("a state after the resume", lambda: any(s.online for s in gateway.states[seen:]))
    arrived = time.time()
    state = next(s for s in gateway.states[seen:] if s.online)
    assert state.power.state == PARKED and state.power.wake == RESUME
    assert state.agent_version and "gps.lost" in {c.name for c in state.conditions}
    print(f"resume to publish, seen by a subscriber: {arrived - float((world.dir / 'back').read_text()):.3f} s")


def test_a_suspend_that_fails_is_told(world):
    world.broker.start()
    gateway = world.gateway()
    os.mkfifo(world.dir / "moved")
    world.agent(profile=sleepy_profile(world.dir, "sleep-after 1", "deep-after 1"), suspend_command="false", movement_input=world.dir / "moved")
    until("the failure", lambda: "suspend.failed" in (world.dir / "agent.log").read_text())
    with open(world.dir / "moved", "wb", buffering=0) as accelerometer:
        accelerometer.write(b"1")
    until("the condition", lambda: any(s.online and "power.suspend" in {c.name for c in s.conditions} for s in gateway.states))
    assert gateway.states[-1].power.wake == MOVEMENT


def test_the_service_manager_is_told(world, monkeypatch):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(world.dir / "notify"))
    manager.settimeout(20)
    monkeypatch.setenv("NOTIFY_SOCKET", str(world.dir / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    heard = []

    def hear(text):
        while text not in heard:
            heard.extend(manager.recv(4096).decode().split("\n"))

    child = world.agent(profile=sleepy_profile(world.dir, "sleep-after 3", "deep-after 60"))
    hear("READY=1")
    hear("WATCHDOG=1")
    hear("STATUS=parked, broker away")
    hear("WATCHDOG_USEC=900000000")  # a sleeper asks for patience
    hear("STATUS=sleep, broker away")
    child.send_signal(signal.SIGTERM)
    hear("STOPPING=1")
    assert child.wait(timeout=20) == 0
    manager.close()


def test_a_program_that_keeps_ending_starts_in_a_minimal_way(world):
    world.broker.start()
    for _ in range(5):
        child = world.agent(starts_limit=5)
        mark = world.dir / "journal.starts"
        n = int(mark.read_text().split()[2]) if mark.exists() else 0
        until("its start noted", lambda n=n: mark.exists() and int(mark.read_text().split()[2]) > n)
        child.send_signal(signal.SIGKILL)
        child.wait()
    gateway = world.gateway()
    child = world.agent(starts_limit=5, profile="/nonexistent/profile")  # what may have ended it is left alone
    state = until("a state", lambda: next((s for s in gateway.states if "boot.minimal" in {c.name for c in s.conditions}), None))
    assert next(m.value for m in state.metrics if m.name == "starts") == 6
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=20) == 0
    child = world.agent()  # an orderly end is forgiven
    until("a full start", lambda: any(s.online and "boot.minimal" not in {c.name for c in s.conditions} for s in gateway.states))
