"""The operator's tool against real files, OpenSSL's own command line as an independent witness, and a real broker."""

import sqlite3
import subprocess

import pytest

from conftest import ROOT, VIN_1
from stack import Stack


@pytest.fixture
def home(tmp_path):
    stack = Stack(tmp_path / "home")
    stack.init()
    yield stack
    stack.stop()


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)


def test_init_twice_keeps_what_exists(home):
    before = {p: p.read_bytes() for p in (home.home / "pki").rglob("*") if p.is_file()}
    home.init()
    assert before == {p: p.read_bytes() for p in (home.home / "pki").rglob("*") if p.is_file()}
    assert all((p.stat().st_mode & 0o077) == 0 for p in before if p.suffix == ".key"), "a key others may read"


def test_certificates_are_good_to_openssl_and_each_for_its_own_use(home):
    home.telltale("unit", "add", "CAR-0001")
    pki = home.home / "pki"
    for name, purpose, ok in (("broker", "sslserver", True), ("units/CAR-0001", "sslclient", True), ("units/CAR-0001", "sslserver", False), ("broker", "sslclient", False)):
        done = openssl("verify", "-CAfile", pki / "fleet-ca.crt", "-purpose", purpose, pki / f"{name}.crt")
        assert (done.returncode == 0) == ok, f"{name} as {purpose}: {done.stdout}{done.stderr}"
    assert openssl("verify", "-CAfile", pki / "fleet-ca.crt", pki / "gateway.crt").returncode != 0, "a gateway of the fleet's CA"
    assert openssl("verify", "-CAfile", pki / "service-ca.crt", "-purpose", "sslclient", pki / "gateway.crt").returncode == 0


def test_a_revoked_unit_is_on_the_list_and_only_it(home):
    for name in ("CAR-0001", "CAR-0002"):
        home.telltale("unit", "add", name)
    home.telltale("unit", "revoke", "CAR-0001")
    pki = home.home / "pki"
    bundle = home.home / "bundle.pem"
    bundle.write_text((pki / "fleet-ca.crt").read_text() + (pki / "fleet-ca.crl").read_text())
    assert openssl("verify", "-crl_check", "-CAfile", bundle, pki / "units/CAR-0001.crt").returncode != 0
    assert openssl("verify", "-crl_check", "-CAfile", bundle, pki / "units/CAR-0002.crt").returncode == 0
    assert "revoked" in home.telltale("unit", "list").stdout


@pytest.mark.parametrize("words, says", [
    (("unit", "add", "gateway"), "reserved"),
    (("unit", "add", "gw-00"), "reserved"),
    (("unit", "add", "a/b"), "letters, digits"),
    (("unit", "add", "CAR-0001", "--vin", VIN_1), "telltale vehicle add"),
    (("unit", "revoke", "NOBODY"), "unit list"),
    (("vehicle", "add", "3FADP4FJ2BM11391O", "--dealer", "North"), "without I, O, Q"),
    (("vehicle", "add", VIN_1, "--dealer", "Nowhere"), "dealer add"),
    (("user", "add", "mei", "--name", "Mei"), "--dealer"),
    (("import", "/nonexistent.csv", "--dealer", "North"), "/nonexistent.csv"),
    (("frobnicate",), "unknown command"),
])
def test_a_mistake_is_named_with_the_way_out(home, words, says):
    home.telltale("dealer", "add", "North")
    done = home.telltale(*words, check=False)
    assert done.returncode in (1, 2) and says in done.stderr, done.stderr


