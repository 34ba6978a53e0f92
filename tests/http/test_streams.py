"""The event streams of the real server: what arrives, what resumes, what ends, and how fast."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from schema import CHANGE, check  # noqa: E402
from server import Client, Server  # noqa: E402


def take(stream, n):
    """The ids of the next n events."""
    ids = []
    for number, _, _ in stream.events():
        ids.append(number)
        if len(ids) == n:
            return ids
    return ids


class Streams(unittest.TestCase):
    def setUp(self):
        self.server = Server("--heartbeat-ms", "200")
        self.addCleanup(self.server.close)
        self.client = Client(self.server, "adviser_a")
        self.addCleanup(self.client.close)

    def open(self, client=None, **how):
        stream = (client or self.client).stream(**how)
        self.addCleanup(stream.close)
        self.assertEqual(stream.status, 200)
        return stream

    def test_a_commit_reaches_the_desk_as_the_contract_says(self):
        stream = self.open()
        self.assertEqual(stream.headers["content-type"], "text/event-stream")
        self.assertEqual(stream.headers["x-accel-buffering"], "no")
        self.assertIn("retry: 3000", next(stream.blocks()))
        (number, _), = self.server.add_tickets(1)
        got, kind, data = next(stream.events())
        self.assertEqual((got, kind), (number, "ticket.opened"))
        self.assertEqual(check(data, CHANGE), [])
        self.assertEqual(data["body"]["subject"], "Ticket 0")
        self.assertEqual(data["counters"]["new"], 2)
        self.assertNotIn("place", data["body"])

    def test_a_write_at_one_desk_shows_at_the_other(self):
        stream = self.open()
        ticket = self.server.seed["ticket_a"]
        version = self.client.call("GET", f"/api/tickets/{ticket}")[1]["version"]
        status, _ = self.client.call("POST", f"/api/tickets/{ticket}/acknowledge", {"version": version})
        self.assertEqual(status, 200)
        _, kind, data = next(stream.events())
        self.assertEqual((kind, data["subject_id"], data["body"]["status"]), ("ticket.updated", ticket, "open"))

    def test_a_dealer_never_hears_of_another(self):
        mine, other, all_of_them = self.open(), self.open(Client(self.server, "adviser_b")), self.open(Client(self.server, "admin"))
        b = [n for n, _ in self.server.add_tickets(3, "b")]
        a = [n for n, _ in self.server.add_tickets(2, "a")]
        self.assertEqual(take(mine, 2), a)
        self.assertEqual(take(other, 3), b)
        self.assertEqual(take(all_of_them, 5), b + a)

    def test_resuming_misses_nothing_and_repeats_nothing(self):
        first = self.open()
        ids = [n for n, _ in self.server.add_tickets(10)]
        self.assertEqual(take(first, 4), ids[:4])
        first.close()
        self.assertEqual(take(self.open(last_event_id=ids[3]), 6), ids[4:])
        self.assertEqual(take(self.open(after=ids[7]), 2), ids[8:])
        self.assertEqual(take(self.open(after=ids[0], last_event_id=ids[8]), 1), ids[9:], "the header wins")

    def test_a_killed_server_resumes_without_a_hole(self):
        stream = self.open()
        before = [n for n, _ in self.server.add_tickets(3)]
        self.assertEqual(take(stream, 3), before)
        self.server.kill()
        while_down = [n for n, _ in self.server.add_tickets(3)]
        self.server.start()
        stream = self.open(Client(self.server, "adviser_a"), last_event_id=before[-1])
        after = [n for n, _ in self.server.add_tickets(2)]
        self.assertEqual(take(stream, 5), while_down + after)

    def test_the_session_outlives_a_kill(self):
        self.server.kill()
        self.server.start()
        again = Client(self.server)
        again.cookie = self.client.cookie
        self.assertEqual(again.call("GET", "/api/session")[0], 200)

    def test_too_far_behind_is_told_to_resync(self):
        self.open()  # somebody listens, so the channel stands
        first = self.server.add_tickets(1)[0][0]
        last = self.server.add_tickets(700, batch=100)[-1][0]
        stream = self.open(last_event_id=first)
        number, kind, _ = next(stream.events())
        self.assertEqual(kind, "resync")
        self.assertTrue(first < number <= last)
        (later, _), = self.server.add_tickets(1)
        self.assertEqual(take(stream, later - number), list(range(number + 1, later + 1)), "from the resync on nothing is missed")

    def test_a_number_the_feed_never_gave_is_told_to_resync(self):
        _, kind, _ = next(self.open(last_event_id=10**9).events())
        self.assertEqual(kind, "resync")

    def test_heartbeats_keep_coming(self):
        beats = 0
        for block in self.open().blocks():
            beats += block.startswith(":")
            if beats == 3:
                return

    def test_log_out_ends_the_streams(self):
        stream = self.open()
        self.client.raw("DELETE", "/api/session")
        with self.assertRaises(EOFError):
            next(stream.events())

    def test_no_session_no_stream(self):
        self.assertEqual(Client(self.server).stream().status, 401)
        status, _ = self.client.call("GET", "/api/events?after=soon")
        self.assertEqual(status, 400)

    def test_an_orderly_end_ends_every_stream(self):
        streams = [self.open() for _ in range(20)]
        begun = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10)
        for stream in streams:
            with self.assertRaises((EOFError, ConnectionResetError)):
                next(stream.events())
        self.server.start()


class ManyStreams(unittest.TestCase):
    def test_a_thousand_streams_hear_the_same(self):
        server = Server()
        self.addCleanup(server.close)
        clients = [Client(server, "adviser_a"), Client(server, "admin")]
        streams = [clients[i % 2].stream() for i in range(1000)]
        ids = [n for n, _ in server.add_tickets(3)]
        for stream in streams:
            self.assertEqual(take(stream, 3), ids)
        _, text = clients[0].raw("GET", "/metrics")
        self.assertIn(b"telltale_server_feed_changes_total", text)
        for stream in streams:
            stream.close()


if __name__ == "__main__":
    unittest.main()
