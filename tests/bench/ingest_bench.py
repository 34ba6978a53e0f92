#!/usr/bin/python3
"""Durable ingest against a subscriber that does nothing, on the same broker, one after the other.

    tests/bench/ingest_bench.py [--build release] [--messages 200000] [--units 1000] [--rounds 3] [--batch 2000] [--tls]

Both drain the same backlog of a persistent session, so that nobody but broker and consumer need the processor; the rate is messages over the
time from the first to the last one (the gateway's: from the record, where received_at is the beginning of each transaction; the last commit is
added). Processor time a message is printed too: it says what a rate does not when the machine has other work. Medians and their ratio end it.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from stack import Process, Stack, wait_until  # noqa: E402
from wire import shard  # noqa: E402

PLAIN = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 1000000\nset_tcp_nodelay true\n"


LAST_COMMIT_S = 0.01


class Bench:
    def __init__(self, home, options):
        self.options = options
        self.stack = Stack(home, build=options.build)
        self.stack.init()
        self.load = self.stack.bin / "mqtt_load"
        # One publisher speaks for all units here, which the broker's ACL rightly forbids: a listener without ACL for the publisher.
        self.plain_conf = Path(home) / "plain.conf"
        self.plain_conf.write_text(PLAIN.format(port=self.stack.service_port))
        if options.tls:
            self.plain_conf.write_text(PLAIN.format(port=self.stack.service_port) + self.tls_lines())
        self.broker = Process("broker", ["mosquitto", "-c", self.plain_conf], self.stack.log_dir)
        with sqlite3.connect(self.stack.database) as db:
            db.executemany("INSERT INTO unit (name, shard, created_at) VALUES (?, ?, 1)",
                           [(f"LOAD-{i}", shard(f"LOAD-{i}")) for i in range(options.units)])

    def tls_lines(self):
        pki = self.stack.home / "pki"
        return (f"cafile {pki}/service-ca.crt\ncertfile {pki}/broker.crt\nkeyfile {pki}/broker.key\nrequire_certificate true\n"
                "use_identity_as_username true\n")

    def certificate(self):
        pki = self.stack.home / "pki"
        return ["--ca", pki / "fleet-ca.crt", "--cert", pki / "gateway.crt", "--key", pki / "gateway.key"] if self.options.tls else []

    def run_load(self, mode):
        return subprocess.run([str(a) for a in [self.load, "--mode", mode, "--port", self.stack.service_port, "--units", self.options.units, "--count",
                                                self.options.messages, "--client-id", f"load-{mode == 'publish'}", *self.certificate()]],
                              check=True, capture_output=True, text=True).stdout

    def noop(self):
        self.run_load("subscribe")
        self.run_load("publish")
        words = self.run_load("drain").split()
        return int(words[1]) / float(words[3]), float(words[5]) / int(words[1])

    def start_gateway(self):
        stack = self.stack
        metrics = stack.home / "gateway.prom"
        metrics.unlink(missing_ok=True)
        gateway = Process("gateway", list(stack.gateway.argv) + ["--log-level", "warn", "--batch", str(self.options.batch)] + ([] if self.options.tls else ["--tls=false"]), stack.log_dir)
        gateway.start()
        wait_until("gateway subscribed", lambda: metrics.exists() and 'sessions_up{worker="bulk"} 64' in metrics.read_text())
        return gateway

    def gateway(self):
        with sqlite3.connect(self.stack.database) as db:
            db.execute("DELETE FROM event")
            db.execute("DELETE FROM mark")
        self.start_gateway().stop()
        self.run_load("publish")
        gateway = self.start_gateway()

        def stored():
            with sqlite3.connect(f"file:{self.stack.database}?mode=ro", uri=True) as db:
                return db.execute("SELECT sum(seq) FROM mark").fetchone()[0] == self.options.messages

        wait_until("all messages stored", stored, 120, every=0.2)
        fields = Path(f"/proc/{gateway.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        with sqlite3.connect(self.stack.database) as db:
            n, first, last = db.execute("SELECT count(*), min(received_at), max(received_at) FROM event").fetchone()
        assert n == self.options.messages, f"{n} stored of {self.options.messages}"
        gateway.stop()
        return n / ((last - first) / 1e6 + LAST_COMMIT_S), cpu / n

    def run(self):
        rates, cpu = {"noop": [], "gateway": []}, {"noop": [], "gateway": []}
        for turn in range(self.options.rounds):
            for kind in rates:
                self.broker.start()
                self.broker.wait_port(self.stack.service_port)
                rate, a_message = getattr(self, kind)()
                self.broker.stop()
                rates[kind].append(rate)
                cpu[kind].append(a_message)
                print(f"round {turn + 1} {kind}: {rate:,.0f} messages/s, {a_message * 1e6:.1f} us of processor a message", flush=True)
        noop, gateway = (statistics.median(rates[k]) for k in rates)
        print(f"median: no-op subscriber {noop:,.0f}/s, durable ingest {gateway:,.0f}/s, ratio {gateway / noop:.2f};"
              f" processor {statistics.median(cpu['noop']) * 1e6:.1f} and {statistics.median(cpu['gateway']) * 1e6:.1f} us a message")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="release")
    parser.add_argument("--messages", type=int, default=200000)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2000)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    options.messages -= options.messages % options.units
    with tempfile.TemporaryDirectory(prefix="telltale-bench-") as home:
        Bench(home, options).run()


if __name__ == "__main__":
    main()
