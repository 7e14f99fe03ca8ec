"""Messages over real servers: mail with STARTTLS and TLS, webhooks over TLS, commands."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.reachability.channels import Message, NotSent, send
from daicho.reachability.notices import Command, Mail, Notices, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

MESSAGE = Message(
    id="0123456789abcdef",
    subject="[daicho] 障害: sw-2-dist",
    text="sw-2-dist\n2号館 1階\n15台が応答していません。\n",
    at=datetime(2026, 11, 21, 13, 40, tzinfo=UTC),
    data={"events": [{"what": "found", "causes": ["node:sw-2-dist"]}]},
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for mail.example.jp and 127.0.0.1, trusted by itself; key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.jp")])
    now = datetime.now(UTC)
    names = [x509.DNSName("mail.example.jp"), x509.IPAddress(ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class Mailbox:
    """What the mail server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def mail_server(mailbox: Mailbox, certificate: Path, **how: Any) -> Iterator[int]:
    class _Controller(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, tls_context=server_context(certificate), require_starttls=True, **how)

        def _trigger_server(self) -> None:
            assert isinstance(self.server, asyncio.Server)
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()  # type: ignore[no-untyped-call]

    controller = _Controller(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mail(port: int, certificate: Path, **more: Any) -> Mail:
    fields = {
        "type": "mail",
        "name": "mail",
        "host": "127.0.0.1",
        "port": port,
        "sender": "daicho@example.jp",
    }
    return Mail.model_validate(
        {**fields, "to": ("night@example.jp", "chief@example.jp"), "ca_file": str(certificate), **more}
    )


def test_mail_goes_out_under_tls_and_reads_well(certificate: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, certificate) as port:
        send(mail(port, certificate), MESSAGE)
    [got] = mailbox.mails
    assert got["Subject"] == "[daicho] 障害: sw-2-dist"
    assert got["To"] == "night@example.jp, chief@example.jp"
    assert got["Message-ID"] == "<0123456789abcdef@example.jp>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content().replace("\r\n", "\n") == MESSAGE.text


def test_a_server_known_by_address_is_checked_under_its_own_name(certificate: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, certificate) as port:
        send(mail(port, certificate, server_name="mail.example.jp"), MESSAGE)
        with pytest.raises(NotSent, match="Hostname mismatch"):
            send(mail(port, certificate, server_name="other.example.jp"), MESSAGE)
    assert len(mailbox.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_no_mail(certificate: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, certificate) as port, pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        send(mail(port, certificate, ca_file=None), MESSAGE)
    assert mailbox.mails == []


def test_the_password_comes_from_its_file(certificate: Path, tmp_path: Path) -> None:
    mailbox, seen = Mailbox(), []

    def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    how = {"authenticator": authenticator, "auth_required": True}
    with mail_server(mailbox, certificate, **how) as port:
        send(mail(port, certificate, user="daicho", password_file=str(secret)), MESSAGE)
    assert seen == [(b"daicho", b"s3cret")]
    assert len(mailbox.mails) == 1


def test_a_mail_that_the_server_refuses_says_so(certificate: Path) -> None:
    mailbox = Mailbox()
    mailbox.refuse = "452 4.2.2 mailbox full"
    with (
        mail_server(mailbox, certificate) as port,
        pytest.raises(NotSent, match=r"^452 4\.2\.2 mailbox full$"),
    ):
        send(mail(port, certificate), MESSAGE)


def test_a_mail_server_that_is_not_there_says_so(certificate: Path) -> None:
    with pytest.raises(NotSent, match="Connection refused"):
        send(mail(9, certificate), MESSAGE)


class Hook(BaseHTTPRequestHandler):
    got: list[tuple[dict[str, str], Any]]
    answer = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), json.loads(body)))
        self.send_response(self.answer)
        if self.answer == 302:
            self.send_header("Location", "https://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def web_server(
    certificate: Path, answer: int = 204
) -> Iterator[tuple[int, list[tuple[dict[str, str], Any]]]]:
    got: list[tuple[dict[str, str], Any]] = []
    handler = type("_Hook", (Hook,), {"got": got, "answer": answer})
    server = HTTPServer(("127.0.0.1", 0), handler)
    server.socket = server_context(certificate).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hook(port: int, certificate: Path | None, **more: Any) -> Webhook:
    fields = {"type": "webhook", "name": "chat", "url": f"https://127.0.0.1:{port}/in"}
    return Webhook.model_validate({**fields, "ca_file": str(certificate) if certificate else None, **more})


def test_a_webhook_gets_json_and_the_token(certificate: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0ken\n")
    with web_server(certificate) as (port, got):
        send(hook(port, certificate, token_file=str(token)), MESSAGE)
    [(headers, body)] = got
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Idempotency-Key"] == MESSAGE.id
    assert body == {
        "id": MESSAGE.id,
        "at": "2026-11-21T13:40:00.000000Z",
        "subject": MESSAGE.subject,
        "text": MESSAGE.text,
        "events": [{"what": "found", "causes": ["node:sw-2-dist"]}],
    }


@pytest.mark.parametrize("answer", [302, 500])
def test_a_webhook_that_fails_or_points_elsewhere_is_tried_again(certificate: Path, answer: int) -> None:
    with (
        web_server(certificate, answer) as (port, got),
        pytest.raises(NotSent, match=f"^HTTP {answer}$"),
    ):
        send(hook(port, certificate), MESSAGE)
    assert len(got) == 1


def test_a_webhook_that_nobody_vouches_for_gets_nothing(certificate: Path) -> None:
    with web_server(certificate) as (port, got), pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        send(hook(port, None), MESSAGE)
    assert got == []


def test_a_command_gets_json_on_its_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    send(Command(type="command", name="pager", argv=("tee", str(out))), MESSAGE)
    assert json.loads(out.read_text())["subject"] == MESSAGE.subject


def test_a_command_that_fails_says_what_it_said() -> None:
    failing = Command(type="command", name="pager", argv=("sh", "-c", "echo no modem >&2; exit 3"))
    with pytest.raises(NotSent, match=r"^exit 3: no modem$"):
        send(failing, MESSAGE)
    with pytest.raises(NotSent, match="No such file"):
        send(Command(type="command", name="pager", argv=("/no/such/program",)), MESSAGE)


def test_what_is_not_safe_is_refused_where_it_stands() -> None:
    document = {
        "channels": [
            {
                "type": "mail",
                "name": "m",
                "host": "mail.example.jp",
                "security": "none",
                "sender": "a@b",
                "to": ["c@d"],
            },
            {"type": "webhook", "name": "w", "url": "http://chat.example.jp/in"},
        ]
    }
    with pytest.raises(DocumentError) as caught:
        judge(Notices, document, "notices.yml")
    assert str(caught.value) == (
        "notices.yml cannot be used:\n"
        "At channels[0].mail: mail without TLS goes only to this machine itself; write starttls or tls.\n"
        "At channels[1].webhook: the URL must begin with https://; http:// goes only to this machine itself."
    )
