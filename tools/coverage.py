#!/usr/bin/env python3
"""Line and branch coverage of the protocol cores by their own tests (unit and conformance; not by fuzzing, which asserts little).

    tools/coverage.py [FILE...]     a table; with files their uncovered lines and branches too. Exit 1 below the limits.
"""
import subprocess
import sys

import cores

LINES, BRANCHES = 100.0, 95.0


def main():
    wanted = sys.argv[1:]
    tests = cores.tests()
    cores.forget_counts()
    for test in tests:
        done = subprocess.run(test.command, env=test.env, cwd=cores.BUILD, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{test.name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = cores.counts()
    below = []
    total = [0, 0, 0, 0]
    print(f"{'file':44} {'lines':>13} {'branches':>15}")
    for file in cores.core_files():
        lines, branches = found.get(file, ({}, []))
        hit = sum(1 for count in lines.values() if count)
        taken = sum(1 for _, count in branches if count)
        total = [a + b for a, b in zip(total, (hit, len(lines), taken, len(branches)))]
        line_share = 100.0 * hit / len(lines) if lines else 0.0
        branch_share = 100.0 * taken / len(branches) if branches else 100.0
        print(f"{file:44} {hit:5}/{len(lines):<5} {line_share:5.1f} % {taken:5}/{len(branches):<5} {branch_share:5.1f} %")
        if not lines or line_share < LINES or branch_share < BRANCHES:
            below.append(file)
        if file in wanted or (below and below[-1] == file and not wanted):
            missed = sorted(n for n, count in lines.items() if not count)
            half = sorted({n for n, count in branches if not count} - set(missed))
            print("    lines never run:", " ".join(map(str, missed)) or "none")
            print("    lines with a branch never taken:", " ".join(map(str, half)) or "none")
    print(f"{'all cores':44} {total[0]:5}/{total[1]:<5} {100 * total[0] / max(1, total[1]):5.1f} % {total[2]:5}/{total[3]:<5} {100 * total[2] / max(1, total[3]):5.1f} %")
    if below:
        sys.exit(f"below {LINES:.0f} % of lines or {BRANCHES:.0f} % of branches: {' '.join(below)}")


main()
