"""Checks that go through with it, on a real directory, file server and DHCP server.

The witnesses: samba-tool counts the wrong passwords, the file server's own account of its sessions says
how they are protected, dnsmasq's list of leases and its log say who got what; a CUPS queue is as CUPS's own
commands set it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from daicho.fileserver.share import Account, Share
from daicho.reachability.checking import Result, State, carry_out
from daicho.reachability.checks import parse_checks
from daicho.reachability.passwords import Passwords
from lab.network import listens
from tests.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.domain import Domain

RIGHT, WRONG = "Kx7-mWh4+pRtn3", "Kx7-mWh4+pRtn4"
CHECKER = "svc-check"
LOCK = "check-logon"


def outcome(*rows: dict[str, object], password: str = RIGHT) -> list[Result]:
    text = "checks:" + "".join(f"\n  - {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return carry_out(parse_checks(text, "checks.yml"), Passwords(lambda _name: password))


def logon(domain: Domain, account: str = CHECKER, **more: object) -> dict[str, object]:
    return {
        "check": "logon_works",
        "title": f"logon of {account}",
        "address": domain.address("dc1"),
        "server": domain.fqdn("dc1"),
        "ca_file": str(domain.ca),
        "account": f"{account}@ad.example.test",
        "secret": LOCK,
        **more,
    }


def share(domain: Domain, account: str = CHECKER, **more: object) -> dict[str, object]:
    return {
        "check": "share_opens",
        "title": f"share by {account}",
        "address": domain.address("fs1"),
        "server": domain.fqdn("fs1"),
        "share": "dept",
        "account": f"{account}@ad.example.test",
        "secret": LOCK,
        **more,
    }


def wrong_passwords(domain: Domain, account: str = CHECKER) -> int:
    shown = domain.samba_tool("user", "show", account, "--attributes=badPwdCount")
    return int(shown.partition("badPwdCount: ")[2].split()[0])


@pytest.fixture
def people(domain: Domain) -> Domain:
    """The directory with an account for checks, and four that cannot log on for different reasons."""
    for name in (CHECKER, "must-change", "off", "over", "locked"):
        domain.samba_tool("user", "create", name, RIGHT)
    domain.samba_tool(
        "user", "setpassword", "must-change", f"--newpassword={RIGHT}", "--must-change-at-next-login"
    )
    domain.samba_tool("user", "disable", "off")
    domain.samba_tool("user", "setexpiry", "over", "--days=-1")
    for _attempt in range(6):
        outcome(logon(domain, "locked"), password=WRONG)
    return domain


def test_logons_and_what_keeps_people_out(people: Domain) -> None:
    rows = [logon(people, name) for name in (CHECKER, "must-change", "off", "over", "locked")]
    done, *kept_out = outcome(*rows)

    assert done.state is State.SUCCESS, done.seen
    assert done.seen.startswith("svc-check@ad.example.test logged on in ")
    assert [(each.state, each.seen) for each in kept_out] == [
        (State.FAILURE, "must-change@ad.example.test may not log on: the password must be changed first"),
        (State.FAILURE, "off@ad.example.test may not log on: the account is disabled"),
        (State.FAILURE, "over@ad.example.test may not log on: the account has expired"),
        (State.FAILURE, "locked@ad.example.test may not log on: the account is locked"),
    ]


def test_shares_and_what_keeps_people_out(people: Domain) -> None:
    probe = people.machine("fs1").run(
        ["sh", "-c", "mkdir -p /srv/dept/check && seq 20000 | tee /srv/dept/check/probe.txt"]
    )
    top = people.smbclient("dept", "ls")
    rows = [share(people, name) for name in (CHECKER, "must-change", "off", "over", "locked")]
    rows += [
        share(people, title="file", file="check/probe.txt"),
        share(people, title="no file", file="check/none.txt"),
        share(people, title="no share", share="none"),
    ]
    opened, *others = outcome(*rows)

    there = [line.split()[0] for line in top.splitlines() if "blocks" not in line and line.strip()]
    count = len([name for name in there if name not in {".", ".."}])
    assert (opened.state, opened.seen) == (State.SUCCESS, f"{count} entries at the top")
    assert [(each.state, each.seen) for each in others] == [
        (State.FAILURE, "the password must be changed first"),
        (State.FAILURE, "the account is disabled"),
        (State.FAILURE, "the account has expired"),
        (State.FAILURE, "the account is locked"),
        (
            State.SUCCESS,
            f"{count} entries at the top, {min(len(probe), 65536)} bytes of check/probe.txt read",
        ),
        (State.FAILURE, "check/none.txt: there is no such file or folder"),
        (State.FAILURE, "there is no such share"),
    ]


def test_shares_are_spoken_to_signed_and_encrypted(people: Domain) -> None:
    people.machine("fs1").run(
        ["sh", "-c", "mkdir -p /srv/dept/check && echo geheim > /srv/dept/check/probe.txt"]
    )
    account = Account(name=f"{CHECKER}@ad.example.test", secret=lambda: RIGHT, protocol="ntlm")
    everything = 0x0300  # ETH_P_ALL, in the network's order
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, everything) as wire:
        with Share(people.fqdn("fs1"), "dept", account, people.address("fs1")) as opened:
            assert opened.head("check/probe.txt", 100) == b"geheim\n"
            told = json.loads(people.machine("fs1").run(["smbstatus", "--json"]))
        heard = b"".join(iter(lambda: _packet(wire), b""))

    (session,) = told["sessions"].values()
    # "partial": the messages of the logon come before there is a key.
    assert session["encryption"] == {"cipher": "AES-128-GCM", "degree": "partial"}
    assert session["signing"] == {"cipher": "AES-128-GMAC", "degree": "full"}
    assert heard.count(b"\xfdSMB") >= 8  # encrypted messages, both ways
    for word in ("geheim", "probe.txt", "dept"):
        assert word.encode() not in heard
        assert word.encode("utf-16-le") not in heard


def _packet(wire: socket.socket) -> bytes:
    try:
        return wire.recv(65535, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def test_a_timer_with_an_old_password_locks_nobody_out(people: Domain, tmp_path: Path) -> None:
    desk = Desk.opened(tmp_path / "desk").within(["ip", "netns", "exec", people.netns])
    rows = [logon(people), logon(people, title="again"), share(people)]
    (desk.folder / "checks.yml").write_text(
        "checks:" + "".join(f"\n  - {json.dumps(row)}" for row in rows) + "\n", encoding="utf-8"
    )

    def check() -> tuple[int, list[str], list[str]]:
        done = desk.daicho("check", "checks.yml", "--output", "json", who="tanaka")
        assert RIGHT not in done.out + done.err
        results = done.json["results"]
        return done.code, [row["state"] for row in results], [row["seen"] for row in results]

    assert check()[:2] == (3, ["error"] * 3)
    desk.expect("secret", "set", LOCK, who="sato", typed=WRONG + "\n")
    for _night in range(3):
        code, _states, seen = check()
    assert wrong_passwords(people) == 1
    said = (
        "not tried, so that the account is not locked: the password of svc-check@ad.example.test was "
        "refused before. Set the right one with `daicho secret set check-logon`."
    )
    assert (code, set(seen)) == (3, {said})
    desk.expect("secret", "set", LOCK, who="sato", typed=RIGHT + "\n")
    assert check()[:2] == (0, ["success"] * 3)
    for path in desk.state.rglob("*"):
        if path.is_file() and "secrets" not in path.parts:
            data = path.read_bytes()
            assert RIGHT.encode() not in data
            assert WRONG.encode() not in data


CUPS = """\
Listen 127.0.0.1:{port}
Browsing Off
WebInterface No
DefaultAuthType None
<Location />
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
CUPS_FILES = """\
ServerRoot {0}
RequestRoot {0}/spool
CacheDir {0}/cache
StateDir {0}/state
AccessLog {0}/access
ErrorLog {0}/error
PageLog {0}/page
FileDevice Yes
"""


