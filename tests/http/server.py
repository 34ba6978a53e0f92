"""Starts the real telltale-server on a seeded record, and speaks to it. For tests: everything in a temporary folder, on loopback."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

BIN = os.path.join(os.environ["TT_BINARY_DIR"], "bin")
PASSWORD = "correct horse"
DEADLINE = 30.0  # seconds that anything may take on a loaded machine


class Server:
    """One record, and a server that can be killed and started again on it."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="tt-http-")
        self.db = os.path.join(self.folder.name, "record.db")
        self.options = list(options)
        self.seed = json.loads(self.run_seed("world"))
        self.process = None
        self.port = 0
        self.start()

    def run_seed(self, *arguments):
        return subprocess.run([os.path.join(BIN, "telltale-seed"), self.db, *arguments], check=True, capture_output=True, text=True).stdout

    def add_tickets(self, count, dealer="a", batch=1):
        """Commits tickets as the gateway would, `batch` a transaction; the feed's number and commit time (UTC s) of each."""
        out = self.run_seed("tickets", str(self.seed["dealer_" + dealer]), str(self.seed["vehicle_" + dealer]), str(count), str(batch))
        return [(int(n), int(us) / 1e6) for n, us in (line.split() for line in out.splitlines())]

    def audit(self):
        """(action, subject, reason) of every audit row."""
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as db:
            return db.execute("SELECT action, subject, reason FROM audit ORDER BY id").fetchall()

    def start(self):
        self.log = open(os.path.join(self.folder.name, "server.log"), "a+", encoding="utf-8")
        at = self.log.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(
            [os.path.join(BIN, "telltale-server"), "--store", "sqlite:" + self.db, "--port", str(self.port), *self.options],
            stderr=self.log, stdout=self.log)
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            self.log.seek(at)
            ready = re.search(r"server\.ready.*port=(\d+)", self.log.read())
            if ready:
                self.port = int(ready.group(1))
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError("the server did not start:\n" + self.text_of_log())

    def text_of_log(self):
        with open(os.path.join(self.folder.name, "server.log"), encoding="utf-8") as log:
            return log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        """An orderly end; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(DEADLINE)
        self.log.close()
        return status

    def close(self):
        status = self.stop()
        log = self.text_of_log()
        self.folder.cleanup()
        if status != 0:
            raise AssertionError(f"the server ended with {status}:\n{log[-4000:]}")


class Client:
    """A browser's worth of HTTP: one keep-alive connection, the cookie and the CSRF token."""

    def __init__(self, server, login=None):
        self.server = server
        self.conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        self.cookie = None
        self.session = None
        if login:
            status, self.session = self.call("POST", "/api/session", {"login": login, "password": PASSWORD})
            assert status == 200, (status, self.session)

    def raw(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        if self.session and method != "GET":
            sent.setdefault("X-CSRF-Token", self.session["csrf"])
        self.conn.request(method, path, body=body, headers=sent)
        answer = self.conn.getresponse()
        data = answer.read()
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        return answer, data

    def call(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        answer, text = self.raw(method, path, data, sent)
        return answer.status, json.loads(text) if text else None

    def stream(self, after=None, last_event_id=None):
        return Stream(self, after, last_event_id)

    def close(self):
        self.conn.close()

    def __del__(self):
        self.close()


class Stream:
    """An event stream, read from the socket: events as (id, event, data)."""

    def __init__(self, client, after=None, last_event_id=None):
        path = "/api/events" + (f"?after={after}" if after is not None else "")
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept: text/event-stream", f"Cookie: {client.cookie}"]
        if last_event_id is not None:
            lines.append(f"Last-Event-ID: {last_event_id}")
        self.sock = socket.create_connection(("127.0.0.1", client.server.port), timeout=DEADLINE)
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.raw = b""
        self.text = b""
        self.last_id = None
        self.ended = False
        while b"\r\n\r\n" not in self.raw:
            self.fill()
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        self.headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head.decode().split("\r\n")[1:])}

    def fill(self):
        data = self.sock.recv(65536)
        if not data:
            self.ended = True
            raise EOFError("the stream ended")
        self.raw += data

    def unchunk(self):
        while True:
            size, sep, rest = self.raw.partition(b"\r\n")
            if not sep:
                return
            n = int(size, 16)
            if len(rest) < n + 2:
                return
            if n == 0:
                self.ended = True
                raise EOFError("the stream ended")
            self.text += rest[:n]
            self.raw = rest[n + 2:]

    def blocks(self):
        """Everything between empty lines, comments included."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            self.unchunk()
            while b"\n\n" in self.text:
                block, self.text = self.text.split(b"\n\n", 1)
                yield block.decode()
            self.fill()
        raise TimeoutError("nothing but heartbeats")

    def events(self):
        for block in self.blocks():
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
            if "id" in fields:
                self.last_id = int(fields["id"])
            if "data" in fields:
                yield self.last_id, fields.get("event"), json.loads(fields["data"])

    def close(self):
        self.sock.close()

    def __del__(self):
        self.close()
