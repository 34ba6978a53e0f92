"""The browser of browser.mjs as a context manager."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Browser:
    def __init__(self, url, login, password, language="en", size="1440x900"):
        self.child = subprocess.Popen(["node", str(HERE / "browser.mjs"), url, login, password, language, size], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self):
        assert self._answer().get("ready"), "the browser did not log in"
        return self

    def __exit__(self, *exc):
        self.child.stdin.close()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def _answer(self):
        line = self.child.stdout.readline()
        assert line, "the browser ended"
        return json.loads(line)

    def do(self, command):
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        answer = self._answer()
        assert answer["ok"], f"{command}: {answer.get('error')}"
        return answer
