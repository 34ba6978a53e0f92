"""Decoding CAN frames: our compiled plan, the plain way that must find the same values, and a public decoder, on the same frames in the same run.

bench_decode measures the first two, dbc_peer.sh the third (candied, an npm package run by node; where it cannot be installed its rows are
absent). Prints a table. usage: decode_bench.py [FRAMES]
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ["schemas/dbc/telltale_demo.dbc", "tests/bench/data/multiplexed.dbc", "tests/bench/data/fd.dbc"]
PEER_FILES = FILES[:2]  # the peer knows no CAN FD
LINE = re.compile(r"^decode: (.+?)\s+([\d.]+) ns/frame\s+([\d.]+|-) ns/signal")


def rows(text):
    found = [LINE.match(line) for line in text.splitlines()]
    return [(m.group(1), float(m.group(2)), m.group(3)) for m in found if m]


def run(argv):
    return subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True, timeout=240).stdout


def main():
    frames = ["--frames", sys.argv[1]] if len(sys.argv) > 1 else []
    ours = rows(run([ROOT / "build/release/bin/bench_decode", *frames, *FILES]))
    peer = rows(run(["tests/bench/dbc_peer.sh", *PEER_FILES]))
    print("| decoder | database | ns a frame | ns a signal | times the plan | aim |\n|---|---|---|---|---|---|")
    plan, name = {}, ""
    for what, frame, each in ours:
        if what.startswith("plan, "):
            name = what[len("plan, "):]
            plan[name] = frame
            print(f"| compiled plan | {name} | {frame:.0f} | {each} | 1.0 | under 100 ns a signal |")
        elif what.startswith("plain"):
            print(f"| plain: messages searched, bit by bit | {name} | {frame:.0f} | {each} | {frame / plan[name]:.1f} | |")
        else:
            print(f"| {what} | | {frame:.0f} | {each} | | |")
    for what, frame, each in peer:
        name = what.split(", ", 1)[1]
        print(f"| candied 2.2.0 on node | {name} | {frame:.0f} | {each} | {frame / plan[name]:.0f} | |")
    if not peer:
        print("\nNo public decoder could be installed in this run.")


if __name__ == "__main__":
    main()
