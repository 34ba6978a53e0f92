"""The wire for Python: telltale_pb2 made from schemas/proto on first use, and the few helpers that tests and tools share."""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARDS = 64


def _load():
    out = ROOT / "build" / "python"
    made = out / "telltale_pb2.py"
    source = ROOT / "schemas/proto/telltale.proto"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        out.mkdir(parents=True, exist_ok=True)
        subprocess.run(["protoc", f"--proto_path={source.parent}", f"--python_out={out}", source.name], check=True)
    spec = importlib.util.spec_from_file_location("telltale_pb2", made)
    module = importlib.util.module_from_spec(spec)
    sys.modules["telltale_pb2"] = module
    spec.loader.exec_module(module)
    return module


pb = _load()


def shard(unit):
    """FNV-1a of the unit's name modulo the shards, as wire/topic.h says."""
    h = 0x811C9DC5
    for byte in unit.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h % SHARDS


def topic_up(unit, cls):
    return f"tt/1/{shard(unit):02d}/{unit}/up/{cls}"


def decode(payload):
    envelope = pb.Envelope()
    envelope.ParseFromString(payload)
    return envelope