class Queue:
    """A queue of a real print server; what is printed on it is gone."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        for name in ("spool", "cache", "state", "ppd"):
            (folder / name).mkdir()
        (folder / "cupsd.conf").write_text(CUPS.format(port=port))
        (folder / "cups-files.conf").write_text(CUPS_FILES.format(folder))
        argv = [
            "/usr/sbin/cupsd",
            "-f",
            "-c",
            str(folder / "cupsd.conf"),
            "-s",
            str(folder / "cups-files.conf"),
        ]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 5
        while not listens("127.0.0.1", port) and time.monotonic() < until:
            time.sleep(0.02)
        self.set("lpadmin", "-p", "pr-3f", "-E", "-v", "file:///dev/null")

    def set(self, program: str, *words: str) -> None:
        argv = [f"/usr/sbin/{program}", "-h", f"127.0.0.1:{self.port}", *words]
        subprocess.run(argv, check=True, capture_output=True)

    def seen(self, job_format: str = "", name: str = "pr-3f") -> tuple[State, str]:
        row = {"check": "print_queue_accepts", "address": "127.0.0.1", "port": self.port}
        (result,) = outcome(row | {"path": f"/printers/{name}", "job_format": job_format})
        return result.state, result.seen

    def down(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    if shutil.which("cupsd", path="/usr/sbin") is None or os.geteuid() != 0:
        pytest.skip("needs root and cups-daemon")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    made = Queue(tmp_path, port)
    try:
        yield made
    finally:
        made.down()


def test_a_print_queue_is_asked_and_nothing_is_printed(queue: Queue) -> None:
    good = (State.SUCCESS, "pr-3f: none")
    assert (queue.seen(), queue.seen("application/pdf")) == (good, good)
    assert queue.seen("image/x-unheard-of") == (
        State.FAILURE,
        "it would not take a job of the format image/x-unheard-of: it does not know this format",
    )
    queue.set("cupsreject", "pr-3f")
    assert queue.seen() == (State.FAILURE, "the queue rejects jobs (none)")
    queue.set("cupsaccept", "pr-3f")
    queue.set("cupsdisable", "pr-3f")
    assert queue.seen("application/pdf") == (State.FAILURE, "the printer is stopped (paused)")
    queue.set("cupsenable", "pr-3f")
    assert queue.seen("application/pdf") == good
    assert queue.seen(name="gone") == (State.FAILURE, "the printer answers with the IPP error 0x0406")
    # No job was ever made: a print server keeps each as a file.
    assert [path.name for path in (queue.folder / "spool").iterdir() if path.is_file()] == []


class Leases:
    """A DHCP server at the other end of a cable, and what it says about itself."""

    def __init__(self, folder: Path) -> None:
        # A device lives on for a moment after its namespace: each test takes a name of its own.
        self.netns = f"dhcp-{os.getpid()}-{secrets.token_hex(2)}"
        self.device = f"dh{secrets.token_hex(4)}"
        self.listed, self.log = folder / "leases", folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def up(self, program: str) -> None:
        for words in (
            f"netns add {self.netns}",
            f"link add {self.device} type veth peer name eth0 netns {self.netns}",
            f"address add 192.0.2.2/24 dev {self.device}",
            f"link set {self.device} up",
            f"-n {self.netns} link set lo up",
            f"-n {self.netns} address add 192.0.2.1/24 dev eth0",
            f"-n {self.netns} link set eth0 up",
        ):
            subprocess.run(["ip", *words.split()], check=True)
        self.serve(program)

    def serve(self, program: str, *more: str) -> None:
        argv = ["ip", "netns", "exec", self.netns, program, "--keep-in-foreground", "--conf-file=/dev/null"]
        argv += ["--port=0", "--interface=eth0", "--bind-interfaces", "--user=", "--pid-file=", "--no-ping"]
        argv += ["--dhcp-range=192.0.2.100,192.0.2.109,10m", "--dhcp-authoritative", "--log-dhcp"]
        argv += [f"--dhcp-leasefile={self.listed}", f"--log-facility={self.log}", *more]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 5
        while (
            not (self.log.exists() and "sockets bound" in self.log.read_text()) and time.monotonic() < until
        ):
            time.sleep(0.02)

    def said(self) -> list[str]:
        """The messages of the protocol, in their order."""
        words = self.log.read_text().split()
        return [word.partition("(")[0] for word in words if word.startswith("DHCP") and "(eth0)" in word]

    def down(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        subprocess.run(["ip", "netns", "delete", self.netns], check=True)


@pytest.fixture
def leases(tmp_path: Path) -> Iterator[Leases]:
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin")
    if program is None or os.geteuid() != 0:
        pytest.skip("needs root and dnsmasq")
    made = Leases(tmp_path)
    try:
        made.up(program)
        yield made
    finally:
        made.down()


def test_a_lease_is_given_and_given_back(leases: Leases) -> None:
    ask: dict[str, object] = {"check": "dhcp_leases", "device": leases.device, "timeout_s": 5}
    (first,) = outcome(ask | {"within": "192.0.2.0/24", "server": "192.0.2.1"})
    assert first.state is State.SUCCESS, first.seen
    address = first.seen.split()[0]
    assert first.seen == f"{address} from 192.0.2.1 for 600 s, given back"
    time.sleep(0.2)
    assert leases.said() == ["DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK", "DHCPRELEASE"]
    assert leases.listed.read_text() == ""
    assert "client provides name: daicho-check" in leases.log.read_text()

    (again,) = outcome(ask)
    assert again.seen == first.seen  # always the same machine: it takes no second address

    (elsewhere,) = outcome(ask | {"within": "198.51.100.0/24"})
    assert (elsewhere.state, elsewhere.seen) == (
        State.FAILURE,
        f"{address} is offered, outside 198.51.100.0/24",
    )
    (strange,) = outcome(ask | {"server": "192.0.2.9"})
    assert strange.seen == "another server offers: 192.0.2.1 (a stranger's, if it should not be there)"
    assert leases.said().count("DHCPREQUEST") == 2  # what must not be taken is not asked for


def test_a_device_without_an_address_gives_its_lease_back_too(leases: Leases) -> None:
    subprocess.run(["ip", "address", "flush", "dev", leases.device], check=True)
    (result,) = outcome({"check": "dhcp_leases", "device": leases.device, "timeout_s": 5})

    assert result.state is State.SUCCESS, result.seen
    time.sleep(0.2)
    assert leases.said()[-1] == "DHCPRELEASE"
    assert leases.listed.read_text() == ""