def test_import_is_a_dry_run_first_and_names_each_bad_line(home, tmp_path):
    home.telltale("dealer", "add", "North")
    csv = tmp_path / "customers.csv"
    csv.write_bytes("name,phone,vin,owned_since,tier,notes\n"
                    "李娜,+8613900000000,1HGCM82633A004352,2024-01-05,gold,x\n"
                    "Bad Phone,12345,,,,\n"
                    '"O""Hara, Jo",+35315550100,,,,\n'
                    "No Such Tier,+35315550101,,,platinum,\n"
                    "No Key,,,,,\n"
                    'Open "quote,,,,,\n'.encode() + "王,,,,,\n".encode("gbk"))
    dry = home.telltale("import", csv, "--dealer", "North", check=False)
    assert dry.returncode == 1 and "dry run: customers 2 new" in dry.stdout and "5 lines bad" in dry.stdout
    for line, why in ((3, "E.164"), (5, "tier"), (6, "external_id or phone"), (7, "quotes"), (8, "UTF-8")):
        assert f"customers.csv:{line}: " in dry.stderr and why in dry.stderr, dry.stderr
    assert "'notes' is not known" in dry.stderr
    with sqlite3.connect(home.database) as db:
        assert db.execute("SELECT count(*) FROM customer").fetchone() == (0,)
    home.telltale("import", csv, "--dealer", "North", "--apply", check=False)
    again = home.telltale("import", csv, "--dealer", "North", "--apply", check=False)
    assert "customers 0 new, 2 known; vehicles 0 new, 1 known" in again.stdout
    with sqlite3.connect(home.database) as db:
        rows = db.execute("SELECT c.name, v.vin, o.from_at, o.to_at FROM ownership o JOIN customer c ON c.id = o.customer_id JOIN vehicle v ON v.id = o.vehicle_id").fetchall()
    assert rows == [("李娜", "1HGCM82633A004352", 1704412800 * 1000000, None)]


def test_doctor_finds_each_illness_and_says_the_way_out(home):
    sick = home.telltale("doctor", check=False)
    assert sick.returncode == 1 and "does not answer; start mosquitto" in sick.stdout
    home.broker.start()
    home.processes.append(home.broker)
    home.broker.wait_port(home.service_port)
    well = home.telltale("doctor", check=False)
    assert well.returncode == 0 and " 0 wrong" in well.stdout, well.stdout
    key = home.home / "pki/gateway.key"
    key.write_bytes((home.home / "pki/broker.key").read_bytes())
    sick = home.telltale("doctor", check=False)
    assert sick.returncode == 1 and "the key does not belong to it" in sick.stdout
    database = bytearray(home.database.read_bytes())
    database[4096:8192] = b"\xa5" * 4096
    home.database.write_bytes(database)
    sick = home.telltale("doctor", check=False)
    assert "FAIL record" in sick.stdout and "backup" in sick.stdout


def test_a_backup_taken_while_somebody_writes_is_whole(home, tmp_path):
    home.telltale("dealer", "add", "North")
    writer = sqlite3.connect(home.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO dealer(name, created_at) VALUES ('Half', 0)")
    home.telltale("backup", tmp_path / "copy.db")
    writer.execute("ROLLBACK")
    with sqlite3.connect(tmp_path / "copy.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT name FROM dealer").fetchall() == [("North",)]
    assert home.telltale("backup", tmp_path / "copy.db", check=False).returncode == 1, "a backup was overwritten"


def test_decode_reads_a_log_and_names_the_line_it_cannot(home, tmp_path):
    log = tmp_path / "drive.log"
    log.write_text("(1609459200.000000) can0 7DF#0209020000000000\n(1609459200.010000) can0 7E8#1014490201334641\n"
                   "(1609459200.011000) can0 7E0#3000000000000000\n(1609459200.020000) can0 7E8#2144503446 4A3242\n"
                   "(1609459200.021000) can0 7E8#21445034464A3242\n(1609459200.030000) can0 7E8#224D313133393133\n")
    done = subprocess.run([str(home.bin / "telltale"), "decode", "--dbc", str(ROOT / "schemas/dbc/telltale_demo.dbc"), str(log)], capture_output=True, text=True)
    assert done.returncode == 1 and ":4: " in done.stderr
    assert f'"vin":"{VIN_1}"' in done.stdout
