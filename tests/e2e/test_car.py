"""What else a car says, all the way to the desk's pages: it brakes hard, and what its signals were around a crash comes after the alarm."""

from conftest import PASSWORD, VIN_1
from desk import Desk
from stack import wait_until
from test_road import is_moving, on_the_road


def test_hard_braking_and_a_crash_reach_the_pages(stack):
    car = on_the_road(stack)
    car.control("speed 50 km/h")
    wait_until("50 km/h for a second of track", lambda: is_moving(car), 60, 0.5)
    car.control("brake hard 25 km/h")
    wait_until("the braking in the record", lambda: stack.record.value("SELECT count(*) FROM vehicle_event WHERE kind = 1") == 1)
    car.control("crash 20 km/h driver")
    wait_until("the case", lambda: stack.record.value("SELECT count(*) FROM rescue") == 1)
    wait_until("the last part of the recording", lambda: stack.record.value("SELECT count(*) FROM timeline WHERE kind = 'capture'") == 1, 60)

    north = Desk(stack.url, "north", PASSWORD)
    vehicle, case = (stack.record.value(sql, VIN_1) for sql in ("SELECT id FROM vehicle WHERE vin = ?",
                                                                "SELECT r.id FROM rescue r JOIN vehicle v ON v.id = r.vehicle_id WHERE v.vin = ?"))
    events = north.get(f"/api/vehicles/{vehicle}/events")
    braking = next(e for e in events["events"] if e["kind"] == "harsh_braking")
    assert braking["peak"] >= braking["limit"] > 0 and braking["unit"] == "m/s2" and braking["ended_at"]
    assert braking["place"] and events["place_reason"] == "rescue", "an open rescue is a reason to see where the car was"
    captures = north.get(f"/api/rescues/{case}/capture")["captures"]
    assert len(captures) == 1 and captures[0]["complete"] and captures[0]["missing"] == 0, captures
    signals = {s["path"]: s for s in captures[0]["signals"]}
    speed = signals["Vehicle.Speed"]
    assert speed["at_ms"][0] < 0 < speed["at_ms"][-1] and max(speed["value"]) > 15
    assert 1 in signals["Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed"]["value"]
    assert "Vehicle.CurrentLocation.Latitude" not in signals
    elements = {e["element"]: e for e in captures[0]["elements"]}
    assert -2000 < elements["airbag_driver"]["values"][0] < 1000 and elements["multi_event"]["values"] == [1]
    assert elements["complete"]["values"] == [1] and elements["second_event"]["status"] == "not_heard"
    shown = elements["speed"]
    assert (shown["from_ms"], shown["step_ms"], len(shown["values"]), shown["unit"]) == (-5000, 500, 11, "km/h") and max(v or 0 for v in shown["values"]) > 15
    assert elements["max_delta_v_longitudinal"]["values"][0] < -10
    unit = north.get(f"/api/vehicles/{vehicle}")["unit"]
    assert unit["unit"] == "CAR-0001" and unit["power"] == "drive" and unit["version"]
    south = Desk(stack.url, "south", PASSWORD)
    assert south.status_of("GET", f"/api/vehicles/{vehicle}/events") == south.status_of("GET", f"/api/rescues/{case}/capture") == 404
