"""Checks and services against real servers on loopback."""

from __future__ import annotations

import http.server
import shutil
import socket
import struct
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest

from daicho.reachability.checking import Result, State, carry_out
from daicho.reachability.checks import parse_checks
from daicho.reachability.services import Cut, Mute, Opened, Patience, Refused, Service, look

if TYPE_CHECKING:
    from collections.abc import Iterator


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def check(kind: str, **fields: object) -> Result:
    text = "checks:\n  - check: " + kind + "".join(f"\n    {name}: {value}" for name, value in fields.items())
    return carry_out(parse_checks(text + "\n", "checks.yml"))[0]


class Page(http.server.BaseHTTPRequestHandler):
    """A web server that is a printer under /ipp/...: accepting, rejecting or stopped."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.end_headers()
        self.wfile.write("台帳".encode())

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if asked[2:4] == b"\x00\x04":
            self.validate(asked)
            return
        accepting, state, reason = {
            "/ipp/print": (1, 3, b"none"),
            "/ipp/full": (0, 3, b"none"),
            "/ipp/jam": (1, 5, b"media-jam"),
        }[self.path]
        answer = struct.pack("!BBHI", 2, 0, 0, 1) + b"\x04"
        for tag, name, value in (
            (0x42, b"printer-name", b"pr-3f"),
            (0x22, b"printer-is-accepting-jobs", bytes([accepting])),
            (0x23, b"printer-state", struct.pack("!I", state)),
            (0x44, b"printer-state-reasons", reason),
        ):
            answer += struct.pack("!BH", tag, len(name)) + name + struct.pack("!H", len(value)) + value
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer + b"\x03")

    def validate(self, asked: bytes) -> None:
        """Validate-Job: it knows PDF; whoever sends no name of a user is a stranger to it."""
        known = b"\x49\0\x0fdocument-format\0\x0fapplication/pdf" in asked
        named = b"\x42\0\x14requesting-user-name\0\x06daicho" in asked
        status = 0x0403 if not named else 0 if known else 0x0401 if b"image/" in asked else 0x040A
        self.send_response(200)
        self.end_headers()
        self.wfile.write(struct.pack("!BBHI", 2, 0, status, 1) + b"\x03")

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def name_server() -> Iterator[int]:
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("dnsmasq is not installed")
    port = free_port(socket.SOCK_DGRAM)
    argv = [program, "--keep-in-foreground", "--conf-file=/dev/null", f"--port={port}", "--no-resolv"]
    argv += ["--listen-address=127.0.0.1", "--bind-interfaces", "--no-hosts", "--user=", "--pid-file="]
    argv += ["--address=/www.example.jp/192.0.2.10", "--local=/example.jp/"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield port
    process.terminate()
    process.wait()


@pytest.mark.parametrize(
    ("fields", "state", "seen"),
    [
        ({"name": "www.example.jp"}, State.SUCCESS, "192.0.2.10"),
        ({"name": "www.example.jp", "expect": "[192.0.2.10]"}, State.SUCCESS, "192.0.2.10"),
        (
            {"name": "www.example.jp", "expect": "[192.0.2.11]"},
            State.FAILURE,
            "no A record 192.0.2.11; there: 192.0.2.10",
        ),
        ({"name": "mail.example.jp"}, State.FAILURE, "NXDOMAIN"),
        ({"name": "www.example.org"}, State.FAILURE, "REFUSED"),
        ({"name": "www..jp"}, State.ERROR, "A DNS label is empty."),
    ],
)
def test_dns(name_server: int, fields: dict[str, str], state: State, seen: str) -> None:
    result = check("dns_answers", server="127.0.0.1", port=name_server, **fields)

    assert (result.state, result.seen) == (state, seen)


def test_a_name_server_that_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        result = check("dns_answers", server="127.0.0.1", port=port, name="a.jp", timeout_s=0.3)

    assert (result.state, result.seen) == (State.FAILURE, "no answer within 0.3 s")


@pytest.mark.parametrize(
    ("path", "more", "state", "seen"),
    [
        ("", {}, State.SUCCESS, "200"),
        ("", {"contains": "台帳"}, State.SUCCESS, "200"),
        ("", {"contains": "帳台"}, State.FAILURE, "the page does not contain '帳台'"),
        ("gone", {}, State.FAILURE, "status 404 instead of 200"),
        ("gone", {"status": 404}, State.SUCCESS, "404"),
    ],
)
def test_http(web: int, path: str, more: dict[str, object], state: State, seen: str) -> None:
    result = check("http_answers", url=f"http://127.0.0.1:{web}/{path}", **more)

    assert (result.state, result.seen) == (state, seen)


@pytest.mark.parametrize(
    ("path", "state", "seen"),
    [
        ("/ipp/print", State.SUCCESS, "pr-3f: none"),
        ("/ipp/full", State.FAILURE, "the queue rejects jobs (none)"),
        ("/ipp/jam", State.FAILURE, "the printer is stopped (media-jam)"),
    ],
)
def test_print_queues(web: int, path: str, state: State, seen: str) -> None:
    result = check("print_queue_accepts", address="127.0.0.1", port=web, path=path)

    assert (result.state, result.seen) == (state, seen)


@pytest.mark.parametrize(
    ("job_format", "state", "seen"),
    [
        ("application/pdf", State.SUCCESS, "pr-3f: none"),
        (
            "text/plain",
            State.FAILURE,
            "it would not take a job of the format text/plain: it does not know this format",
        ),
        (
            "image/png",
            State.FAILURE,
            "it would not take a job of the format image/png: printing is forbidden to us",
        ),
    ],
)
def test_print_queues_are_asked_about_a_job(web: int, job_format: str, state: State, seen: str) -> None:
    result = check("print_queue_accepts", address="127.0.0.1", port=web, job_format=job_format)

    assert (result.state, result.seen) == (state, seen)


def test_nobody_listens() -> None:
    port = free_port()
    kinds = ("tcp_connects", "ssh_greets", "directory_answers", "file_server_answers", "print_queue_accepts")
    results = [check(kind, address="127.0.0.1", port=port) for kind in kinds]

    assert {(result.state, result.seen) for result in results} == {(State.FAILURE, "Connection refused")}


def test_another_server_than_expected(web: int) -> None:
    kinds = ("directory_answers", "file_server_answers")
    results = [check(kind, address="127.0.0.1", port=web, timeout_s=0.5) for kind in kinds]

    assert [(result.state, result.seen) for result in results] == [
        (State.FAILURE, "it does not answer as a directory server"),
        (State.FAILURE, "no answer within 0.5 s"),  # a web server goes on waiting for the end of the line
    ]


def test_what_needs_a_failed_check_is_skipped(web: int) -> None:
    text = f"""\
