"""Fixtures of the end-to-end tests: a whole stack on loopback with mutual TLS, real Mosquitto, real gpsd, real SQLite (tools/stack.py)."""

import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from stack import Stack, StackError  # noqa: E402

PASSWORD = "correct horse battery"
VIN_1, VIN_2 = "3FADP4FJ2BM113913", "WM9VDSVDSYA123456"
STANDING = Path(__file__).resolve().parent / "data/standing.scenario"
DEALER_1, DEALER_2 = "North Garage", "South Garage"


class Record:
    """Read-only questions to the database, as an independent witness."""

    def __init__(self, path):
        self.path = path

    def all(self, sql, *args):
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, args)]

    def one(self, sql, *args):
        rows = self.all(sql, *args)
        return rows[0] if rows else None

    def value(self, sql, *args):
        row = self.one(sql, *args)
        return next(iter(row.values())) if row else None


def seed(stack):
    """Two dealers with a car each, so that every test can ask whether the right one was meant."""
    for dealer, login in ((DEALER_1, "north"), (DEALER_2, "south")):
        stack.telltale("dealer", "add", dealer)
        stack.telltale("user", "add", login, "--name", f"{login} adviser", "--dealer", dealer, stdin=PASSWORD + "\n")
    stack.telltale("user", "add", "rescue", "--name", "Rescue", "--role", "rescue", stdin=PASSWORD + "\n")
    stack.telltale("plan", "add", "Standard", "--item", "Oil and filter", "--every-km", 15000, "--warn-km", 1000)
    for unit, vin, dealer, owner, phone in (("CAR-0001", VIN_1, DEALER_1, "Zhang Wei", "+8613800138000"), ("CAR-0002", VIN_2, DEALER_2, "Ines Keller", "+4971100112")):
        stack.telltale("vehicle", "add", vin, "--dealer", dealer, "--plate", unit, "--make", "Demo", "--model", "One", "--owner", owner, "--phone", phone,
                       "--plan", "Standard", "--odometer-km", 0)
        stack.telltale("unit", "add", unit, "--vin", vin)


@pytest.fixture
def stack(request):
    """A started stack with two seeded cars that are not yet on the road. Logs are shown when the test fails."""
    build = os.environ.get("TT_E2E_BUILD", "release")
    home = Path(tempfile.mkdtemp(prefix="telltale-e2e-"))
    s = Stack(home, build=build)
    s.record = Record(s.database)
    try:
        s.init()
        seed(s)
        s.start()
        yield s
        s.stop()
    except StackError as e:
        show_logs(s)
        pytest.fail(str(e))
    finally:
        for process in s.processes:
            process.kill()
        if request.node.stash.get(FAILED, False):
            show_logs(s)
        shutil.rmtree(home, ignore_errors=True)


FAILED = pytest.StashKey()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.stash[FAILED] = True


def show_logs(s):
    for log in sorted(s.log_dir.glob("*.log")):
        print(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))
