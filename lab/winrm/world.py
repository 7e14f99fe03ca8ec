"""What all hosts of one endpoint have in common."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

LOOPBACK: Final = IPv4Network("127.86.0.0/16")
PORT: Final = 5986
DOMAIN: Final = "ad.example.test"
NETBIOS: Final = "AD"


@dataclass(frozen=True)
class World:
    """Addresses, accounts and habits. Times are in seconds."""

    network: IPv4Network = LOOPBACK
    port: int = PORT
    plain_port: int = 0
    """Of HTTP without TLS, where only sealed messages are taken; 0: none."""
    user: str = "svc-daicho"
    """A member of the domain NETBIOS who administers every host."""
    password: str = ""
    administrator_password: str = ""
    """Of every host's own `Administrator`, until it is changed there."""
    boot_seconds: float = 0.5
    task_seconds: float = 0.0
    """What every module and script takes at least."""
    shutdown_delay: bool = False
    """Whether `shutdown /t N` really waits N seconds."""
    seed: int = 7
    off_share: float = 0.0
    """This part of the hosts is off at first."""
    back_within: float = 0.0
    """They come back at random moments within this time; 0: never by themselves."""
    began: float = 0.0
    """Unix time of the first day."""

    def address(self, index: int) -> IPv4Address:
        """Of the host with this number, from 0; no address ends in 0 or 255."""
        block, rest = divmod(index, 250)
        return self.network.network_address + block * 256 + rest + 1

    def index(self, address: str) -> int:
        """The number of the host at an address; it may be none."""
        offset = int(IPv4Address(address)) - int(self.network.network_address)
        block, rest = divmod(offset, 256)
        return block * 250 + rest - 1 if 1 <= rest <= 250 else -1

    @property
    def login(self) -> str:
        """The account as a client writes it."""
        return f"{NETBIOS}\\{self.user}"


def name_of(index: int) -> str:
    """The name of the host with this number, from 0."""
    return f"pc{index + 1:05d}"
