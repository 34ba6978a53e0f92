"""`./dev up`: the main job on this machine, with three simulated cars. Ctrl-C ends everything; a second start finds its data again."""

import json
import os
import secrets
import signal
import sqlite3
import sys
import threading
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from stack import ROOT, Stack, StackError, port_open, wait_until  # noqa: E402

HOME = Path(os.environ.get("TELLTALE_HOME", ROOT / "run"))
LOGIN = "adviser"
PARKED = "CAR-0003"  # stands in the yard: for commands, e.g. `telltale command send CAR-0003 lock`
CARS = (
    # unit, VIN, track, plate, make, model, owner, phone, last service at km, odometer km
    ("CAR-0001", "3FADP4FJ2BM113913", "shanghai", "沪A·12345", "Ford", "Fiesta", "张伟 Zhang Wei", "+8613800138000", 30000, 42310),
    ("CAR-0002", "WM9VDSVDSYA123456", "stuttgart", "S TT 112", "Demo", "Kombi", "Ines Keller", "+4971100112", 12000, 25995),
    (PARKED, "1FTFW1ET5DFC10312", "shanghai", "沪B·67890", "Ford", "F-150", "李娜 Li Na", "+8613900139000", 45000, 51200),
)
DUE_SOON_KM = 26000  # of car 2: the last service at 12,000, every 15,000, told 1,000 before


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def ports():
    """The same ports at every start, so that the address stays; free ones when they are taken."""
    wanted = {"http_port": int(os.environ.get("TELLTALE_PORT", 8080)), "unit_port": 18883, "service_port": 18884}
    return {name: port if not port_open(port) else None for name, port in wanted.items()}


def seed(stack):
    """Dealer, staff and plan once; each car when it is not there yet."""
    password_file = HOME / "desk-login.txt"
    if password_file.exists():
        add_cars(stack)
        return password_file.read_text().split()[1]
    password = secrets.token_urlsafe(9)
    stack.telltale("dealer", "add", "Telltale Motors", "--timezone", "Asia/Shanghai")
    for login, name, role in ((LOGIN, "Lin Mei", "adviser"), ("rescue", "Rescue Centre", "rescue")):
        scope = ["--dealer", "Telltale Motors"] if role == "adviser" else []
        stack.telltale("user", "add", login, "--name", name, "--role", role, "--locale", os.environ.get("TELLTALE_LOCALE", "en"), *scope, stdin=password + "\n")
    stack.telltale("plan", "add", "Standard", "--item", "Oil and filter", "--every-km", 15000, "--every-days", 365, "--warn-km", 1000)
    add_cars(stack)
    password_file.touch(mode=0o600)
    password_file.write_text(f"{LOGIN} {password}\n")
    return password


def add_cars(stack):
    for unit, vin, _, plate, make, model, owner, phone, base_km, _ in CARS:
        if (HOME / f"pki/units/{unit}.crt").exists():
            continue
        stack.telltale("vehicle", "add", vin, "--dealer", "Telltale Motors", "--plate", plate, "--make", make, "--model", model,
                       "--year", 2022, "--owner", owner, "--phone", phone, "--plan", "Standard", "--odometer-km", base_km)
        stack.telltale("unit", "add", unit, "--vin", vin)


def odometer_km(stack, vin, first_km):
    """A car goes on from where the record left it; its first start is at first_km."""
    with sqlite3.connect(f"file:{stack.database}?mode=ro", uri=True, timeout=10) as db:
        row = db.execute("SELECT s.odometer_m FROM vehicle_state s JOIN vehicle v ON v.id = s.vehicle_id WHERE v.vin = ?", (vin,)).fetchone()
    return max(first_km, row[0] / 1000 if row else 0)


class Desk:
    """The API as the desk uses it: log in, then follow the change feed."""

    def __init__(self, url, password):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        body = json.dumps({"login": LOGIN, "password": password}).encode()
        self.opener.open(urllib.request.Request(url + "/api/session", body, {"Content-Type": "application/json"}), timeout=10)

    def get(self, path):
        return json.load(self.opener.open(self.url + path, timeout=10))

    def follow(self):
        """One readable line a change, until the server ends."""
        after = self.get("/api/queue?limit=1")["change_id"]
        with self.opener.open(f"{self.url}/api/events?after={after}", timeout=60) as stream:
            for raw in stream:
                line = raw.decode().rstrip("\n")
                if line.startswith("data: "):
                    yield json.loads(line[len("data: "):])


