"""What the agent costs a car: memory, size, time to the first publish, share of a core while driving.

The start is taken from the moment the program is spawned to the line that its first message was handed to the broker's socket; the very first
start also makes the journal's file. The program's pages are in memory by then, as they are not after a cold boot. Memory is taken from /proc/PID/smaps_rollup after a while of ordinary traffic: Rss counts every page that is mapped, shared libraries included; Private is what the
process alone would give back. Prints a table. usage: agent_footprint.py [SECONDS]
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from bench_stack import seeded_stack  # first: it makes the end-to-end tests' modules known
from conftest import VIN_1

STARTS = 5


def rollup(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kb = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
    return kb["Rss"], kb["Pss"], kb["Private_Clean"] + kb["Private_Dirty"]


def bus_kb(pid):
    """Of the memory of the bus that stands in for a real one."""
    maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ rw-s .*?^Rss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps").read_text(), re.M | re.S)
    return sum(int(kb) for kb in maps)


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_agent(car):
    """Seconds from the spawn to the first publish."""
    mark = car.agent.log.stat().st_size if car.agent.log.exists() else 0
    spawned = time.time()
    car.agent.start()
    car.agent.wait_log("agent.published", since=mark)
    line = next(x for x in car.agent.log.read_text()[mark:].splitlines() if "agent.published" in x)
    stamp = datetime.strptime(line.split("Z")[0], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)
    return stamp.timestamp() - spawned


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with seeded_stack() as stack:
        for process in (stack.broker, stack.gateway):
            process.start()
            stack.processes.append(process)
        stack.broker.wait_port(stack.unit_port)
        car = stack.add_car("CAR-0001", VIN_1)
        for process in (car.gpsd, car.sim):
            stack.processes.append(process.start())
        stack.processes.append(car.agent)
        first, again = start_agent(car), []
        for _ in range(STARTS):
            car.agent.stop()
            again.append(start_agent(car))
        pid = car.agent.child.pid
        start, since = cpu_seconds(pid), time.monotonic()
        time.sleep(seconds)  # the measuring time itself
        cpu = (cpu_seconds(pid) - start) / (time.monotonic() - since)
        (rss, pss, private), bus = rollup(pid), bus_kb(pid)
    stripped = Path(tempfile.mkstemp()[1])
    subprocess.run(["strip", "-o", str(stripped), str(stack.bin / "telltale-agent")], check=True)
    size = stripped.stat().st_size
    stripped.unlink()
    print("| the agent | figure | goal |\n|---|---|---|")
    print(f"| resident (Rss), shared libraries included | {(rss - bus) / 1024:.1f} MB | 8 MB |")
    print(f"| the shared memory of the test's bus, which a car has not, on top of that | {bus / 1024:.1f} MB | |")
    print(f"| proportional (Pss) | {pss / 1024:.1f} MB | |")
    print(f"| private | {private / 1024:.1f} MB | |")
    print(f"| program, stripped | {size / 1024:.0f} KB | 1024 KB |")
    print(f"| start to first publish, median of {STARTS} (mutual TLS, broker on the same machine) | {statistics.median(again):.2f} s | 0.3 s |")
    print(f"| the same, slowest | {max(again):.2f} s | |")
    print(f"| the same, very first start | {first:.2f} s | |")
    print(f"| CPU at the demo car's traffic (about 360 frames/s, scanning) | {cpu * 100:.1f} % of a core | |")


if __name__ == "__main__":
    main()
