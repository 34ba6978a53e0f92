"""Decodes tests/golden/wire/ with the Python protobuf runtime: another implementation must read what ours writes."""
import os
import subprocess
import sys
import tempfile

ROOT = os.environ["TT_SOURCE_DIR"]
EXPECTED = {
    "alert": lambda e: e.alert.incident == 0xFEDCBA9876543210 and e.alert.crash.delta_v_mm_s == 11100
    and e.alert.position.longitude_e7 == -236173333,
    "fault": lambda e: e.fault.code == "P0301" and e.fault.ecu == 0x7E8 and len(e.fault.freeze_frame) == 2
    and e.fault.freeze_frame[0].raw == b"\x1a\xf8" and e.fault.status == 0x8F and e.fault.snapshot[1].did == 0xF40D
    and e.fault.extended[0].raw == b"\x42",
    "trip": lambda e: e.trip.distance_m == 12345 and e.trip.duration_s == 1800 and e.trip.idle_s == 240 and e.trip.fuel_used_ml == 987,
    "odometer": lambda e: e.odometer.odometer_m == 123456789 and e.odometer.uncertainty_m == 136 and e.odometer.estimated_m == 1200,
    "vehicle_event": lambda e: e.vehicle_event.subject == "row1.left" and e.vehicle_event.kind == 9 and e.vehicle_event.phase == 3
    and e.vehicle_event.occurrence == 0x1122334455667788 and e.vehicle_event.limit_milli == 184000,
    "state": lambda e: e.state.vin == "3FADP4FJ2BM113913" and e.state.conditions[0].name == "gps.no_fix" and e.seq == 0,
    "capture": lambda e: e.capture.part == 2 and list(e.capture.mapped) == [1, 2, 3] and e.capture.from_ms == -5000
    and e.capture.samples.samples == 1800,
    "power": lambda e: e.state.power.state == 4 and e.state.power.battery_mv == 11640 and e.state.metrics[2].value == 7,
    "ecu_report": lambda e: e.ecu_report.ecu == 0x18DAF110 and e.ecu_report.cvns == [0xCAFE0001]
    and e.ecu_report.tests[1].min_milli == -100 and len(e.ecu_report.supported_pids) == 32,
    "telemetry": lambda e: e.telemetry.samples == 1800 and len(e.telemetry.columns) == 4,
}


def golden(name):
    with open(os.path.join(ROOT, "tests/golden/wire", name + ".hex"), encoding="ascii") as f:
        return bytes.fromhex(f.read())


def main():
    with tempfile.TemporaryDirectory() as out:
        proto = os.path.join(ROOT, "schemas/proto")
        subprocess.run(["protoc", "--proto_path=" + proto, "--python_out=" + out, "telltale.proto"], check=True)
        sys.path.insert(0, out)
        import telltale_pb2 as pb
    bad = 0
    for name, holds in EXPECTED.items():
        envelope = pb.Envelope.FromString(golden(name))
        ok = (envelope.schema == 1 and envelope.epoch == 0x0123456789ABCDEF and envelope.WhichOneof("body") == {"power": "state"}.get(name, name)
              and envelope.clock == pb.CLOCK_QUALITY_GNSS and holds(envelope))
        print("%s: %s" % (name, "ok" if ok else "differs\n%s" % envelope))
        bad += not ok
    ack = pb.Ack.FromString(golden("ack"))
    bad += not (ack.epoch == 0x0123456789ABCDEF and ack.up_to_seq == 300 and ack.resend)
    return bad != 0


sys.exit(main())
