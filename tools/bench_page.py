#!/usr/bin/env python3
"""Puts measurements into docs/performance.md: a section each, and the one table that is drawn from all sections.

    bench_page.py PAGE FOLDER NAME...    FOLDER/NAME.txt are what was measured now; every other section stays as it is, with its date

The page: prose, then everything between the marks below is ours.
"""

import datetime
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

MARK = "<!-- measured -->"
TITLES = {
    "footprint": "The agent in the car",
    "bus": "A full bus",
    "parked": "A car parked for 30 days",
    "resume": "From resume to publish",
    "decode": "Decoding frames",
    "wire": "Telemetry on the wire",
    "ingest": "Durable ingest against a subscriber that does nothing",
    "latency": "A crash, from the frame to the desk",
    "queue": "The queue at a million tickets",
}


def below(limit):
    return f"under {limit:g}", lambda value: value < limit


def least(limit):
    return f"at least {limit:g}", lambda value: value >= limit


def exactly(limit):
    return f"{limit:g}", lambda value: value == limit


NONE = ("", None)
# What, its unit, aim, section, and where its figure stands in the section: the first group of the first match.
ROWS = [
    ("durable ingest, of what the broker gives a subscriber that does nothing", "", least(0.9), "ingest", r"ratio ([\d.]+)"),
    ("crash frame to desk, idle, p99", "ms", below(50), "latency", r"\| idle \| \d+ \| [\d.]+ \| ([\d.]+)"),
    ("crash frame to desk, under full bulk load, p99", "ms", below(250), "latency", r"\| under bulk load.*?\) \| \d+ \| [\d.]+ \| ([\d.]+)"),
    ("decoding, a signal", "ns", below(100), "decode", r"\| compiled plan \| telltale_demo\.dbc \| \d+ \| ([\d.]+)"),
    ("the same work, plain baseline", "times ours", NONE, "decode", r"\| plain.*? \| telltale_demo\.dbc \| \d+ \| [\d.]+ \| ([\d.]+)"),
    ("the same work, public decoder (candied, node)", "times ours", NONE, "decode", r"\| candied.*? \| telltale_demo\.dbc \| \d+ \| [\d.]+ \| ([\d.]+)"),
    ("agent: processor at 4,000 frames/s", "% of a core", NONE, "bus", r"\| 4,000 \| ([\d.]+)"),
    ("agent: processor at 16,000 frames/s", "% of a core", NONE, "bus", r"\| 16,000 \| ([\d.]+)"),
    ("agent: resident memory", "MB", below(8), "footprint", r"\| resident .*? \| ([\d.]+)"),
    ("agent: program, stripped", "KB", below(1024), "footprint", r"\| program, stripped \| ([\d.]+)"),
    ("agent: start to first publish", "s", below(0.3), "footprint", r"\| start to first publish.*? \| ([\d.]+)"),
    ("agent: resume to publish, worst", "s", below(2), "resume", r"\| \d+ rounds.*? \| [\d.]+ s \| ([\d.]+)"),
    ("parked for 30 days: frames sent to the car", "", exactly(0), "parked", r"\| left alone \| (\d+)"),
    ("telemetry, a sample on the wire: city, chunks of 30 s (default)", "bytes", below(2), "wire", r"\| city, chunks of 30 s \| \d+ \| [\d.]+ \| [\d.]+ \| ([\d.]+)"),
    ("telemetry, a sample on the wire: city, chunks of 10 s", "bytes", below(2), "wire", r"\| city, chunks of 10 s \| \d+ \| [\d.]+ \| [\d.]+ \| ([\d.]+)"),
    ("telemetry, a sample on the wire: motorway, chunks of 30 s (default)", "bytes", below(2), "wire", r"\| motorway, chunks of 30 s \| \d+ \| [\d.]+ \| [\d.]+ \| ([\d.]+)"),
    ("telemetry, a sample on the wire: recorded drive, receiver only, chunks of 60 s", "bytes", below(2), "wire",
     r"\| shanghai\.nmea, chunks of 60 s \| \d+ \| [\d.]+ \| [\d.]+ \| ([\d.]+)"),
    ("a JSON message a sample, city", "times ours", NONE, "wire", r"\| city, chunks of 30 s \|(?: [\d.]+ \|){6} (\d+)"),
    ("everything on the wire, city", "kB a vehicle-hour", NONE, "wire", r"\| city, chunks of 30 s \|(?: [\d.]+ \|){6} ([\d.]+) \| [\d.]+ \| [\d.]+ \|\n"),
    ("first page of the queue at a million tickets, p99", "ms", below(20), "queue", r"first page, dealer +p50 +[\d.]+ ms +p99 +([\d.]+)"),
]


def read_sections(text):
    """{name: section without its heading}"""
    names = {title: name for name, title in TITLES.items()}
    parts = re.split(r"^## (.+)$", text, flags=re.M)[1:]
    return {names[title]: body.strip("\n") for title, body in zip(parts[::2], parts[1::2]) if title in names}


def section(name, output):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    when = f"`./dev bench {name}`, measured on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}, commit {commit}."
    body = output.strip("\n")
    return f"{when}\n\n" + (body if re.search(r"^\|", body, re.M) else f"```text\n{body}\n```")


def table(sections):
    lines = ["| what | measured | aim | | command |", "|---|---|---|---|---|"]
    for what, unit, (aim, met), name, pattern in ROWS:
        found = re.findall(pattern, sections.get(name, "") + "\n")
        if not found:
            continue
        value = found[0]
        verdict = "" if met is None else "met" if met(float(value)) else "**missed**"
        lines.append(f"| {what} | {value}{' ' + unit if unit else ''} | {aim + ' ' + unit if aim and unit else aim} | {verdict} | `./dev bench {name}` |")
    return "\n".join(lines)


def main():
    page, folder, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    head, mark, measured = page.read_text().partition(MARK)
    if not mark:
        sys.exit(f"{page}: no {MARK}")
    sections = read_sections(measured)
    for name in names:
        sections[name] = section(name, (folder / f"{name}.txt").read_text())
    body = "".join(f"\n## {TITLES[name]}\n\n{sections[name]}\n" for name in TITLES if name in sections)
    page.write_text(f"{head}{MARK}\n\n{table(sections)}\n{body}")
    print(f"written: {page}")


if __name__ == "__main__":
    main()
