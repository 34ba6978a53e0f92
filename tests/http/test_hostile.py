"""Clients that do not behave: too large, too slow, too many, not HTTP. The server answers or closes, and goes on serving others."""

import os
import re
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from server import DEADLINE, Client, Server  # noqa: E402


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--request-limit-ms", "1500")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def send(self, data):
        """Everything the server says until it closes or falls silent."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=DEADLINE) as sock:
            try:
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                while more := sock.recv(65536):
                    got += more
            except TimeoutError:
                raise
            except OSError:
                pass  # it closed on us, which is an answer too
        return got

    def status(self, data):
        found = re.match(rb"HTTP/1\.1 (\d+)", self.send(data))
        return int(found.group(1)) if found else None

    def tearDown(self):
        self.assertEqual(Client(self.server, "adviser_a").call("GET", "/api/queue")[0], 200, "it goes on serving")

    def test_a_body_of_ten_megabytes_is_refused_before_it_is_sent(self):
        head = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n"
        self.assertEqual(self.status(head), 413)

    def test_a_chunked_body_without_end_is_cut(self):
        head = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        self.assertEqual(self.status(head + chunk * 2 + b"0\r\n\r\n"), 413)
        self.assertIsNone(self.status(head + chunk * 64))

    def test_headers_beyond_the_limit(self):
        request = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 20000 + b"\r\n\r\n"
        self.assertIn(self.status(request), (431, 413, None))

    def test_what_is_not_http(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 4096, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\x00bad: 1\r\n\r\n"):
            self.send(data)

    def test_methods_and_media_types(self):
        client = Client(self.server, "adviser_a")
        self.assertEqual(client.raw("PATCH", "/api/queue")[0].status, 405)
        self.assertEqual(client.raw("PATCH", "/api/queue")[0].getheader("Allow"), "GET")
        self.assertEqual(client.raw("POST", "/", b"x")[0].status, 405)
        self.assertEqual(client.raw("GET", "/api/nothing")[0].status, 404)
        url = f"/api/tickets/{self.server.seed['ticket_a']}/comment"
        self.assertEqual(client.raw("POST", url, b"text=1", {"Content-Type": "application/x-www-form-urlencoded"})[0].status, 415)
        self.assertEqual(client.raw("POST", url, b'{"text":', {"Content-Type": "application/json"})[0].status, 400)
        self.assertEqual(client.raw("POST", url, b'{"text":"\xff"}', {"Content-Type": "application/json"})[0].status, 400)
        self.assertEqual(client.raw("POST", url, b"[" * 60000, {"Content-Type": "application/json"})[0].status, 400)

    def test_a_write_without_the_token_is_refused(self):
        client = Client(self.server, "adviser_a")
        url = f"/api/tickets/{self.server.seed['ticket_a']}/comment"
        answer, _ = client.raw("POST", url, b'{"text":"x"}', {"Content-Type": "application/json", "X-CSRF-Token": "0" * 32})
        self.assertEqual(answer.status, 403)

    def test_slow_requests_are_closed_and_others_are_served_meanwhile(self):
        slow = []
        for _ in range(100):
            sock = socket.create_connection(("127.0.0.1", self.server.port), timeout=DEADLINE)
            sock.sendall(b"GET /api/queue HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            slow.append(sock)
        client = Client(self.server, "adviser_a")
        end = time.monotonic() + DEADLINE
        closed = 0
        while closed < len(slow) and time.monotonic() < end:
            closed = 0
            self.assertEqual(client.call("GET", "/api/queue")[0], 200)
            for sock in slow:
                try:
                    sock.send(b"a")  # the trickle that resets an ordinary timeout
                except OSError:
                    closed += 1
            time.sleep(0.1)
        self.assertEqual(closed, len(slow))

    def test_keep_alive_serves_many_requests_on_one_connection(self):
        client = Client(self.server, "adviser_a")
        for _ in range(50):
            self.assertEqual(client.call("GET", "/api/session")[0], 200)
        sock = client.conn.sock
        self.assertIsNotNone(sock)
        self.assertEqual(client.call("GET", "/api/users")[0], 200)
        self.assertIs(client.conn.sock, sock)

    def test_guessing_passwords_is_slowed_down(self):
        statuses = []
        for i in range(12):
            client = Client(self.server)
            statuses.append(client.call("POST", "/api/session", {"login": "manager_a", "password": f"guess {i}"})[0])
            client.close()
        self.assertEqual(statuses, [401] * 10 + [429] * 2)
        answer, _ = Client(self.server).raw("POST", "/api/session", b'{"login":"MANAGER_A","password":"correct horse"}',
                                            {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 429, "the case of the name is no way around")
        self.assertGreaterEqual(int(answer.getheader("Retry-After")), 1)

    def test_security_headers_are_on_every_answer(self):
        client = Client(self.server)
        for path in ("/", "/api/queue", "/nothing.js"):
            answer, _ = client.raw("GET", path)
            self.assertIn("default-src 'self'", answer.getheader("Content-Security-Policy"))
            self.assertIn("frame-ancestors 'none'", answer.getheader("Content-Security-Policy"))
            self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")

    def test_configuration_mistakes_say_the_way_out(self):
        import subprocess

        program = os.path.join(os.environ["TT_BINARY_DIR"], "bin", "telltale-server")
        for options, said in (
                (["--store", "sqlite:/nowhere/none.db"], "none.db"),
                (["--store", "sqlite:" + self.server.db, "--port", str(self.server.port)], "cannot listen"),
                (["--store", "sqlite:" + self.server.db, "--listen-address", "localhost"], "IP address"),
                (["--store", "sqlite:" + self.server.db, "--notify", "pigeon"], "log, webhook or email"),
                (["--store", "sqlite:" + self.server.db, "--notify", "webhook", "--webhook-url", "http://x"], "https://")):
            ended = subprocess.run([program, *options], capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual(ended.returncode, 1, options)
            self.assertIn(said, ended.stderr)


if __name__ == "__main__":
    unittest.main()
