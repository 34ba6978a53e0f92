"""Updates of the agent with the real launcher, updater and operator's tool; the programs in the slots are small scripts that tell who ran."""

import http.server
import os
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("TT_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("TT_BINARY_DIR", SOURCE / "build/dev")) / "bin"
ARCH = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


class Car:
    def __init__(self, folder):
        self.folder = folder
        self.state = folder / "slots"
        self.state.mkdir()
        self.packaged = self.program("packaged", "packaged")
        self.home = folder / "home"
        self.telltale("key", "new", "release", "--roles", "update")
        self.telltale("key", "new", "other", "--roles", "command,config")
        self.telltale("key", "trust")

    def telltale(self, *words, status=0):
        done = subprocess.run([BIN / "telltale", *map(str, words), "--home", self.home], capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def program(self, name, text, exit_status=0):
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{text} in $TELLTALE_SLOT with $*"\nexit {exit_status}\n')
        path.chmod(0o755)
        return path

    def sign(self, program, sequence, *more, key="release", status=0, url=None):
        manifest = self.folder / "manifest"
        said = self.telltale("update", "sign", program, manifest, "--key", key, "--arch", ARCH, "--version", f"1.{sequence}", "--sequence", sequence,
                             "--url", url or f"file://{program}", *more, status=status)
        return manifest if status == 0 else said

    def update(self, status=0, unit="CAR-7", ca=None):
        done = subprocess.run([BIN / "telltale-update", "--unit", unit, "--state", self.state, "--keys", self.home / "keys/trusted",
                               "--manifest-url", f"file://{self.folder / 'manifest'}", *(["--ca", ca] if ca else [])], capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stderr

    def launch(self, *words):
        done = subprocess.run([BIN / "telltale-launch", self.state, self.packaged, *words], capture_output=True, text=True)
        return done.stdout.strip()

    def slots(self):
        return (self.state / "slots").read_text()

    def confirm(self):
        """What the agent does when it is healthy: the trial becomes the good one."""
        lines = self.slots().splitlines()
        good = [line.rsplit(" ", 1)[0].replace("trial", "good", 1) for line in lines if line.startswith("trial")]
        (self.state / "slots").write_text("\n".join(["telltale-slots 1", *good, *[line for line in lines if line.startswith("refused")]]) + "\n")


@pytest.fixture
def car(tmp_path):
    return Car(tmp_path)


def test_an_update_is_fetched_tried_and_kept(car):
    assert car.launch("--unit", "X") == "packaged in packaged with --unit X"
    car.sign(car.program("new", "new"), 7)
    assert "1.7 waits in slot a" in car.update()
    assert car.launch("--unit", "X") == "new in a with --unit X"
    car.confirm()
    for _ in range(5):
        assert car.launch() == "new in a with"
    assert "nothing newer" in car.update()
    car.sign(car.program("newer", "newer"), 8)
    assert "slot b" in car.update()
    assert car.launch() == "newer in b with"


def test_a_trial_that_fails_is_rolled_back_and_never_taken_again(car):
    car.sign(car.program("broken", "broken", exit_status=1), 7)
    car.update()
    assert [car.launch() for _ in range(4)] == ["broken in a with"] * 3 + ["packaged in packaged with"]
    assert "refused 7" in car.slots()
    assert "nothing newer" in car.update()
    assert car.launch() == "packaged in packaged with"


def test_a_program_that_is_not_what_was_staged_does_not_run(car):
    car.sign(car.program("new", "new"), 7)
    car.update()
    (car.state / "a/telltale-agent").write_text("#!/bin/sh\necho somebody else's\n")
    assert car.launch() == "packaged in packaged with"
    assert "refused 7" in car.slots()
    # The good one too: the packaged program is always left.
    car.sign(car.program("newer", "newer"), 8)
    car.update()
    assert car.launch() == "newer in a with"
    car.confirm()
    (car.state / "a/telltale-agent").unlink()
    assert car.launch() == "packaged in packaged with"


def test_a_broken_state_runs_the_packaged_agent(car):
    (car.state / "slots").write_text("telltale-slots 1\ngarbage\n")
    assert car.launch() == "packaged in packaged with"


def test_what_was_not_signed_for_it_is_refused(car):
    program = car.program("new", "new")
    assert "other" in car.sign(program, 7, key="other", status=1)  # its role is not update
    manifest = car.sign(program, 7, "--unit", "CAR-8")
    assert "another unit" in car.update(status=1)
    good = manifest.read_bytes()
    for at in range(0, len(good), 7):
        manifest.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        car.update(status=1, unit="CAR-8")
    manifest.write_bytes(good)
    (car.home / "keys/trusted").write_text("telltale-keys 1\n")
    assert car.update(status=1, unit="CAR-8")
    assert not (car.state / "slots").exists()
    assert not (car.state / "a").exists()


def test_a_program_that_is_not_what_was_signed_is_refused(car):
    program = car.program("new", "new")
    car.sign(program, 7)
    program.write_text(program.read_text().replace("new", "bad"))  # same size
    assert "not the program" in car.update(status=1)
    program.write_text(program.read_text() + "# longer\n")
    car.update(status=1)
    assert "trial" not in car.slots()
    assert car.launch() == "packaged in packaged with"


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one file, ranges too; the first transfer breaks off after `cut` bytes."""

    def do_GET(self):
        body, start = self.server.body, 0
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        if asked:
            start = int(asked.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        cut, self.server.cut = self.server.cut, None
        self.wfile.write(body[start:cut])
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def https(tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-days", "1", "-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.crt"], check=True, capture_output=True)
    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.asked, server.cut = [], None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_download_over_https_goes_on_where_it_broke(car, https, tmp_path):
    program = car.program("new", "new")
    https.body, https.cut = program.read_bytes(), 20
    car.sign(program, 7, url=f"https://localhost:{https.server_port}/agent")
    assert "localhost" in car.update(status=1)  # a certificate that nobody here trusts
    assert https.asked == []
    car.update(status=1, ca=tmp_path / "tls.crt")
    assert "waits in slot a" in car.update(ca=tmp_path / "tls.crt")
    assert https.asked == [None, "bytes=20-"]
    assert car.launch() == "new in a with"


def test_a_waiting_update_gives_way_to_a_newer_one_but_a_trial_does_not(car):
    car.sign(car.program("new", "new"), 7)
    car.update()
    car.sign(car.program("newer", "newer"), 8)
    assert "1.8 waits in slot a" in car.update()
    assert car.launch() == "newer in a with"
    car.sign(car.program("newest", "newest"), 9)
    assert "on trial" in car.update(status=1)
    assert car.launch() == "newer in a with"
