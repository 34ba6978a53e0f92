"""Told from afar, through the whole stack: a signed command from the operator's tool to frames on the car's bus and back to the record; and a full
state that sets the record right."""

import re
from concurrent.futures import ThreadPoolExecutor

from conftest import PASSWORD, STANDING, VIN_1
from desk import Desk
from stack import ROOT, wait_until
from test_road import is_moving

UNIT = "CAR-0001"


def commanded_car(stack):
    """A standing car whose agent takes commands; `stack.command` reaches it."""
    car = stack.add_car(UNIT, VIN_1, scenario=STANDING)
    car.agent.argv = car.agent_argv(scan_interval_ms=500, **car.commanded())
    car.start()
    car.agent.wait_log("mqtt.connected")
    wait_until("its state", lambda: stack.record.value("SELECT ignition_on FROM vehicle_state") == 1)
    return car


def orders(car):
    """What the body controller was told by frames on the bus, in order."""
    return re.findall(r"body: (\S+ \S+)", car.sim.log.read_text())


def outcomes(stack, kind):
    return [row["outcome"] for row in stack.record.all("SELECT outcome FROM told WHERE what = 'command' AND kind = ? ORDER BY id", kind)]


def test_lock_unlock_and_horn_are_frames_on_the_bus_and_nothing_else_is(stack):
    car = commanded_car(stack)
    said = stack.command(UNIT, "lock")
    assert said.returncode != 0 and "refused: the ignition is on" in said.stdout, said
    assert orders(car) == []
    car.control("ignition off")
    wait_until("the ignition to be off", lambda: stack.record.value("SELECT ignition_on FROM vehicle_state") == 0)
    said = stack.command(UNIT, "lock")
    assert said.returncode == 0 and "done: sent, and confirmed by the car" in said.stdout, said
    assert orders(car) == ["lock 3B1#0200"]
    said = stack.command(UNIT, "unlock")
    assert said.returncode == 0 and "confirmed by the car" in said.stdout, said
    assert orders(car) == ["lock 3B1#0200", "unlock 3B1#0100"]
    said = stack.command(UNIT, "horn-lights", "--for-ms=1200")
    assert said.returncode == 0, said
    assert orders(car)[2:] == ["horn 3B3#01"] * 3, "at 0, 500 and 1000 ms, then no more"
    # on a moving car nothing of it
    car.control("ignition on")
    car.control("speed 30 km/h")
    wait_until("it to move", lambda: is_moving(car, 3), 60, 0.5)
    said = stack.command(UNIT, "unlock")
    assert said.returncode != 0 and "refused: the car is moving" in said.stdout, said
    assert len(orders(car)) == 5
    # the tool reads the answer from the broker, before the gateway has it in the record
    wait_until("every result in the record", lambda: outcomes(stack, 7) == [4, 3] and outcomes(stack, 8) == [3, 4])
    vehicle = stack.record.value("SELECT id FROM vehicle WHERE vin = ?", VIN_1)
    told = Desk(stack.url, "north", PASSWORD).get(f"/api/vehicles/{vehicle}")["told"]
    assert ("lock", "done") in [(one["kind"], one["outcome"]) for one in told]


def test_clearing_codes_says_what_was_there_and_what_the_ecus_answered(stack):
    car = commanded_car(stack)
    car.control("set dtc P0301 stored")
    wait_until("the fault", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 1, 60)
    assert "the engine is running" in stack.command(UNIT, "clear-codes").stdout
    car.control("crash 1 km/h")  # an engine that stopped with its ignition on
    said = wait_until("codes cleared", lambda: next((p for p in [stack.command(UNIT, "clear-codes")] if p.returncode == 0), None), 60, 1)
    assert "done: there were P0301; 7E8: cleared" in said.stdout, said
    vehicle = stack.record.value("SELECT id FROM vehicle WHERE vin = ?", VIN_1)
    told = Desk(stack.url, "north", PASSWORD).get(f"/api/vehicles/{vehicle}")["told"]
    cleared = next(one["cleared"] for one in told if one["cleared"])
    assert cleared["codes"] == ["P0301"] and cleared["ecus"][0] == {"ecu": "0x7E8", "done": True, "nrc": ""}, cleared
    wait_until("its end", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 0, 60)


def test_a_full_state_sets_the_record_right(stack):
    """The unit's journal is lost while a fault goes and another comes: the new one knows nothing of the first."""
    car = commanded_car(stack)
    car.control("set dtc P0301 stored")
    wait_until("the fault", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 1, 60)
    car.agent.stop()
    for file in car.dir.glob("journal.db*"):
        file.unlink()
    car.control("clear dtc P0301")
    car.control("set dtc P0420 stored")
    car.agent.start()
    wait_until("the new fault", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0420'") == 1, 60)
    assert stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 1, "nobody has said that it is gone"

    def asked():
        assert stack.command(UNIT, "full-state").returncode == 0
        return stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 0

    wait_until("the record to be right", asked, 60, 1)
    assert stack.record.value("SELECT active FROM fault WHERE code = 'P0420'") == 1
    assert stack.record.value("SELECT count(*) FROM ticket") == 2 and stack.record.value("SELECT count(*) FROM quarantine") == 0
    line = stack.record.value("SELECT text FROM timeline WHERE kind = 'fault_cleared'")
    assert "full state" in line, line


def test_what_a_command_asked_to_record_is_on_the_vehicle_s_page(stack):
    commanded_car(stack)
    assert stack.command(UNIT, "capture").returncode == 0
    wait_until("the last part", lambda: stack.record.value("SELECT count(*) FROM change WHERE body ->> 'capture' = 'command'") == 1, 60)
    vehicle = stack.record.value("SELECT id FROM vehicle WHERE vin = ?", VIN_1)
    north, south = Desk(stack.url, "north", PASSWORD), Desk(stack.url, "south", PASSWORD)
    captures = north.get(f"/api/vehicles/{vehicle}/captures")["captures"]
    assert len(captures) == 1 and captures[0]["reason"] == "command" and captures[0]["complete"] and captures[0]["impacts"] == 0, captures
    assert "Vehicle.Speed" in {s["path"] for s in captures[0]["signals"]}
    assert south.status_of("GET", f"/api/vehicles/{vehicle}/captures") == 404


def test_a_configuration_waits_until_the_car_stands(stack):
    car = commanded_car(stack)
    car.control("speed 30 km/h")
    wait_until("it to move", lambda: is_moving(car, 3), 60, 0.5)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(stack.telltale, "config", "send", UNIT, ROOT / "schemas/profiles/demo.profile", "--set=state-interval-ms=2000", "--wait=120",
                              "--host=127.0.0.1", f"--port={stack.service_port}", check=False)
        wait_until("it to wait", lambda: stack.record.value("SELECT outcome FROM told WHERE what = 'config'") == 5, 60)
        assert stack.record.value("SELECT config_version FROM unit_state") == 0
        car.control("speed 0 km/h")
        said = sending.result()
    assert said.returncode == 0, said
    assert re.findall(r"^(accepted|applied|confirmed)", said.stdout, re.M) == ["accepted", "applied", "confirmed"], said
