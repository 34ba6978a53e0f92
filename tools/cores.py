"""The protocol cores and the tests that prove them: shared by coverage.py and mutate.py.

A build of its own (build/coverage: gcc, -O0, --coverage, no sanitizers) tells which tests there are and how each file is compiled.
"""
import fnmatch
import gzip
import json
import os
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
TESTS = re.compile(r"^(proto|conformance)_")


def core_files():
    globs = [line.strip() for line in (ROOT / "tools/cores.txt").read_text().splitlines() if line.strip() and not line.startswith("#")]
    found = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "firmware/proto").glob("*.c"))
    return [f for f in found if any(fnmatch.fnmatch(f, g) for g in globs)]


def run(args, **more):
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"{shlex.join(map(str, args))}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


class Test:
    def __init__(self, entry):
        self.name = entry["name"]
        self.command = entry["command"]
        self.env = dict(os.environ)
        for prop in entry.get("properties", []):
            if prop["name"] == "ENVIRONMENT":
                self.env.update(pair.split("=", 1) for pair in prop["value"])


def tests():
    """The tests of the cores, built in build/coverage."""
    run(["cmake", "--preset", "coverage"])
    listed = json.loads(run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1"]))["tests"]
    names = [t["name"] for t in listed if TESTS.match(t["name"])]
    targets = run(["ninja", "-C", str(BUILD), "-t", "targets", "all"])
    wanted = [name for name in names if re.search(rf"^(\S*/)?{re.escape(name)}: ", targets, re.M)]
    run(["cmake", "--build", str(BUILD), "--target", *wanted])
    # A test that is a script, or has its program missing, is not one of ours.
    listed = json.loads(run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1"]))["tests"]
    return [Test(t) for t in listed if t["name"] in names and "command" in t and os.path.exists(t["command"][0])]


def compile_commands():
    """Source file, relative to the root -> the compiler's arguments without output, source, coverage and -Werror."""
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = os.path.relpath(entry["file"], ROOT)
        args = shlex.split(entry["command"])
        if os.path.basename(args[0]) == "ccache":
            args = args[1:]
        kept, skip = [args[0]], False
        for arg in args[1:]:
            if skip:
                skip = False
            elif arg in ("-o", "-MF", "-MT"):
                skip = True
            elif arg not in ("-c", "-MD", "--coverage", "-Werror", entry["file"]) and not arg.startswith("-fvisibility"):
                kept.append(arg)
        commands[file] = kept
    return commands


def forget_counts():
    for old in BUILD.rglob("*.gcda"):
        old.unlink()


def counts():
    """Source file -> (line -> count, list of (line, branch counts)), of what ran since forget_counts."""
    found = {}
    data = [str(p) for p in BUILD.rglob("*.gcda") if "tt_firmware_proto" in str(p)]
    if not data:
        return found
    out = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", *data], cwd=BUILD, capture_output=True)
    raw = out.stdout if not out.stdout.startswith(b"\x1f\x8b") else gzip.decompress(out.stdout)
    for text in raw.decode().splitlines():
        for file in json.loads(text)["files"]:
            name = os.path.relpath(os.path.join(BUILD, file["file"]), ROOT)
            if not name.endswith(".c"):
                continue
            lines, branches = found.setdefault(name, ({}, []))
            for line in file["lines"]:
                n = line["line_number"]
                lines[n] = lines.get(n, 0) + line["count"]
                branches += [(n, b["count"]) for b in line["branches"]]
    return found
