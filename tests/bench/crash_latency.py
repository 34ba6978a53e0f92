"""From the crash frame on the bus to the event on the desk's stream: p50, p99 and the worst, idle and under full bulk load.

Each round is a fresh agent (a crash is latched until the car stands still for a while), one frame of the airbag unit, and the time until the SSE line
`rescue.opened` of that incident is read. The clock starts before the simulator is told, so its own work is part of the figure.

usage: crash_latency.py [ROUNDS]
"""

import subprocess
import sys
import threading
import time

from bench_stack import seeded_stack  # first: it makes the end-to-end tests' modules known
from conftest import PASSWORD, VIN_1
from desk import Desk
from stack import wait_until

LOAD_UNITS = 20


class Arrivals:
    """Reads the change feed for ever and remembers when each rescue was opened."""

    def __init__(self, stack):
        self.seen, self.ready = {}, threading.Event()
        self.desk = Desk(stack.url, "rescue", PASSWORD)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for _, kind, data in self.desk.events(after=0, seconds=3600):
            if kind == "rescue.opened":
                self.seen[data["subject_id"]] = time.monotonic()


def rounds(stack, car, arrivals, count):
    latencies = []
    for _ in range(count):
        car.control("airbag reset")
        mark = car.agent.log.stat().st_size if car.agent.log.exists() else 0
        car.agent.start()
        car.agent.wait_log("vin read", since=mark)  # it has heard the car for a while, as on any drive
        before = len(arrivals.seen)
        started = time.monotonic()
        car.control("airbag all")
        wait_until("the case on the stream", lambda: len(arrivals.seen) > before, 30, 0.001)
        latencies.append((max(arrivals.seen.values()) - started) * 1000)
        car.agent.kill()
    return sorted(latencies)


def load(stack):
    """The fleet simulator at full speed over the bulk class, until it is ended."""
    for n in range(LOAD_UNITS):
        stack.telltale("unit", "add", f"LOAD-{n:05d}")
    return subprocess.Popen([str(stack.bin / "telltale-sim"), "fleet", "--units", str(LOAD_UNITS), "--prefix", "LOAD-", "--events", "1000000000", "--class", "bulk",
                             "--connections", "0", "--max-seconds", "1800", "--broker", "127.0.0.1", "--port", str(stack.unit_port), "--ca", str(stack.home / "pki/fleet-ca.crt"),
                             "--cert", str(stack.home / "pki/units/%u.crt"), "--key", str(stack.home / "pki/units/%u.key")],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def row(name, latencies):
    at = lambda share: latencies[min(len(latencies) - 1, int(share * len(latencies)))]  # noqa: E731
    return f"| {name} | {len(latencies)} | {at(0.5):.1f} | {at(0.99):.1f} | {latencies[-1]:.1f} |"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with seeded_stack() as stack:
        stack.start()
        car = stack.add_car("CAR-0001", VIN_1)
        for process in (car.gpsd, car.sim):
            process.start()
            stack.processes.append(process)
        stack.processes.append(car.agent)  # started anew in each round
        arrivals = Arrivals(stack)
        print("| crash frame to SSE event | rounds | p50 ms | p99 ms | worst ms |\n|---|---|---|---|---|")
        print(row("idle", rounds(stack, car, arrivals, count)), flush=True)
        fleet = load(stack)
        try:
            wait_until("load", lambda: (stack.record.value("SELECT max(id) FROM event WHERE class = 3") or 0) > 1000, 60)
            first, since = stack.record.value("SELECT max(id) FROM event"), time.monotonic()
            loaded = rounds(stack, car, arrivals, count)
            rate = (stack.record.value("SELECT max(id) FROM event") - first) / (time.monotonic() - since)
        finally:
            fleet.kill()
            fleet.wait()
        print(row(f"under bulk load ({rate:.0f} events/s stored)", loaded))


if __name__ == "__main__":
    main()
