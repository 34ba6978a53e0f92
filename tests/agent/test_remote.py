"""Told from afar over a real broker: the operator's tool signs, the agent answers, a gateway of command line tools acknowledges."""

import subprocess

import pytest

from test_agent import BINARY, PROFILE, UNIT, proto, until, world  # noqa: F401 (fixtures)

TOOL = BINARY / "bin/telltale"


@pytest.fixture
def told(world):
    """A car that trusts the operator's key; telltale(...) runs the tool in a home of its own."""
    home = world.dir / "home"

    def telltale(*words, status=0):
        done = subprocess.run([TOOL, *map(str, words), f"--home={home}"], capture_output=True, text=True, timeout=60)
        assert done.returncode == status, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    world.telltale = telltale
    telltale("key", "new", "operator")
    telltale("key", "trust")
    world.broker.start()
    world.gateway()
    world.to_car = ("--plain", "--host=127.0.0.1", f"--port={world.broker.port}")
    world.options = {"trusted_keys": home / "keys/trusted", "config_dir": world.dir / "config"}
    world.agent(**world.options)
    until("a state", lambda: any(state.online for state in world.gw.states))
    return world


def test_a_ping_is_answered_and_an_unlock_of_an_unknown_car_refused(told):
    assert "done" in told.telltale("command", "send", UNIT, "ping", "--wait=30", *told.to_car)
    said = told.telltale("command", "send", UNIT, "unlock", "--wait=30", *told.to_car, status=1)
    assert "unsupported: this car's profile has no frames for it" in said
    results = told.gw.kinds("command_result")
    assert [(r.kind, r.outcome) for r in results] == [(1, 3), (8, 9)] and [r.counter for r in results] == [1, 2]
    assert told.telltale("command", "send", UNIT, "full-state", "--wait=30", *told.to_car)
    full = until("the full state", lambda: told.gw.kinds("full_state"))[0]
    assert full.state.online and full.state.agent_version
    told.telltale("key", "new", "stranger")  # made later: the car does not trust it
    assert "unauthentic" in told.telltale("command", "send", UNIT, "ping", "--key=stranger", "--wait=30", *told.to_car, status=1)


def test_a_configuration_is_applied_confirmed_and_a_bad_one_rejected(told):
    said = told.telltale("config", "send", UNIT, PROFILE, "--set=state-interval-ms=5000", "--wait=60", *told.to_car)
    assert "applied" in said and "confirmed" in said, said
    until("the version in the state", lambda: told.gw.states[-1].config_version == 1 and not told.gw.states[-1].config_trial)
    bad = told.dir / "bad.profile"
    bad.write_text("telltale-profile 1\npoll 0x0D Vehicle.Sped\n")
    assert "rejected: " in told.telltale("config", "send", UNIT, bad, "--wait=60", *told.to_car, status=1)
    assert [(r.version, r.outcome, r.active_version) for r in told.gw.kinds("config_result")] == [(1, 1, 1), (1, 2, 1), (2, 3, 1)]
    # and a ping afterwards still goes through: it is the same agent
    assert "done" in told.telltale("command", "send", UNIT, "ping", "--wait=30", *told.to_car)


def test_the_key_stays_secret_and_its_roles_bind(told):
    key = told.dir / "home/keys/operator.key"
    assert key.stat().st_mode & 0o077 == 0
    told.telltale("key", "new", "configurer", "--roles=config")
    assert "may sign config, not command" in told.telltale("command", "send", UNIT, "ping", "--key=configurer", *told.to_car, status=1)
    assert "operator" in told.telltale("key", "list") and "configurer" in told.telltale("key", "list")
    key.chmod(0o644)
    assert "others may read it" in told.telltale("command", "send", UNIT, "ping", *told.to_car, status=1)
