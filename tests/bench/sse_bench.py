#!/usr/bin/env python3
"""From a commit in the record to the event on the desk's stream: p50 and p99, with few and many streams, and what idling costs.

usage: TT_BINARY_DIR=build/release TT_SOURCE_DIR=. sse_bench.py [--streams 1000] [--changes 200]

The commit is another process's, as the gateway's is; its time is taken when COMMIT returned. The reader is this program: with many streams its own
reading is part of the figure.
"""

import argparse
import os
import selectors
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http"))
from server import Client, Server  # noqa: E402


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def report(name, values):
    print(f"{name}: n={len(values)} p50={percentile(values, 50) * 1e3:.1f} ms p99={percentile(values, 99) * 1e3:.1f} ms "
          f"max={max(values) * 1e3:.1f} ms", flush=True)


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def deliver(server, streams, changes):
    """Seconds from each commit to each stream's event."""
    sel = selectors.DefaultSelector()
    for stream in streams:
        stream.sock.setblocking(False)
        sel.register(stream.sock, selectors.EVENT_READ)
    taken = []
    for _ in range(changes):
        (number, committed), = server.add_tickets(1)
        mark = f"id: {number}\n".encode()
        waiting = len(streams)
        end = time.monotonic() + 10
        while waiting and time.monotonic() < end:
            for key, _ in sel.select(1):
                data = key.fileobj.recv(65536)
                if mark in data:
                    taken.append(max(0.0, time.time() - committed))
                    waiting -= 1
        if waiting:
            raise SystemExit(f"{waiting} streams did not hear of change {number}")
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=200)
    arguments = parser.parse_args()
    server = Server("--max-connections-per-address", "20000", "--max-connections", "20000")
    try:
        client = Client(server, "adviser_a")
        stream = client.stream()
        next(stream.blocks())
        report("commit to event, 1 stream", deliver(server, [stream], arguments.changes))
        pid, begun = server.process.pid, time.monotonic()
        spent = cpu_seconds(pid)
        time.sleep(5)
        print(f"idle: {(cpu_seconds(pid) - spent) / (time.monotonic() - begun) * 100:.1f} % of a core (feed poll included)", flush=True)
        before = memory_kb(pid)
        streams = [client.stream() for _ in range(arguments.streams)]
        for s in streams:
            next(s.blocks())
        print(f"{arguments.streams} streams: {(memory_kb(pid) - before) / arguments.streams:.1f} KB each, {memory_kb(pid) / 1024:.1f} MB in all",
              flush=True)
        report(f"commit to event, {arguments.streams} streams", deliver(server, streams, max(10, arguments.changes // 10)))
        for s in streams:
            s.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
