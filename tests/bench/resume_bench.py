"""From a resume to the publish: the suspend program returns, and the agent's state has left. Mutual TLS, broker on the same machine.

The computer is not suspended: the program that would do it waits a moment and returns, as rtcwake does after the resume. Prints a table. usage: resume_bench.py [ROUNDS]
"""

import re
import sys
import time

from bench_stack import ROOT, seeded_stack  # first: it makes the end-to-end tests' modules known
from conftest import VIN_1
from stack import wait_until


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    took = []
    with seeded_stack() as stack:
        for process in (stack.broker, stack.gateway):
            process.start()
            stack.processes.append(process)
        stack.broker.wait_port(stack.unit_port)
        profile = stack.home / "sleepy.profile"
        text = (ROOT / "schemas/profiles/demo.profile").read_text().replace("../dbc", str(ROOT / "schemas/dbc"))
        profile.write_text(text + "\npower sleep-after 1\npower deep-after 1\n")
        program, returned = stack.home / "suspend.sh", stack.home / "returned"
        program.write_text(f"#!/bin/sh\nsleep 0.5\ndate +%s.%N > {returned}\n")
        program.chmod(0o755)
        car = stack.add_car("CAR-0001", VIN_1)
        for _ in range(rounds):
            returned.unlink(missing_ok=True)
            car.agent.argv = car.agent_argv(profile=profile, suspend_command=program)
            mark = car.agent.log.stat().st_size if car.agent.log.exists() else 0
            car.agent.start()
            stack.processes.append(car.agent)
            car.agent.wait_log("agent.back", since=mark)
            wait_until("the program's mark", returned.exists, 10)
            line = next(x for x in car.agent.log.read_text()[mark:].splitlines() if "agent.back" in x)
            stamp = time.strptime(line.split(".")[0], "%Y-%m-%dT%H:%M:%S")
            ms = int(re.match(r"\S+?\.(\d{3})Z", line).group(1))
            took.append((time.mktime(stamp) - time.timezone + ms / 1000) - float(returned.read_text()))
            car.agent.kill()
    took.sort()
    print("| resume to publish | median | worst | goal |\n|---|---|---|---|")
    print(f"| {rounds} rounds, program returned to state handed to the broker's socket | {took[len(took) // 2]:.2f} s | {took[-1]:.2f} s | 2 s |")


if __name__ == "__main__":
    main()
