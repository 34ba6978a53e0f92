"""What a full bus costs the agent: its share of a core at 4,000 and at 16,000 frames a second, three of four frames mapped by the demo profile.

The bus is shared:DIR (kernels of build machines have no CAN), where the agent sees every frame; on SocketCAN the kernel keeps the fourth away. The figure
without frames is taken first. usage: bus_load.py [SECONDS]
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(folder, rate, seconds):
    """Share of a core, frames sent that mean something to the agent, frames that it took and lost."""
    home = folder / str(rate)
    home.mkdir()
    bus = f"shared:{home}/bus"
    profile = (ROOT / "schemas/profiles/demo.profile").read_text()
    profile = re.sub(r"^ignition-grace.*$", "ignition-grace 0", profile, flags=re.M).replace("../dbc/", f"{ROOT}/schemas/dbc/")
    (home / "load.profile").write_text(profile)
    log = (home / "log").open("w")
    agent = subprocess.Popen([BIN / "telltale-agent", "--unit", "LOAD", "--tls", "false", "--broker-port", "1", "--gpsd-host", "", "--can", bus,
                              "--journal", home / "journal", "--profile", home / "load.profile"], stdout=log, stderr=log)
    sent = 0
    try:
        deadline = time.monotonic() + 20
        while "bus.open" not in (home / "log").read_text():
            if time.monotonic() > deadline or agent.poll() is not None:
                sys.exit(f"the agent does not open its bus: {(home / 'log').read_text()}")
            time.sleep(0.05)
        start, since = cpu_seconds(agent.pid), time.monotonic()
        if rate:
            out = subprocess.run([BIN / "vm_can_load", str(seconds), str(rate), bus], capture_output=True, text=True, check=True).stdout
            sent = int(re.search(r"mapped (\d+)", out).group(1))
        else:
            time.sleep(seconds)  # the measuring time itself
        share = (cpu_seconds(agent.pid) - start) / (time.monotonic() - since)
    finally:
        agent.send_signal(signal.SIGTERM)
        agent.wait(20)
        log.close()
    taken, lost = re.search(r"(\d+) frames taken, (\d+) lost", (home / "log").read_text()).groups()
    return share, sent, int(taken), int(lost)


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory(prefix="telltale-load-") as folder:
        print("| frames a second | processor, % of a core | us a frame | mapped frames sent | taken | lost |\n|---|---|---|---|---|---|")
        idle = 0.0
        for rate in (0, 4000, 16000):
            share, sent, taken, lost = measure(Path(folder), rate, seconds)
            each = f"{(share - idle) / rate * 1e6:.1f}" if rate else ""
            print(f"| {rate:,} | {share * 100:.1f} | {each} | {sent} | {taken} | {lost} |", flush=True)
            idle = idle if rate else share


if __name__ == "__main__":
    main()
