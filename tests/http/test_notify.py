"""Notifications of the real server, taken by a webhook and by a mail relay of the test's own."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import socketserver
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from server import DEADLINE, Server  # noqa: E402

SECRET = "a secret of the test"


class Hook(http.server.BaseHTTPRequestHandler):
    taken = queue.Queue()
    status = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Hook.taken.put((dict(self.headers), body))
        self.send_response(Hook.status)
        self.end_headers()

    def log_message(self, *_):
        pass


class Relay(socketserver.StreamRequestHandler):
    """As much SMTP as a relay that takes one message needs."""

    taken = queue.Queue()

    def handle(self):
        self.wfile.write(b"220 relay\r\n")
        recipients = []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self.wfile.write(b"250 relay\r\n")
            elif verb == b"RCPT":
                recipients.append(line.decode().strip())
                self.wfile.write(b"250 ok\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    mail += text
                Relay.taken.put((recipients, mail))
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def serve(test, server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server.server_address[1]


class Notify(unittest.TestCase):
    def setUp(self):
        Hook.taken, Hook.status = queue.Queue(), 200
        Relay.taken = queue.Queue()

    def start(self, *options):
        server = Server(*options)
        self.addCleanup(server.close)
        return server

    def hook(self):
        port = serve(self, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook))
        secret = tempfile.NamedTemporaryFile("w", suffix=".secret")
        secret.write(SECRET + "\n")
        secret.flush()
        self.addCleanup(secret.close)
        return ["--notify", "webhook", "--webhook-url", f"http://127.0.0.1:{port}/hook", "--webhook-secret-file", secret.name]

    def test_a_webhook_hears_each_message_once_and_signed(self):
        server = self.start(*self.hook(), "--webhook-allow-local")
        server.run_seed("message", "sms", "+4930123456", "key-1")
        server.run_seed("message", "email", "owner@example.com", "key-2")
        got = [Hook.taken.get(timeout=DEADLINE) for _ in range(2)]
        self.assertEqual([json.loads(body)["id"] for _, body in got], ["key-1", "key-2"])
        for headers, body in got:
            message = json.loads(body)
            self.assertEqual(headers["Idempotency-Key"], message["id"])
            signature = hmac.new(SECRET.encode(), headers["X-Telltale-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
            self.assertEqual(headers["X-Telltale-Signature"], "sha256=" + signature)
            self.assertEqual(message["payload"]["name"], "王小明")
        server.kill()
        server.start()
        server.run_seed("message", "sms", "+4930123456", "key-3")
        self.assertEqual(json.loads(Hook.taken.get(timeout=DEADLINE)[1])["id"], "key-3", "what was recorded as sent is not sent again")

    def test_a_webhook_on_a_local_address_is_not_called_unless_allowed(self):
        options = [o.replace("http://", "https://") for o in self.hook()]
        server = self.start(*options)
        server.run_seed("message", "sms", "+4930123456", "key-1")
        # The log tells nothing of a first failure: the metrics do.
        import time
        from server import Client
        client, end = Client(server), time.monotonic() + DEADLINE
        while b"telltale_server_outbox_retried_total 1\n" not in client.raw("GET", "/metrics")[1]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assertTrue(Hook.taken.empty())

    def test_a_mail_goes_to_the_relay(self):
        port = serve(self, socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay))
        server = self.start("--notify", "email", "--smtp-url", f"smtp://127.0.0.1:{port}", "--mail-from", "desk@telltale.example",
                            "--smtp-require-tls=false")
        server.run_seed("message", "email", "owner@example.com", "key-1")
        recipients, mail = Relay.taken.get(timeout=DEADLINE)
        self.assertEqual(recipients, ["RCPT TO:<owner@example.com>"])
        head, body = mail.split(b"\r\n\r\n", 1)
        self.assertIn(b"\r\nMessage-ID: <", head)
        self.assertIn("王小明", base64.b64decode(body).decode())


if __name__ == "__main__":
    unittest.main()
