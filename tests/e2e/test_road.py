"""The whole road, three stories: a fault becomes a ticket, an odometer a reminder, a crash a rescue case; each exactly once, each on the right desk,
each in a real browser without a reload."""

import json
import math
import time

from browser import Browser
from conftest import DEALER_1, PASSWORD, STANDING, VIN_1
from desk import Desk
from stack import StackError, wait_until

NEAR_M = 25


def metres(lat1, lon1, lat2, lon2):
    mean = math.radians((lat1 + lat2) / 2)
    return math.hypot((lat1 - lat2) * 111_320, (lon1 - lon2) * 111_320 * math.cos(mean))


def on_the_road(stack, **how):
    car = stack.add_car("CAR-0001", VIN_1, scenario=STANDING, **how)
    car.agent.argv = car.agent_argv(scan_interval_ms=500, odometer_report_m=100)
    car.start()
    car.agent.wait_log("mqtt.connected")
    wait_until("a fix in the record", lambda: stack.record.value("SELECT fix_at FROM vehicle_state WHERE fix >= 2"))
    return car


def simulated_place(reply):
    """The simulator answers each action with where the car is then: "ok lat=31.2304 lon=121.4737"."""
    words = dict(word.split("=") for word in reply.split()[1:])
    return float(words["lat"]), float(words["lon"])


def is_moving(car, at_least_m_s=12):
    """By where the simulator says it is, half a second apart."""
    before, since = simulated_place(car.control("note where")), time.monotonic()
    time.sleep(0.5)  # the measuring time itself
    return metres(*before, *simulated_place(car.control("note where"))) / (time.monotonic() - since) > at_least_m_s


def linked_right(row, stack):
    """The row names car 1, its owner and its dealer, by the record's own ids."""
    want = stack.record.one("SELECT v.id AS vehicle_id, o.customer_id, v.dealer_id FROM vehicle v JOIN ownership o ON o.vehicle_id = v.id WHERE v.vin = ?", VIN_1)
    return all(row[k] == want[k] for k in want)


def test_misfire_becomes_one_ticket(stack):
    with Browser(stack.url, "north", PASSWORD) as north, Browser(stack.url, "south", PASSWORD) as south:
        car = on_the_road(stack)
        lat, lon = simulated_place(car.control("set dtc P0301 stored freeze load=45 coolant=91 rpm=2150 speed=62"))
        seen = north.do('wait [data-testid^="ticket-row-"][data-code="P0301"]')
        assert seen["data"]["vin"] == VIN_1
        assert north.do("loads") == {"ok": True, "loads": 0, "outside": []}
        assert south.do('count [data-testid^="ticket-row-"]')["count"] == 0
    ticket = stack.record.one("SELECT * FROM ticket")
    assert stack.record.value("SELECT count(*) FROM ticket") == 1
    assert linked_right(ticket, stack) and ticket["status"] == "new" and ticket["kind"] == "fault"
    fault = stack.record.one("SELECT * FROM fault WHERE id = ?", ticket["fault_id"])
    assert (fault["code"], fault["ecu"], fault["stored"], fault["mil"], fault["active"]) == ("P0301", 0x7E8, 1, 1, 1)
    frozen = {item["pid"]: item for item in json.loads(fault["freeze_frame"])}
    by_pid = {int(str(pid), 16) if isinstance(pid, str) else pid: item.get("value") for pid, item in frozen.items()}
    assert abs(by_pid[0x0C] - 2150) < 1 and abs(by_pid[0x05] - 91) < 1 and abs(by_pid[0x0D] - 62) < 1, frozen
    assert metres(ticket["latitude_e7"] / 1e7, ticket["longitude_e7"] / 1e7, lat, lon) < NEAR_M
    desk = Desk(stack.url, "north", PASSWORD)
    page = desk.get(f"/api/tickets/{ticket['id']}")
    assert page["vehicle"]["vin"] == VIN_1 and page["customer"]["name"] == "Zhang Wei" and page["dealer"]["name"] == DEALER_1 and page["code"] == "P0301"
    assert page["fault"]["freeze_frame"], "the desk shows no freeze frame"
    assert Desk(stack.url, "south", PASSWORD).status_of("GET", f"/api/tickets/{ticket['id']}") == 404


