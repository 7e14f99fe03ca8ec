"""Where a site keeps what it knows of logon cards: the part `cards` of directory.yml."""

from __future__ import annotations

from pydantic import Field

from daicho.documents import Document


class CardRules(Document):
    """Where logon cards are kept."""

    number_attribute: str = Field(default="", max_length=200)
    """Which attribute holds the number of the card, such as `extensionAttribute5`; empty: none does."""
    mapping: str = Field(default="issuer_serial", pattern=r"^(issuer_serial|ski)$")
    """How a certificate is tied to an account: by its issuer and serial number, or by its key."""
    require_logon_use: bool = True
    """Whether a certificate must be meant for logging on (smart card logon or client authentication)."""
