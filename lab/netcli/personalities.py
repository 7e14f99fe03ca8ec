"""The vendors that can be simulated, by netmiko's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.netcli.alaxala import Alaxala
from lab.netcli.apresia import Apresia
from lab.netcli.ios import Ios
from lab.netcli.nec_ix import NecIx
from lab.netcli.yamaha import Yamaha

if TYPE_CHECKING:
    from lab.netcli.device import Personality


def personalities() -> dict[str, Personality]:
    """Personalities by the names that netmiko has for them."""
    return {each.name: each for each in (Ios(), Alaxala(), NecIx(), Yamaha(), Apresia())}


def parse_mix(text: str) -> list[str]:
    """`cisco_ios=5,yamaha` as the names in the order in which devices get them, over and over.

    Raises:
        LabError: A name is not known, or a number is none.
    """
    known, shares = personalities(), dict[str, int]()
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        if name not in known or not (share or "1").isdecimal():
            raise LabError(
                f"{part!r} is no share of a mix: NAME=NUMBER, where NAME is one of {', '.join(known)}."
            )
        shares[name] = int(share or 1)
    rounds = max(shares.values(), default=0)
    order = [name for turn in range(rounds) for name, share in shares.items() if turn < share]
    if not order:
        raise LabError(f"The mix {text!r} has no device.")
    return order
