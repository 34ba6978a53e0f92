"""What the agent costs a car: memory, size, time to the first publish, share of a core while driving.

Memory is taken from /proc/PID/smaps_rollup after a while of ordinary traffic: Rss counts every page that is mapped, shared libraries included; Private is what the
process alone would give back. Prints a table. usage: agent_footprint.py [SECONDS]
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_stack import seeded_stack  # first: it makes the end-to-end tests' modules known
from conftest import VIN_1


def rollup(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kb = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
    return kb["Rss"], kb["Pss"], kb["Private_Clean"] + kb["Private_Dirty"]


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with seeded_stack() as stack:
        for process in (stack.broker, stack.gateway):
            process.start()
            stack.processes.append(process)
        stack.broker.wait_port(stack.unit_port)
        car = stack.add_car("CAR-0001", VIN_1).start()
        car.agent.wait_log("agent.published")
        pid = car.agent.child.pid
        start, since = cpu_seconds(pid), time.monotonic()
        time.sleep(seconds)  # the measuring time itself
        cpu = (cpu_seconds(pid) - start) / (time.monotonic() - since)
        rss, pss, private = rollup(pid)
        first = int(re.search(r"first_publish_us=(\d+)", car.agent.log.read_text()).group(1))
    stripped = Path(tempfile.mkstemp()[1])
    subprocess.run(["strip", "-o", str(stripped), str(stack.bin / "telltale-agent")], check=True)
    size = stripped.stat().st_size
    stripped.unlink()
    print("| the agent | figure | goal |\n|---|---|---|")
    print(f"| resident (Rss), shared libraries included | {rss / 1024:.1f} MB | 8 MB |")
    print(f"| proportional (Pss) | {pss / 1024:.1f} MB | |")
    print(f"| private | {private / 1024:.1f} MB | |")
    print(f"| program, stripped | {size / 1024:.0f} KB | 1024 KB |")
    print(f"| start to first publish (mutual TLS, broker on the same machine) | {first / 1e6:.2f} s | 0.3 s |")
    print(f"| CPU at the demo car's traffic (about 360 frames/s, scanning) | {cpu * 100:.1f} % of a core | |")


if __name__ == "__main__":
    main()