def tell(desk, change):
    kind, subject = change["kind"], change["subject_id"]
    if kind.startswith("ticket."):
        t = desk.get(f"/api/tickets/{subject}")
        return f"{kind:16} #{subject} P{t['priority']} {t['subject']}, {t['vehicle']['plate']}, {t['customer']['name']}"
    if kind.startswith("rescue."):
        r = desk.get(f"/api/rescues/{subject}")
        place = r["place"]
        where = f"{place['latitude']:.5f}, {place['longitude']:.5f}" if place else "position unknown"
        return f"{kind:16} #{subject} {r['kind'].upper()} severity {r['severity']}, {r['vehicle']['plate']}, {r['customer']['name']}, {where}"
    if kind.startswith("reminder."):
        rows = [r for r in desk.get("/api/reminders")["reminders"] if r["id"] == subject]
        return f"{kind:16} #{subject} " + (f"{rows[0]['item']} {rows[0]['status']}, {rows[0]['vehicle']['plate']}" if rows else "done")
    return None


def play(cars, km):
    """The three scenarios, one after the other, each when its car is on the road. The gateway believes no odometer that jumps by more than a car
    can drive, so car 2 starts just below 26,000 km, a thousand before its service; it passes that once, and the reminder is there at later starts."""
    first, second = cars[:2]
    yield f"misfire: {first.unit} reports P0301", lambda: first.control("set dtc P0301 stored freeze load=45 coolant=91 rpm=2150 speed=62 intake=24 throttle=28")
    if km[second.vin] < DUE_SOON_KM:
        yield f"service-due: {second.unit} passes 26,000 km", lambda: second.control(f"odometer {DUE_SOON_KM + 1} km")
    yield f"crash: {first.unit} at 60 km/h", lambda: (first.control("speed 60 km/h"), time.sleep(9), first.control("crash 40 km/h driver"))


def run(stack):
    password = seed(stack)
    stack.start()
    km = {vin: odometer_km(stack, vin, first_km) for _, vin, *_, first_km in CARS}
    for unit, vin, track, *_ in CARS:
        how = {"scenario": ROOT / "sim/scenarios/parked.scenario"} if unit == PARKED else {}
        car = stack.add_car(unit, vin, track=track, odometer_km=km[vin], **how)
        car.agent.argv = car.agent_argv(scan_interval_ms=2000, **car.commanded())  # somebody is watching: five times the usual rate
        car.start()
    cars = list(stack.cars.values())
    for car in cars:
        car.agent.wait_log("mqtt.connected")
    desk = Desk(stack.url, password)
    print(f"\n  The desk:  {stack.url}\n  Log in as: {LOGIN}  {password}\n  (rescue centre: rescue, same password; logs: {stack.log_dir}; Ctrl-C ends everything)\n"
          f"  Commands:  {stack.bin}/telltale command send {PARKED} lock --wait 30 --home {HOME} --port {stack.service_port}   (unlock, horn-lights --for-ms 3000 ...)\n", flush=True)
    steps, due = play(cars, km), time.monotonic() + 5
    changes = desk.follow()

    def conduct():
        nonlocal due
        for what, act in steps:
            time.sleep(max(0.0, due - time.monotonic()))
            say(f"playing          {what}")
            try:
                act()
            except (StackError, OSError) as e:
                say(f"not played       {e}")
            due = time.monotonic() + 12

    threading.Thread(target=conduct, daemon=True).start()
    for change in changes:
        line = tell(desk, change)
        if line:
            say(line)
    raise StackError(f"the server ended; see {stack.server.log}")


def main():
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    stack = Stack(HOME, **ports())
    try:
        stack.init()
        with stack:
            run(stack)
    except KeyboardInterrupt:
        print("\nended", flush=True)
    except StackError as e:
        sys.exit(f"up: {e}")


if __name__ == "__main__":
    main()
