"""Checks that log on, against servers on loopback that keep count of what they were asked."""

from __future__ import annotations

import socketserver
import ssl
import struct
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from daicho.credentials import Keys
from daicho.reachability.checking import Result, State, carry_out
from daicho.reachability.checks import parse_checks
from daicho.reachability.passwords import Logon, Passwords
from tests.certificates import self_signed

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

REFUSED = (
    "the name svc-check@example.jp or its password is wrong. It was tried once, and is not tried again "
    "until `daicho secret set check-logon`"
)
UNTRUSTED = "the certificate of {server}.example.jp is not trusted ({why}); the password was not sent"
RIGHT, WRONG = "Kx7-mWh4+pRtn3", "Kx7-mWh4+pRtn4"


class Directory(socketserver.ThreadingTCPServer):
    """A directory over TLS that knows one password, and counts how often it was tried to guess."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: Path, refusal: str = "52e", slow_s: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.refusal = refusal
        self.slow_s = slow_s
        self.tried: list[bool] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.BaseRequestHandler):
    server: Directory

    def handle(self) -> None:
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as spoken:
                asked = spoken.recv(4096)
                if not asked:
                    return
                right = RIGHT.encode() in asked
                self.server.tried.append(right)
                time.sleep(self.server.slow_s)
                spoken.sendall(answer(asked[2:5], right=right, data=self.server.refusal))
                spoken.recv(4096)  # the farewell
        except OSError:
            return


def answer(number: bytes, *, right: bool, data: str) -> bytes:
    """A bind's answer as Active Directory gives it (RFC 4511, 4.2.2); the message's number comes back."""
    said = b"" if right else f"80090308: LdapErr: DSID-0C09044E, data {data}, v1db1".encode()
    code = 0 if right else 49
    told = bytes([0x0A, 1, code, 4, 0, 4, len(said)]) + said
    return bytes([0x30, len(told) + 5]) + number + bytes([0x61, len(told)]) + told


@contextmanager
def directory(certificate: Path, refusal: str = "52e", slow_s: float = 0.0) -> Iterator[Directory]:
    with Directory(certificate, refusal, slow_s) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), "dc1.example.jp")


def logon(port: int, ca: Path, title: str = "logon", **more: object) -> dict[str, object]:
    return {
        "check": "logon_works",
        "title": title,
        "address": "127.0.0.1",
        "server": "dc1.example.jp",
        "port": port,
        "ca_file": str(ca),
        "account": "svc-check@example.jp",
        "secret": "check-logon",
        **more,
    }


def outcome(rows: list[dict[str, object]], passwords: Passwords) -> list[Result]:
    text = "checks:" + "".join(f"\n  - {row}" for row in rows)
    return carry_out(parse_checks(text, "checks.yml"), passwords)


def always(password: str) -> Callable[[str], str]:
    return lambda _name: password


def test_who_logs_on_is_told(certificate: Path) -> None:
    with directory(certificate) as server:
        passwords = Passwords(always(RIGHT))
        (result,) = outcome([logon(server.port, certificate)], passwords)

    assert result.state is State.SUCCESS
    assert result.seen.startswith("svc-check@example.jp logged on in ")
    assert passwords.known == {Logon("svc-check@example.jp", "check-logon"): True}


def test_a_wrong_password_is_tried_once_however_many_checks_use_it(certificate: Path) -> None:
    with directory(certificate, slow_s=0.1) as server:
        rows = [logon(server.port, certificate, f"logon {number}") for number in range(5)]
        rows[4]["account"] = "SVC-Check@example.jp"  # the same one
        passwords = Passwords(always(WRONG))
        first, *others = outcome(rows, passwords)
        tried = list(server.tried)
        known = dict(passwords.known)
        # Later, as long as the secret is the same one: not even once.
        (later,) = outcome(rows[:1], Passwords(always(WRONG), known))

    assert tried == server.tried == [False]
    assert (first.state, first.seen) == (
        State.FAILURE,
        REFUSED,
    )
    said = (
        "not tried, so that the account is not locked: the password of svc-check@example.jp was refused "
        "before. Set the right one with `daicho secret set check-logon`."
    )
    assert {(each.state, each.seen) for each in [*others, later]} == {(State.ERROR, said)}


def test_a_refusal_that_comes_too_late_counts_all_the_same(certificate: Path) -> None:
    with directory(certificate, slow_s=0.6) as server:
        rows = [logon(server.port, certificate, title, timeout_s=0.3) for title in ("first", "second")]
        passwords = Passwords(always(WRONG))
        first, second = outcome(rows, passwords)

    assert (first.state, first.seen) == (State.FAILURE, "no answer within 0.3 s")
    assert (second.state, server.tried) == (State.ERROR, [False])
    assert passwords.known == {Logon("svc-check@example.jp", "check-logon"): False}


def test_who_knows_the_password_is_right_waits_for_nobody(certificate: Path) -> None:
    with directory(certificate, slow_s=0.4) as server:
        rows = [logon(server.port, certificate, f"logon {number}") for number in range(9)]
        began = time.monotonic()
        results = outcome(rows, Passwords(always(RIGHT)))
        took = time.monotonic() - began

    assert {result.state for result in results} == {State.SUCCESS}
    assert took < 2.5  # one first, then the eight others at once; one after the other they take 3.6


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("532", "the password has expired"),
        ("533", "the account is disabled"),
        ("701", "the account has expired"),
        ("773", "the password must be changed first"),
        ("775", "the account is locked"),
    ],
)
def test_what_keeps_somebody_out_is_told_apart(certificate: Path, data: str, why: str) -> None:
    with directory(certificate, data) as server:
        passwords = Passwords(always(WRONG))
        (result,) = outcome([logon(server.port, certificate)], passwords)

    assert (result.state, result.seen) == (State.FAILURE, f"svc-check@example.jp may not log on: {why}")
    assert passwords.known == {}


def test_no_password_goes_to_a_server_that_is_not_trusted(certificate: Path, tmp_path: Path) -> None:
    other = self_signed(tmp_path, "dc1.example.jp")
    with directory(certificate) as server:
        rows = [
            logon(server.port, other, "another authority"),
            logon(server.port, certificate, "another name", server="dc2.example.jp"),
            logon(server.port, tmp_path / "absent.crt", "no authority"),
        ]
        results = outcome(rows, Passwords(always(RIGHT)))

    assert server.tried == []
    assert [(result.state, result.seen) for result in results] == [
        (State.FAILURE, UNTRUSTED.format(server="dc1", why="self-signed certificate")),
        (State.FAILURE, UNTRUSTED.format(server="dc2", why="it is made out to another name")),
        (State.ERROR, f"there is no file {tmp_path / 'absent.crt'}"),
    ]


def test_a_secret_that_was_never_set_is_no_failure_of_the_network(certificate: Path, tmp_path: Path) -> None:
    with directory(certificate) as server:
        passwords = Passwords(Keys(tmp_path).secret)
        (result,) = outcome([logon(server.port, certificate)], passwords)

    assert server.tried == []
    assert (result.state, result.seen) == (
        State.ERROR,
        "The site has no secret 'check-logon'. Set it with `daicho secret set check-logon`.",
    )


@contextmanager
def listener(act: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does something with the first word of a client, and no more."""

    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            act(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Odd) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def share(port: int, title: str, **more: object) -> dict[str, object]:
    place = {"check": "share_opens", "title": title, "address": "127.0.0.1", "port": port, "share": "dept"}
    return {**place, "account": "svc-check@example.jp", "secret": "check-logon", **more}


