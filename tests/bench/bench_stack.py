"""Broker, record and whatever a measurement starts, in a temporary folder: seeded as for the end-to-end tests, and gone at the end, whatever happened."""

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/e2e")]

from conftest import Record, seed  # noqa: E402
from stack import Stack  # noqa: E402


@contextmanager
def seeded_stack():
    """What was put into stack.processes is killed, last first."""
    home = Path(tempfile.mkdtemp(prefix="telltale-bench-"))
    stack = Stack(home)
    stack.record = Record(stack.database)
    try:
        stack.init()
        seed(stack)
        yield stack
    finally:
        for process in reversed(stack.processes):
            process.kill()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(stack.sockets, ignore_errors=True)
