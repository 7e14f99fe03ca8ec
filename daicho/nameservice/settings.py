"""Where the name server is: the part `dns` of the site file `services.yml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from daicho.documents import Document

type Zone = Annotated[str, StringConstraints(min_length=1, max_length=253)]


class DnsSettings(Document):
    """Which server takes updates; the key comes from the site's secret `dns` (base64)."""

    server: str = Field(min_length=1, max_length=253)
    """The address of the primary server."""
    port: int = Field(default=53, ge=1, le=65535)
    """Its port."""
    key: str = Field(min_length=1, max_length=253)
    """The name of the TSIG key."""
    algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512"] = "hmac-sha256"
    """How the key signs."""
    domain: Zone
    """The zone of the terminals' and printers' names: `office.example.jp`."""
    reverse: tuple[Zone, ...] = ()
    """The zones of their addresses: `33.1.10.in-addr.arpa`; an address in none of them has no name back."""
    ttl: int = Field(default=3600, ge=1, le=604800)
    """How many seconds others may remember a name."""
    moving_ttl: int = Field(default=60, ge=1, le=604800)
    """The same while a terminal or printer is about to move."""
    timeout_s: float = Field(default=5.0, gt=0, le=60)
    """How long it may take to answer."""

    @field_validator("domain")
    @classmethod
    def _without_dot(cls, name: str) -> str:
        return name.rstrip(".").lower()

    @field_validator("reverse")
    @classmethod
    def _all_without_dot(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.rstrip(".").lower() for name in names)