def test_shares_on_servers_that_hang_or_hang_up() -> None:
    def hang(client: socket.socket) -> None:
        while client.recv(4096):
            pass

    def hang_up(client: socket.socket) -> None:
        client.recv(4096)

    began = time.monotonic()
    with listener(hang) as hanging, listener(hang_up) as hung_up:
        rows = [share(hanging, "hangs", timeout_s=0.5), share(hung_up, "hangs up", timeout_s=0.5)]
        hangs, ends = outcome(rows, Passwords(always(RIGHT)))
    assert time.monotonic() - began < 3

    assert (hangs.state, hangs.seen) == (State.FAILURE, "no answer within 0.5 s")
    assert (ends.state, ends.seen) == (State.FAILURE, "it hung up in the middle")


def test_forty_dead_servers_do_not_make_a_living_one_dead(certificate: Path) -> None:
    with listener(lambda _client: time.sleep(1.0)) as dead, directory(certificate) as server:
        rows: list[dict[str, object]] = [
            {"check": "print_queue_accepts", "title": f"printer {number}", "address": "127.0.0.1"}
            | {"port": dead, "timeout_s": 0.8}
            for number in range(40)
        ]
        rows.append(logon(server.port, certificate, timeout_s=0.8))
        *printers, living = outcome(rows, Passwords(always(RIGHT)))

    assert {printer.state for printer in printers} == {State.FAILURE}
    assert living.state is State.SUCCESS, living.seen


def test_the_bytes_of_the_answer_are_what_a_directory_says() -> None:
    assert answer(b"\x02\x01\x01", right=True, data="") == struct.pack(
        "!14B", 0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0
    )
