"""The whole road as processes on this machine: broker, gateway, server, gpsd, agents and simulated cars.

`./dev up` and the end-to-end tests use the same class, so what a newcomer watches is what is tested. Everything listens on
127.0.0.1, dies with this process (PR_SET_PDEATHSIG), and logs to <home>/log/<name>.log.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StackError(Exception):
    """Something did not start or did not answer in time; the message names it and its log."""


def _die_with_parent(user=None):
    if user and os.getuid() == 0:
        who = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(who.pw_gid)
        os.setuid(who.pw_uid)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user would undo it


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds=20.0, every=0.02):
    """Poll until condition() is true and return its value; StackError names what never came."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise StackError(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)


def port_open(port):
    with socket.socket() as s:
        s.settimeout(0.2)
        return s.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One program with its log. start() may be called again after stop() or kill()."""

    def __init__(self, name, argv, log_dir, env=None, user=None):
        """user: whom root runs it as; for a program that would otherwise change its user itself, and then outlive us."""
        self.name, self.argv, self.env, self.user = name, [str(a) for a in argv], env, user
        self.log = Path(log_dir) / f"{name}.log"
        self.child = None

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(self.env or {})},
                                          preexec_fn=lambda: _die_with_parent(self.user), start_new_session=True)
        return self

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """kill -9: what a power cut or the OOM killer does."""
        if self.alive():
            self.child.kill()
        if self.child:
            self.child.wait()
            self._sweep()

    def _sweep(self):
        """What the program started itself (a shell's pipeline) ends with it: it leads a session of its own."""
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # nobody left

    def stop(self, seconds=10.0):
        """SIGTERM, and an error when the program does not end by itself."""
        if not self.alive():
            if self.child:
                self._sweep()
            return self.child.returncode if self.child else 0
        self.child.terminate()
        try:
            status = self.child.wait(seconds)
            self._sweep()
            return status
        except subprocess.TimeoutExpired:
            self.kill()
            raise StackError(f"{self.name} did not end within {seconds:.0f} s of SIGTERM; see {self.log}") from None

    def tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def wait_log(self, text, seconds=20.0, since=0):
        """Wait until the log (from byte `since`) holds text."""

        def seen():
            if not self.alive():
                raise StackError(f"{self.name} ended with status {self.child.returncode}:\n{self.tail()}")
            with open(self.log, "rb") as f:
                f.seek(since)
                return text.encode() in f.read()

        return wait_until(f"'{text}' in {self.log}", seen, seconds)

    def wait_port(self, port, seconds=20.0):
        def up():
            if not self.alive():
                raise StackError(f"{self.name} ended with status {self.child.returncode}:\n{self.tail()}")
            return port_open(port)

        return wait_until(f"{self.name} on port {port}", up, seconds)


class Car:
    """A simulated car: its bus, its ECUs, its gpsd, its agent."""

    def __init__(self, stack, unit, vin, scenario=ROOT / "sim/scenarios/drive.scenario", track="shanghai", odometer_km=12000):
        self.stack, self.unit, self.vin = stack, unit, vin
        self.dir = stack.home / "cars" / unit
        self.dir.mkdir(parents=True, exist_ok=True)
        self.bus = stack.sockets / unit
        self.bus.mkdir()
        self.control_path = stack.sockets / f"{unit}.control"
        self.sos_path = self.dir / "sos"
        if not self.sos_path.exists():
            os.mkfifo(self.sos_path, 0o600)
        self.gpsd_port, self.nmea_port = free_port(), free_port(socket.SOCK_DGRAM)
        log = stack.log_dir
        self.gpsd = Process(f"gpsd-{unit}", [shutil.which("gpsd") or "/usr/sbin/gpsd", "-N", "-n", "-S", self.gpsd_port,
                                             f"udp://127.0.0.1:{self.nmea_port}"], log, user="nobody")
        self.sim = Process(f"sim-{unit}", [stack.bin / "telltale-sim", "--bus", f"shared:{self.bus}", "--vin", vin,
                                           "--scenario", scenario,
                                           "--track", ROOT / f"sim/tracks/{track}.track", "--gps-udp", self.nmea_port,
                                           "--odometer-m", int(odometer_km * 1000), "--control", self.control_path], log)
        self.agent = Process(f"agent-{unit}", self.agent_argv(), log)

    def agent_argv(self, **changes):
        pki = self.stack.home / "pki"
        options = {
            "unit": self.unit, "broker-host": "127.0.0.1", "broker-port": self.stack.unit_port, "ca": pki / "fleet-ca.crt",
            "cert": pki / "units" / f"{self.unit}.crt", "key": pki / "units" / f"{self.unit}.key", "journal": self.dir / "journal.db",
            "can": f"shared:{self.bus}", "gpsd-host": "127.0.0.1", "gpsd-port": self.gpsd_port,
            "profile": ROOT / "schemas/profiles/demo.profile", "sos-input": self.sos_path,
            "starts-limit": 0,  # tests kill it often, and on purpose
        }
        options.update({k.replace("_", "-"): v for k, v in changes.items()})
        return [str(self.stack.bin / "telltale-agent")] + [f"--{k}={v}" for k, v in options.items() if v is not None]

    def commanded(self):
        """Options of an agent that takes signed commands and configurations: what `telltale command send` needs, and a profile that lets it act."""
        profile = self.dir / "profile"
        demo = (ROOT / "schemas/profiles/demo.profile").read_text().replace("../dbc", str(ROOT / "schemas/dbc"))
        # A parked unit stays awake, so that whoever looks on need not wait for its next check-in.
        profile.write_text(demo + (ROOT / "schemas/profiles/demo.actuate").read_text() + "power sleep-after 86400\n")
        return {"profile": profile, "trusted_keys": self.stack.trusted_keys(), "config_dir": self.dir / "config"}

    def start(self):
        for process in (self.gpsd, self.sim, self.agent):
            process.start()
            self.stack.processes.append(process)
        return self

    def control(self, line):
        """One scenario line to the simulator, e.g. "airbag driver"; raises when it is refused."""
        reply_path = self.stack.sockets / f"{self.unit}.reply-{os.getpid()}-{threading.get_ident()}"
        wait_until(f"control socket of {self.unit}", self.control_path.exists)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            reply_path.unlink(missing_ok=True)
            s.bind(str(reply_path))
            s.settimeout(10)
            s.sendto(line.encode(), str(self.control_path))
            reply = s.recv(4096).decode()
        reply_path.unlink(missing_ok=True)
        if not reply.startswith("ok"):
            raise StackError(f"simulator of {self.unit}: '{line}': {reply}")
        return reply

    def sos(self):
        with open(self.sos_path, "wb", buffering=0) as fifo:
            fifo.write(b"1")


class Stack:
    """Broker, gateway and server over one home folder, and the cars that belong to it."""

    def __init__(self, home, build="release", http_port=None, unit_port=None, service_port=None):
        self.home = Path(home).resolve()
        self.bin = ROOT / "build" / build / "bin"
        self.log_dir = self.home / "log"
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self.http_port = http_port or free_port()
        self.unit_port = unit_port or free_port()
        self.service_port = service_port or free_port()
        self.processes, self.cars = [], {}
        # Sockets live in a short path of their own: a socket's name has 107 bytes.
        self.sockets = Path(tempfile.mkdtemp(prefix="telltale-"))
        pki = self.home / "pki"
        self.database = self.home / "telltale.db"
        self.broker = Process("broker", [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", self.home / "mosquitto/mosquitto.conf"], self.log_dir)
        self.gateway = Process("gateway", [self.bin / "telltale-gateway", "--broker-host", "127.0.0.1", "--broker-port", self.service_port,
                                           "--ca", pki / "fleet-ca.crt", "--cert", pki / "gateway.crt", "--key", pki / "gateway.key",
                                           "--store", f"sqlite:{self.database}", "--metrics-file", self.home / "gateway.prom"], self.log_dir)
        self.server = Process("server", [self.bin / "telltale-server", "--listen-address", "127.0.0.1", "--port", self.http_port,
                                         "--store", f"sqlite:{self.database}", "--gateway-metrics", self.home / "gateway.prom"], self.log_dir)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    def telltale(self, *words, stdin=None, check=True):
        """Run the operator's tool on this home; returns the finished process."""
        done = subprocess.run([str(self.bin / "telltale"), *map(str, words), "--home", str(self.home)], input=stdin, text=True, capture_output=True)
        if check and done.returncode != 0:
            raise StackError(f"telltale {' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}")
        return done

    def trusted_keys(self):
        """The file of keys that units trust; the operator's key is made when there is none."""
        if not (self.home / "keys/operator.key").exists():
            self.telltale("key", "new", "operator")
        self.telltale("key", "trust")
        return self.home / "keys/trusted"

    def command(self, unit, *words, wait=30):
        """Sign a command, send it and wait for its end; the finished process, whatever became of it."""
        return self.telltale("command", "send", unit, *words, f"--wait={wait}", "--host=127.0.0.1", f"--port={self.service_port}", check=False)

    def init(self):
        self.telltale("init", "--unit-port", self.unit_port, "--service-port", self.service_port)
        return self

    def start(self):
        """Broker first, then who needs it; returns when all answer."""
        for process, port in ((self.broker, self.unit_port), (self.gateway, None), (self.server, self.http_port)):
            process.start()
            self.processes.append(process)
            if port:
                process.wait_port(port)
        self.wait_gateway()
        return self

    def wait_gateway(self, since=0):
        """Until every session of the gateway is subscribed: what a unit publishes before waits for the unit's own repetition."""
        for worker in ("alert", "bulk"):
            self.gateway.wait_log(f"sessions.up worker={worker}", since=since)

    def add_car(self, unit, vin, **how):
        car = self.cars[unit] = Car(self, unit, vin, **how)
        return car

    def stop(self):
        """The last started goes first. Every failure to end is told at the end, nothing is left running."""
        failures = []
        for process in reversed(self.processes):
            try:
                process.stop()
            except StackError as e:
                failures.append(str(e))
        self.processes.clear()
        shutil.rmtree(self.sockets, ignore_errors=True)
        if failures:
            raise StackError("; ".join(failures))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()
