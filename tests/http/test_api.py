"""Every operation of schemas/openapi.yaml against the real server: the answers fit the contract, and the writes do what they say."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from schema import API, PROBLEM, answer_schema, check  # noqa: E402
from server import Client, Server  # noqa: E402


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.seed = cls.server.seed
        cls.covered = set()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.client = Client(self.server, "adviser_a")
        self.addCleanup(self.client.close)

    def ask(self, method, pattern, body=None, query="", client=None, status=200, **ids):
        path = pattern.format(**ids) + query
        got, answer = (client or self.client).call(method, path, body)
        self.assertEqual(got, status, (path, answer))
        faults = check(answer, answer_schema(method, pattern, status) if status < 300 else PROBLEM)
        self.assertEqual(faults, [], path)
        if status < 300:
            Api.covered.add((method, pattern))
        return answer

    def test_session(self):
        me = self.ask("GET", "/api/session")
        self.assertEqual(me["user"]["login"], "adviser_a")
        self.assertEqual(me["dealer"]["name"], "Dealer a")
        login = {"login": "adviser_a", "password": "correct horse"}
        self.ask("POST", "/api/session", login)
        other = Client(self.server)
        self.ask("POST", "/api/session", {**login, "password": "wrong"}, client=other, status=401)
        self.ask("GET", "/api/session", client=other, status=401)
        admin = Client(self.server, "admin")
        self.assertIsNone(self.ask("GET", "/api/session", client=admin)["dealer"])

    def test_log_out_ends_the_session_on_the_server(self):
        cookie = self.client.cookie
        answer, _ = self.client.raw("DELETE", "/api/session")
        self.assertEqual(answer.status, 204)
        Api.covered.add(("DELETE", "/api/session"))
        self.client.cookie = cookie
        self.ask("GET", "/api/session", status=401)

    def test_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(self):
        answer, _ = Client(self.server).raw("POST", "/api/session", b'{"login":"adviser_a","password":"correct horse"}',
                                            {"Content-Type": "application/json"})
        attributes = [part.strip() for part in answer.getheader("Set-Cookie").split(";")]
        self.assertIn("HttpOnly", attributes)
        self.assertIn("SameSite=Strict", attributes)
        self.assertEqual(answer.getheader("Cache-Control"), "no-store")

    def test_queue_shows_the_dealers_tickets_and_pages(self):
        page = self.ask("GET", "/api/queue")
        self.assertIn(self.seed["ticket_a"], [t["id"] for t in page["tickets"]])
        self.assertNotIn(self.seed["ticket_b"], [t["id"] for t in page["tickets"]])
        self.server.add_tickets(5)
        seen, cursor = [], ""
        while True:
            page = self.ask("GET", "/api/queue", query="?limit=2" + (f"&cursor={cursor}" if cursor else ""))
            seen += [t["id"] for t in page["tickets"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen), sum(page["counters"][name] for name in ("new", "open", "pending")))

    def test_ticket_life(self):
        ticket = self.ask("GET", "/api/tickets/{id}", id=self.seed["ticket_a"])
        self.assertEqual(ticket["fault"]["code"], "P0301")
        self.assertEqual(ticket["fault"]["freeze_frame"][0]["value"], 1726.0)
        self.assertIsNone(ticket["place"], "no reason, no position")
        here = {"id": ticket["id"]}
        version = ticket["version"]
        ticket = self.ask("POST", "/api/tickets/{id}/acknowledge", {"version": version}, **here)
        self.assertEqual((ticket["status"], ticket["version"]), ("open", version + 1))
        self.assertIsNotNone(ticket["first_response_at"])
        self.ask("POST", "/api/tickets/{id}/assign", {"version": version, "assignee_id": self.seed["adviser_a"]}, status=409, **here)
        ticket = self.ask("POST", "/api/tickets/{id}/assign", {"version": ticket["version"], "assignee_id": self.seed["adviser_a"]}, **here)
        self.assertEqual(ticket["assignee"]["id"], self.seed["adviser_a"])
        ticket = self.ask("POST", "/api/tickets/{id}/comment", {"text": "点火线圈已订购 <b>"}, **here)
        self.assertEqual(ticket["timeline"][-1]["text"], "点火线圈已订购 <b>")
        self.assertEqual(ticket["timeline"][-1]["actor"], "Name of adviser_a")
        for action, status in (("pend", "pending"), ("resume", "open"), ("resolve", "resolved"), ("reopen", "open"), ("close", "closed")):
            ticket = self.ask("POST", "/api/tickets/{id}/status", {"version": ticket["version"], "action": action}, **here)
            self.assertEqual(ticket["status"], status)
        self.ask("POST", "/api/tickets/{id}/status", {"version": ticket["version"], "action": "pend"}, status=409, **here)

    def test_rescue_life_and_its_place(self):
        board = self.ask("GET", "/api/rescues")
        case = next(r for r in board["rescues"] if r["id"] == self.seed["rescue_a"])
        self.assertAlmostEqual(case["place"]["latitude"], 52.5200066, places=7)
        self.assertEqual(case["detail"]["delta_v_km_h"], 42.5)
        here = {"id": case["id"]}
        case = self.ask("GET", "/api/rescues/{id}", **here)
        case = self.ask("POST", "/api/rescues/{id}/status", {"version": case["version"], "action": "acknowledge"}, **here)
        self.assertEqual((case["status"], case["assignee"]["id"]), ("acknowledged", self.seed["adviser_a"]))
        self.ask("POST", "/api/rescues/{id}/comment", {"text": "Driver answers the phone"}, **here)
        for action in ("dispatch", "arrive"):
            case = self.ask("GET", "/api/rescues/{id}", **here)
            self.ask("POST", "/api/rescues/{id}/status", {"version": case["version"], "action": action}, **here)
        case = self.ask("GET", "/api/rescues/{id}", **here)
        self.ask("POST", "/api/rescues/{id}/status", {"version": case["version"], "action": "close"}, status=400, **here)
        case = self.ask("POST", "/api/rescues/{id}/status", {"version": case["version"], "action": "close", "outcome": "Driver well"}, **here)
        self.assertEqual((case["status"], case["outcome"]), ("closed", "Driver well"))
        closed = self.ask("GET", "/api/rescues", query="?state=closed")
        self.assertEqual([r["id"] for r in closed["rescues"]], [case["id"]])

    def test_reminder_done_once(self):
        reminder = next(r for r in self.ask("GET", "/api/reminders")["reminders"] if r["id"] == self.seed["reminder_a"])
        here = {"id": reminder["id"]}
        done = self.ask("POST", "/api/reminders/{id}/status", {"action": "done", "odometer_m": 81300000}, **here)
        self.assertEqual(done["status"], "done")
        self.ask("POST", "/api/reminders/{id}/status", {"action": "dismiss"}, status=409, **here)

    def test_people_and_vehicles(self):
        found = self.ask("GET", "/api/customers", query="?q=%E5%B0%8F%E6%98%8E")["customers"]
        self.assertEqual([c["id"] for c in found], [self.seed["customer_a"]], "two Chinese characters find their customer, and only A's")
        page = self.ask("GET", "/api/customers/{id}", id=self.seed["customer_a"])
        self.assertEqual(len(page["vehicles"]), 2)
        users = self.ask("GET", "/api/users")["users"]
        self.assertIn("manager_a", [u["login"] for u in users])
        self.assertNotIn("adviser_b", [u["login"] for u in users])
        vehicle = self.ask("GET", "/api/vehicles/{id}", id=self.seed["vehicle_a"])
        self.assertEqual((vehicle["place"], vehicle["place_reason"]), (None, None))
        vehicle = self.ask("GET", "/api/vehicles/{id}", id=self.seed["consenting_a"])
        self.assertEqual(vehicle["place_reason"], "consent")
        self.assertAlmostEqual(vehicle["place"]["longitude"], 13.404954, places=7)

    def test_what_happened_in_pages_and_places_only_with_a_reason(self):
        here = {"id": self.seed["vehicle_a"]}
        page = self.ask("GET", "/api/vehicles/{id}/events", query="?limit=1", **here)
        fence = page["events"][0]
        self.assertEqual((fence["kind"], fence["subject"], fence["place"], fence["ended_at"]), ("geofence", "", None, None),
                         "a fence's name is a place in words")
        self.assertIsNone(page["place_reason"])
        page = self.ask("GET", "/api/vehicles/{id}/events", query=f"?limit=1&cursor={page['next_cursor']}", **here)
        braking = page["events"][0]
        self.assertEqual((braking["kind"], braking["value"], braking["limit"], braking["peak"], braking["unit"], braking["duration_s"]),
                         ("harsh_braking", 7.25, 6.0, 8.1, "m/s2", 2.0))
        self.assertEqual((braking["place"], page["next_cursor"]), (None, None))
        seen = self.ask("GET", "/api/vehicles/{id}/events", id=self.seed["consenting_a"])
        self.assertEqual((seen["place_reason"], seen["events"][0]["subject"]), ("consent", "Depot"))
        self.assertAlmostEqual(seen["events"][1]["place"]["latitude"], 52.5200066, places=7)
        looks = [row for row in self.server.audit() if row[0] == "position.view" and row[1] == f"vehicle:{self.seed['consenting_a']}"]
        self.assertIn("consent", [row[2] for row in looks])
        self.assertEqual([row for row in self.server.audit() if row[1] == f"vehicle:{self.seed['vehicle_a']}"], [], "nothing was shown")
        self.ask("GET", "/api/vehicles/{id}/events", id=self.seed["vehicle_b"], status=404)
        for query in ("?limit=0", "?limit=101", "?cursor=1", "?cursor=1.0", "?cursor=x.1", "?cursor=1.2.3"):
            self.ask("GET", "/api/vehicles/{id}/events", query=query, status=400, **here)

    def test_control_units_and_the_unit_on_the_vehicles_page(self):
        page = self.ask("GET", "/api/vehicles/{id}", id=self.seed["vehicle_a"])
        self.assertEqual([(e["ecu"], e["calibrations"], e["cvns"], e["tests_failed"]) for e in page["ecus"]],
                         [("0x7E8", ["37805-RAA-A070"], ["0A7B3C1D"], 1)])
        unit = page["unit"]
        self.assertEqual((unit["power"], unit["wake"], unit["battery_v"], unit["config_version"], unit["slot"], unit["metrics"]["starts"]),
                         ("drive", "ignition", 13.85, 7, "a", 4))
        self.assertEqual([(t["what"], t["kind"], t["outcome"], t["reason"]) for t in page["told"]],
                         [("command", "unlock", "refused", "the car moves"), ("config", "config", "confirmed", ""),
                          ("command", "clear_codes", "failed", "there were P0301; 7E8: cleared; 7E9: no answer")])
        self.assertEqual([t["cleared"] is None for t in page["told"]], [True, True, False])
        cleared = page["told"][2]["cleared"]
        self.assertEqual((cleared["codes"], cleared["codes_cut"], [(e["ecu"], e["done"], e["nrc"]) for e in cleared["ecus"]]),
                         (["P0301"], False, [("0x7E8", True, ""), ("0x7E9", False, "")]))

    def test_a_vehicle_has_the_captures_that_were_asked_for(self):
        captures = self.ask("GET", "/api/vehicles/{id}/captures", id=self.seed["vehicle_a"])["captures"]
        self.assertEqual([(c["reason"], c["parts"], c["missing"], c["ended"]) for c in captures], [("command", 2, 1, True)])
        self.assertEqual(sorted(s["path"] for s in captures[0]["signals"]), ["Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", "Vehicle.Speed"])
        self.assertEqual(self.ask("GET", "/api/vehicles/{id}/captures", id=self.seed["consenting_a"])["captures"], [], "nobody asked this one")
        self.ask("GET", "/api/vehicles/{id}/captures", id=self.seed["vehicle_b"], status=404)

    def test_a_case_has_its_capture_without_positions(self):
        captures = self.ask("GET", "/api/rescues/{id}/capture", id=self.seed["rescue_a"])["captures"]
        self.assertEqual(len(captures), 1)
        capture = captures[0]
        self.assertEqual((capture["reason"], capture["parts"], capture["missing"], capture["ended"], capture["complete"], capture["impacts"]),
                         ("crash", 2, 1, True, False, 1))
        signals = {s["path"]: s for s in capture["signals"]}
        self.assertEqual(sorted(signals), ["Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", "Vehicle.Speed"])
        speed = signals["Vehicle.Speed"]
        self.assertEqual((len(speed["at_ms"]), speed["at_ms"][0], speed["value"][0], speed["value"][-1]), (101, -5000, 68.0, 0.0))
        self.assertEqual(signals["Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed"]["at_ms"], [30])
        other = Client(self.server, "adviser_b")
        self.addCleanup(other.close)
        self.ask("GET", "/api/rescues/{id}/capture", id=self.seed["rescue_a"], client=other, status=404)

    def test_health_and_metrics(self):
        status, answer = self.client.call("GET", "/healthz")
        self.assertEqual((status, answer["status"]), (200, "ok"))
        answer, text = self.client.raw("GET", "/metrics")
        self.assertEqual(answer.getheader("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertRegex(text.decode(), r'telltale_server_requests_total\{route="GET /healthz",status="200"\} \d+')
        Api.covered |= {("GET", "/healthz"), ("GET", "/metrics")}
        answer, _ = self.client.raw("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        self.assertEqual(answer.status, 403, "through a proxy nobody named, everybody looks local")

    def test_zz_every_operation_was_called(self):
        named = {(m.upper(), p) for p, node in API["paths"].items() for m in node if m != "parameters"}
        self.assertEqual(named - Api.covered, {("GET", "/api/events")}, "test_streams.py covers the events")


if __name__ == "__main__":
    unittest.main()
