"""Send one message over one channel: mail, webhook or command."""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, override

from daicho.clock import stamp
from daicho.reachability.notices import AnyChannel, Command, Mail, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from http.client import HTTPMessage
    from typing import IO

TIMEOUT: Final = 20


class NotSent(Exception):
    """The channel did not take the message; it is tried again."""


@dataclass(frozen=True)
class Message:
    """What goes out. The same message has the same id on every try."""

    id: str
    subject: str
    text: str
    at: datetime
    data: Mapping[str, object]
    """What programs read."""


def send(channel: AnyChannel, message: Message) -> None:
    """Send it, or say why not.

    Raises:
        NotSent: The channel did not take it.
    """
    try:
        match channel:
            case Mail():
                _mail(channel, message)
            case Webhook():
                _post(channel, message)
            case Command():
                _run(channel, message)
    except (OSError, smtplib.SMTPException, subprocess.SubprocessError, ValueError) as error:
        raise NotSent(_why(error)) from error


def _why(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else ""
            return f"{error.smtp_code} {said}".strip()
        case urllib.error.HTTPError():
            return f"HTTP {error.code}"
        case urllib.error.URLError():
            return str(error.reason)
    return str(error) or type(error).__name__


def _mail(channel: Mail, message: Message) -> None:
    mail = EmailMessage()
    user, _, domain = channel.sender.rpartition("@")
    mail["From"] = Address("daicho", user, domain)
    mail["To"] = ", ".join(channel.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    # Out-of-office replies to an alarm help nobody (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    with _server(channel) as server:
        if channel.user and channel.password_file:
            server.login(channel.user, _secret(channel.password_file))
        refused = server.send_message(mail)
    if refused:
        raise NotSent(", ".join(refused))


@contextmanager
def _server(channel: Mail) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=channel.ca_file)
    server = (
        smtplib.SMTP_SSL(timeout=TIMEOUT, context=context)
        if channel.security == "tls"
        else smtplib.SMTP(timeout=TIMEOUT)
    )
    # smtplib has no other way to say under which name the certificate is checked.
    server._host = channel.server_name or channel.host  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        server.connect(channel.host, channel.port)
        if channel.security == "starttls":
            server.starttls(context=context)
        yield server
        server.quit()
    finally:
        server.close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """A redirect would carry the token elsewhere: it counts as a failure."""


def _post(channel: Webhook, message: Message) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.id}
    if channel.token_file:
        headers["Authorization"] = f"Bearer {_secret(channel.token_file)}"
    request = urllib.request.Request(channel.url, _json(message), headers, method="POST")  # noqa: S310
    context = ssl.create_default_context(cafile=channel.ca_file)
    # No proxy: what carries an alarm must not hang on one more machine.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirect()
    )
    with opener.open(request, timeout=TIMEOUT):
        pass


def _run(channel: Command, message: Message) -> None:
    done = subprocess.run(
        channel.argv, input=_json(message), capture_output=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotSent(f"exit {done.returncode}" + (f": {said[-1][:200]}" if said else ""))


def _json(message: Message) -> bytes:
    value = {
        "id": message.id,
        "at": stamp(message.at),
        "subject": message.subject,
        "text": message.text,
        **message.data,
    }
    return json.dumps(value, ensure_ascii=False).encode()


def _secret(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip()