def test_a_fault_seen_again_and_again_stays_one_ticket(stack):
    car = on_the_road(stack)
    for _ in range(5):
        car.control("set dtc P0301 stored")
        wait_until("raised", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 1)
        car.control("clear dtc P0301")
        wait_until("cleared", lambda: stack.record.value("SELECT active FROM fault WHERE code = 'P0301'") == 0)
    assert stack.record.value("SELECT count(*) FROM ticket") == 1
    assert stack.record.value("SELECT occurrences FROM fault WHERE code = 'P0301'") == 5


def test_service_due_becomes_one_reminder(stack):
    with Browser(stack.url, "north", PASSWORD) as north:
        car = on_the_road(stack, odometer_km=13_999.8)
        wait_until("the odometer in the record", lambda: stack.record.value("SELECT odometer_m FROM vehicle_state") >= 13_999_000)
        assert stack.record.value("SELECT count(*) FROM reminder") == 0
        north.do("goto #/reminders")
        car.control("speed 100 km/h")
        seen = north.do('wait [data-testid^="reminder-row-"]')
        assert seen["data"]["vin"] == VIN_1
        assert north.do("loads")["loads"] == 0
        wait_until("more odometer reports", lambda: stack.record.value("SELECT odometer_m FROM vehicle_state") >= 14_000_300)
    reminder = stack.record.one("SELECT * FROM reminder")
    assert stack.record.value("SELECT count(*) FROM reminder") == 1
    assert linked_right(reminder, stack) and reminder["due_odometer_m"] == 15_000_000
    assert stack.record.value("SELECT count(*) FROM outbox WHERE template LIKE 'maintenance%'") >= 1


def test_crash_becomes_one_rescue_case(stack):
    with Browser(stack.url, "north", PASSWORD) as north, Browser(stack.url, "rescue", PASSWORD) as rescue:
        car = on_the_road(stack)
        car.control("speed 50 km/h")
        wait_until("50 km/h for a second of track", lambda: is_moving(car), 60, 0.5)
        lat, lon = simulated_place(car.control("crash 40 km/h"))
        car.control("airbag driver")
        for browser in (rescue, north):
            browser.do('wait [data-testid="rescue-alarm"]')
            assert browser.do("loads")["loads"] == 0
        rescue.do('click [data-testid="rescue-ack"]')
        wait_until("acknowledged", lambda: stack.record.value("SELECT status FROM rescue") == "acknowledged")
    case = stack.record.one("SELECT * FROM rescue")
    assert stack.record.value("SELECT count(*) FROM rescue") == 1
    assert linked_right(case, stack) and case["kind"] == "crash"
    detail = lambda: json.loads(stack.record.value("SELECT detail FROM rescue"))  # noqa: E731
    try:
        wait_until("airbag and whole loss of speed in the case", lambda: detail()["airbag"] and abs(detail()["delta_v_km_h"] - 40) < 8)
    except StackError as e:
        raise StackError(f"{e}: {detail()}") from None
    assert metres(case["latitude_e7"] / 1e7, case["longitude_e7"] / 1e7, lat, lon) < NEAR_M
    seen = Desk(stack.url, "rescue", PASSWORD).get(f"/api/rescues/{case['id']}")
    assert seen["vehicle"]["vin"] == VIN_1 and seen["customer"]["name"] == "Zhang Wei" and seen["dealer"]["name"] == DEALER_1
    assert metres(seen["place"]["latitude"], seen["place"]["longitude"], lat, lon) < NEAR_M


def test_sos_button_becomes_one_rescue_case(stack):
    car = on_the_road(stack)
    car.sos()
    wait_until("the case", lambda: stack.record.value("SELECT count(*) FROM rescue WHERE kind = 'sos'") == 1)
    assert linked_right(stack.record.one("SELECT * FROM rescue"), stack)
