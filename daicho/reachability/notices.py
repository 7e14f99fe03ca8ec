"""Who is told what and how fast: the site's document for notifications."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from daicho.documents import Document
from daicho.i18n import gettext as _


class Mail(Document):
    """A mail server and who gets the mail."""

    type: Literal["mail"]
    name: str = Field(min_length=1)
    host: str = Field(min_length=1)
    """A name or, so that a dead name server does not matter, an address; then give `server_name`."""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only to this machine itself."""
    server_name: str | None = None
    """The name in the server's certificate, if `host` is an address."""
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    to: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = Field(min_length=1)
    user: str | None = None
    password_file: str | None = None
    """The file that holds the password: it never stands in a document."""
    ca_file: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError(_("mail without TLS goes only to this machine itself; write starttls or tls"))
        if bool(self.user) != bool(self.password_file):
            raise ValueError(_("user and password_file belong together"))
        return self


class Webhook(Document):
    """A URL that gets the message as JSON."""

    type: Literal["webhook"]
    name: str = Field(min_length=1)
    url: str
    token_file: str | None = None
    """The file that holds a bearer token."""
    ca_file: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        parts = urlsplit(self.url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not safe or not parts.hostname:
            raise ValueError(_("the URL must begin with https://; http:// goes only to this machine itself"))
        return self


class Command(Document):
    """A program that gets the message as JSON on its standard input."""

    type: Literal["command"]
    name: str = Field(min_length=1)
    argv: tuple[str, ...] = Field(min_length=1)
    """Never through a shell."""


type AnyChannel = Annotated[Mail | Webhook | Command, Field(discriminator="type")]


class Notices(Document):
    """Channels, and who is told next if nobody acknowledges."""

    channels: tuple[AnyChannel, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    """Names of channels: those told at once, then those told if nobody acknowledged. Empty: all at once."""
    escalate_minutes: int = Field(default=15, ge=1, le=1440)
    confirm_looks: int = Field(default=2, ge=1, le=10)
    """In how many looks running a cause must be seen, or be gone, before anybody is told."""
    settle_seconds: int = Field(default=60, ge=0, le=1800)
    """How long a cause must be gone before its recovery is told: what comes back sooner was never gone."""
    together_from: int = Field(default=6, ge=2)
    """From how many new causes in one look on they go out in one message."""
    flapping_from: int = Field(default=3, ge=2)
    """How many times a cause may come within an hour before one message says that it comes and goes."""
    calm_minutes: int = Field(default=15, ge=1)
    """How long a flapping cause must be gone before its recovery is told."""
    limit_minutes: int = Field(default=30, ge=1)
    """Within which a notification must have gone out after the detection."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        names = [channel.name for channel in self.channels]
        if len(names) != len(set(names)):
            raise ValueError(_("two channels have the same name"))
        if unknown := sorted({name for level in self.levels for name in level} - set(names)):
            raise ValueError(_("levels name unknown channels: {names}").format(names=", ".join(unknown)))
        return self

    def level(self, number: int) -> tuple[str, ...]:
        """The channels of an escalation level, from 0; past the last one it is the last one again."""
        levels = self.levels or (tuple(channel.name for channel in self.channels),)
        return levels[min(number, len(levels) - 1)]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
