"""kill -9 of agent, broker, gateway and server, each at 20 random moments while a car produces 2,000 events.

Afterwards every event the journal ever took is stored exactly once, the record's faults are the car's faults, there is one ticket a fault, and no
notification went out under two keys or for two causes.
"""

import random
import threading
import time

from conftest import STANDING, VIN_1
from stack import StackError, wait_until

KILLS_EACH = 20
EVENTS = 2000
CODES = [f"P0{n}" for n in (101, 113, 118, 122, 128, 135, 141, 171, 174, 201, 217, 230, 301, 302, 335, 340, 401, 420, 442, 455)]


class Storm:
    """Sets and clears a score of codes, over and over, until enough events are in the record."""

    def __init__(self, stack, car):
        self.stack, self.car, self.stop, self.error = stack, car, threading.Event(), None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def active(self):
        return self.stack.record.value("SELECT count(*) FROM fault WHERE active")

    def run(self):
        try:
            while True:
                for code in CODES:
                    self.car.control(f"set dtc {code} stored")
                self.until(len(CODES))
                if self.stop.is_set():
                    return  # only here: the codes are set, which is the end state the record must agree with
                self.car.control("clear dtc")
                self.until(0)
        except (StackError, OSError) as e:
            self.error = e

    def until(self, count):
        wait_until(f"{count} active faults", lambda: self.active() == count, 180, 0.1)


def stored(stack):
    return stack.record.value("SELECT count(*) FROM event")


def test_kill_minus_nine_anywhere_loses_and_doubles_nothing(stack):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    car = stack.add_car("CAR-0001", VIN_1, scenario=STANDING)
    car.agent.argv = car.agent_argv(scan_interval_ms=500)
    car.start()
    car.agent.wait_log("mqtt.connected")
    storm = Storm(stack, car)
    storm.thread.start()

    victims = [car.agent, stack.broker, stack.gateway, stack.server] * KILLS_EACH
    dice.shuffle(victims)
    for victim in victims:
        time.sleep(dice.uniform(0.05, 1.2))  # the random moment itself, not a synchronisation
        assert storm.error is None, storm.error
        victim.kill()
        time.sleep(dice.uniform(0.0, 0.3))
        victim.start()
    wait_until(f"{EVENTS} events", lambda: stored(stack) >= EVENTS or storm.error, 600, 0.5)
    assert storm.error is None, storm.error
    storm.stop.set()
    storm.thread.join(240)
    assert not storm.thread.is_alive() and storm.error is None, storm.error

    wait_until("every code active in the record", lambda: storm.active() == len(CODES), 120)
    for process in (car.agent, stack.broker, stack.gateway, stack.server):
        assert process.alive(), f"{process.name} died by itself:\n{process.tail()}"
    holes = stack.record.all("SELECT class, epoch, count(*) AS n, min(seq) AS lo, max(seq) AS hi, count(DISTINCT seq) AS d FROM event GROUP BY class, epoch")
    for row in holes:
        assert row["lo"] == 1 and row["hi"] == row["n"] == row["d"], row
    assert len({row["epoch"] for row in holes}) == 1, "the journal began a new epoch"
    assert stack.record.value("SELECT sum(evicted) FROM mark") == 0
    assert stack.record.value("SELECT count(*) FROM ticket") == len(CODES)
    assert stack.record.value("SELECT count(DISTINCT fault_id) FROM ticket") == len(CODES)
    assert stack.record.value("SELECT count(*) FROM quarantine") == 0
    assert stack.record.value("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL AND attempts = 0") == 0
    # A change of a ticket is one row of the feed: the feed never goes back or repeats.
    ids = [row["id"] for row in stack.record.all("SELECT id FROM change ORDER BY id")]
    assert len(ids) == len(set(ids))
    print(f"{stored(stack)} events, {4 * KILLS_EACH} kills")
