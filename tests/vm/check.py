"""Checks what the virtual machine's console said (tests/vm/init.sh). Prints one line a fact; exits 1 at the first that is not so."""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import wire  # noqa: E402

VIN = "3FADP4FJ2BM113913"
# What a read-only tester may say: OBD requests of the services it uses, and flow control.
ALLOWED = re.compile(r"^(7DF#0[1-8](01|02|03|07|09|0A)|7E[0-7]#(30|0[1-7](01|02|03|07|09|0A)))")


def sections(text):
    found = {}
    for name, body in re.findall(r"=== begin (\S+)\n(.*?)=== end \1", text, re.S):
        found[name] = body.strip()
    return found


def envelopes(body, kind):
    out = []
    for line in body.splitlines():
        topic, _, payload = line.partition(" ")
        if topic.endswith(f"/up/{kind}") and payload:
            out.append(wire.decode(bytes.fromhex(payload)))
    return out


def check(fact, true, shown=""):
    print(f"{'ok  ' if true else 'FAIL'} {fact}{'' if true else ': ' + str(shown)[:600]}")
    if not true:
        sys.exit(1)


def faults(body):
    return {e.fault.code: e.fault for e in envelopes(body, "event") if e.WhichOneof("body") == "fault" and e.fault.change == wire.pb.FAULT_CHANGE_RAISED}


def main():
    text = Path(sys.argv[1]).read_text(errors="replace").replace("\r", "")
    if "=== done" not in text:
        print(text[-3000:])
        check("the virtual machine came to its end", False, "see above")
    s = sections(text)

    vin_bytes = bytes.fromhex(s["isotp-vin-by-kernel"].replace(" ", "").splitlines()[0]) if s["isotp-vin-by-kernel"] else b""
    check("the kernel's can-isotp reads the VIN our simulator sends in several frames", vin_bytes == b"\x49\x02\x01" + VIN.encode(), s["isotp-vin-by-kernel"])

    state = envelopes(s["agent-mqtt"], "state")
    check("the agent on vcan0 publishes its state", bool(state), s["agent-log"])
    raised = faults(s["agent-mqtt"])
    check("P0301 set in the simulator is raised over SocketCAN, stored, lamp on", "P0301" in raised and raised["P0301"].stored and raised["P0301"].mil, s["agent-log"])
    check("with its freeze frame", len(raised["P0301"].freeze_frame) >= 3, raised["P0301"])
    alerts = [e.alert for e in envelopes(s["agent-alert"], "alert")]
    check("the airbag's frame becomes exactly one crash", len({a.incident for a in alerts}) == 1 and alerts[0].kind == wire.pb.ALERT_KIND_CRASH, s["agent-alert"])

    decoded = [json.loads(line) for line in s["decode"].splitlines() if line.startswith("{")]
    check("telltale decode of candump's own log gives the VIN", any(d["kind"] == "vin" and d["vin"] == VIN for d in decoded), s["decode"])
    check("and the code", any(d["kind"] == "dtc" and "P0301" in d.get("codes", []) for d in decoded), s["decode"])

    sent = [line.split()[-1] for line in s["transmitted"].splitlines() if line.strip()]
    outside = [frame for frame in sent if not ALLOWED.match(frame)]
    check(f"{len(sent)} different frames were transmitted, all reading or flow control", sent and not outside, outside)

    raised = faults(s["kernel-ecu"])
    check("codes sent by the kernel's can-isotp in several frames are raised", {"P0301", "U0100", "C0123"} <= set(raised), s["kernel-ecu"] + s["kernel-ecu-log"])
    vins = {e.state.vin for e in envelopes(s["kernel-ecu"], "state")}
    check("and the VIN it sends is read", VIN in vins, vins)
    print("virtual machine: 10 passed, 0 failed")


if __name__ == "__main__":
    main()
