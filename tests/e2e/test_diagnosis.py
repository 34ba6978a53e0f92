"""What the car's control units say, all the way to the desk: one defect is one ticket by whichever protocol it is told, and what a unit says of itself is on its page."""

from conftest import PASSWORD, ROOT, STANDING, VIN_1
from desk import Desk
from stack import wait_until

BOTH = "ecu engine 0x7E0 0x7E8\nsnapshot engine F40C 2\nsnapshot engine F40D 1\nextended-data engine 01 1\n"


def on_the_road(stack, uds):
    """A car whose profile asks the engine by OBD, and also by UDS."""
    car = stack.add_car("CAR-0001", VIN_1, scenario=STANDING)
    ask_by_uds(car, uds)
    car.start()
    car.agent.wait_log("mqtt.connected")
    return car


def ask_by_uds(car, uds):
    profile = car.dir / ("both.profile" if uds else "obd.profile")
    text = (ROOT / "schemas/profiles/demo.profile").read_text().replace("../dbc/", f"{ROOT}/schemas/dbc/")
    profile.write_text(text + (BOTH if uds else ""))
    car.agent.argv = car.agent_argv(scan_interval_ms=500, profile=profile)


def open_tickets(stack):
    return stack.record.all("SELECT t.subject, t.occurrences, f.code, f.active FROM ticket t LEFT JOIN fault f ON f.id = t.fault_id"
                            " WHERE t.status NOT IN ('resolved','closed') ORDER BY t.id")


def raised(stack, code):
    return lambda: stack.record.value("SELECT active FROM fault WHERE code = ?", code) == 1


def gone(stack, code):
    return lambda: stack.record.value("SELECT active FROM fault WHERE code = ?", code) == 0


def test_an_ecu_that_speaks_obd_and_uds_makes_one_ticket_of_one_defect(stack):
    car = on_the_road(stack, uds=True)
    car.control("set dtc P0301 stored permanent freeze load=45 coolant=91 rpm=2150 speed=62")
    wait_until("the fault with the permanent bit, which only OBD tells",
               lambda: stack.record.value("SELECT permanent FROM fault WHERE code = 'P0301-00' AND stored AND mil") == 1)
    # a second defect, told by both, shows that both were heard to the end after the first
    car.control("set dtc P0420 stored")
    wait_until("the second fault", raised(stack, "P0420-00"))
    assert [t["code"] for t in open_tickets(stack)] == ["P0301-00", "P0420-00"]
    assert sorted(f["code"] for f in stack.record.all("SELECT code FROM fault")) == ["P0301-00", "P0420-00"]
    for _ in range(3):
        car.control("clear dtc P0301")
        wait_until("cleared", gone(stack, "P0301-00"))
        car.control("set dtc P0301 stored")
        wait_until("raised", raised(stack, "P0301-00"))
    tickets = open_tickets(stack)
    assert [(t["code"], t["occurrences"]) for t in tickets] == [("P0301-00", 4), ("P0420-00", 1)]
    assert stack.record.value("SELECT count(*) FROM fault") == 2
    page = Desk(stack.url, "north", PASSWORD).get(f"/api/tickets/{stack.record.value('SELECT min(id) FROM ticket')}")
    assert page["code"] == "P0301-00" and page["fault"]["snapshot"] and page["fault"]["status_byte"] == "0xAF", page["fault"]


def test_a_defect_that_was_told_by_obd_keeps_its_ticket_when_uds_names_it(stack):
    car = on_the_road(stack, uds=False)
    car.control("set dtc P0301 stored")
    wait_until("the fault by OBD", raised(stack, "P0301"))
    assert [t["code"] for t in open_tickets(stack)] == ["P0301"]
    assert car.agent.stop() == 0
    ask_by_uds(car, True)
    car.agent.start()
    wait_until("the change of name", lambda: raised(stack, "P0301-00")() and gone(stack, "P0301")())
    assert [(t["code"], t["occurrences"]) for t in open_tickets(stack)] == [("P0301-00", 1)]
    assert stack.record.value("SELECT count(*) FROM ticket") == 1
    assert stack.record.value("SELECT count(*) FROM outbox WHERE template = 'fault_owner'") == 1
    lines = [row["text"] for row in stack.record.all("SELECT text FROM timeline WHERE subject = 'ticket' ORDER BY id")]
    assert lines[1:] == ["reported as P0301-00, too: stored, pending, lamp on", "no longer reported as P0301, but as P0301-00"], lines


def test_what_control_units_say_of_themselves_is_on_the_vehicles_page(stack):
    car = on_the_road(stack, uds=False)
    car.control("set dtc P0420 stored")  # the catalyst's monitor fails; identification comes after 5 s, monitors after 30
    wait_until("the engine's monitors", lambda: stack.record.value("SELECT tests FROM ecu WHERE ecu = ?", 0x7E8), 90, 0.2)
    vehicle = stack.record.value("SELECT id FROM vehicle WHERE vin = ?", VIN_1)
    ecus = {e["ecu"]: e for e in Desk(stack.url, "north", PASSWORD).get(f"/api/vehicles/{vehicle}")["ecus"]}
    assert set(ecus) == {"0x7E8", "0x7E9"}
    engine, gearbox = ecus["0x7E8"], ecus["0x7E9"]
    assert (engine["name"], engine["vin"], engine["calibrations"], engine["cvns"]) == ("ECM-EngineControl", VIN_1, ["TELLTALE-SIM-01"], ["CAFE0001"])
    assert (engine["tests"], engine["tests_failed"]) == (4, 1)
    assert (gearbox["name"], gearbox["vin"], gearbox["calibrations"], gearbox["tests"]) == ("TCM-TransmisCtrl", "", [], 0)
    assert engine["changed_at"] == engine["first_seen_at"] < engine["reported_at"]
    assert Desk(stack.url, "south", PASSWORD).status_of("GET", f"/api/vehicles/{vehicle}") == 404
