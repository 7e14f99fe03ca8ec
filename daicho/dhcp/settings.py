"""Where the DHCP server is: the part `dhcp` of the site file `services.yml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from daicho.documents import Document


class DhcpSettings(Document):
    """How to reach Kea's control agent; the password comes from the site's secret `dhcp`."""

    url: str = Field(pattern=r"^https://[^/@\s]+/?$", max_length=300)
    """`https://dhcp.example.jp:8000/`: the name is the one that its certificate carries."""
    address: str = ""
    """Its address, for when the name service cannot be asked; the certificate must still carry the name."""
    user: str = Field(min_length=1, max_length=200)
    """Who logs on to the control agent."""
    ca_file: Path | None = None
    """The authority that signed its certificate; absent: those that the system trusts."""
    file: str = ""
    """The file that Kea writes its configuration to; empty: the one it was started with."""
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    """How long it may take to answer."""