checks:
  - {{check: tcp_connects, title: gate, address: 127.0.0.1, port: {free_port()}}}
  - {{check: http_answers, title: page, url: "http://127.0.0.1:{web}/", needs: [gate]}}
  - {{check: http_answers, title: beyond, url: "http://127.0.0.1:{web}/", needs: [page]}}
  - {{check: http_answers, title: other, url: "http://127.0.0.1:{web}/"}}
"""
    results = carry_out(parse_checks(text, "checks.yml"))

    assert [(result.title, result.state) for result in results] == [
        ("gate", State.FAILURE),
        ("page", State.SKIPPED),
        ("beyond", State.SKIPPED),
        ("other", State.SUCCESS),
    ]
    assert results[1].seen == "'gate' did not succeed"


def test_routes() -> None:
    result = check("route_present", to="203.0.113.0/24")

    assert (result.state, result.seen) == (State.FAILURE, "there is no route to 203.0.113.0/24")


@pytest.mark.parametrize("kind", ["dhcp_offers", "dhcp_leases"])
def test_dhcp_on_a_device_that_is_not_there(kind: str) -> None:
    result = check(kind, device="nosuch0")

    assert result.state is State.ERROR
    assert result.seen.startswith("This process cannot ask on nosuch0: ")


def test_services_tell_their_states_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs, socket.create_server(("127.0.0.1", 0)) as speaks:
        speaks_port, hangs_port = speaks.getsockname()[1], hangs.getsockname()[1]
        closed = free_port()

        def greet() -> None:
            for line in (b"SSH-2.0-test\x1b[31m\r\n", b""):
                connection, _address = speaks.accept()
                with connection:
                    connection.sendall(line)

        thread = threading.Thread(target=greet)
        thread.start()
        greeted = look([Service("127.0.0.1", speaks_port, greets=True)])
        dropped = look([Service("127.0.0.1", speaks_port, greets=True)])
        rest = look(
            [
                Service("127.0.0.1", hangs_port),
                Service("127.0.0.1", hangs_port, greets=True),
                Service("127.0.0.1", closed),
            ],
            Patience(timeout_s=0.3),
        )
        thread.join()
    kinds = [type(reply) for reply in rest.values()]

    assert [reply.banner for reply in greeted.values() if isinstance(reply, Opened)] == ["SSH-2.0-test[31m"]
    assert [type(reply) for reply in dropped.values()] == [Cut]
    assert kinds == [Opened, Mute, Refused]


def test_a_thousand_services_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as server:
        port = server.getsockname()[1]
        services = [Service(f"127.0.{high}.{low}", port) for high in range(4) for low in range(1, 251)]
        mine = [service for service in services if service.address == "127.0.0.1"]
        replies = look(services, Patience(timeout_s=2.0))

    assert [type(replies[service]) for service in mine] == [Opened]
    assert {type(reply) for service, reply in replies.items() if service not in mine} == {Refused}
