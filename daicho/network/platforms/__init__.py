"""The platforms that can be changed, by the name in the item's attribute `platform`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.network.platform import Platform, PlatformUnknown
from daicho.network.platforms.alaxala import ALAXALA
from daicho.network.platforms.apresia import APRESIA
from daicho.network.platforms.cisco_ios import IOS
from daicho.network.platforms.frr import FRR
from daicho.network.platforms.nec_ix import NEC_IX
from daicho.network.platforms.yamaha import YAMAHA

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORMS: Final[Mapping[str, Platform]] = {
    each.name: each for each in (IOS, FRR, ALAXALA, NEC_IX, YAMAHA, APRESIA)
}


def platform_of(device: str, name: str) -> Platform:
    """The platform of a device.

    Raises:
        PlatformUnknown: There is none of this name.
    """
    known = PLATFORMS.get({"ios": "cisco_ios"}.get(name, name))
    if known is None:
        raise PlatformUnknown(device=device, platform=name, known=", ".join(PLATFORMS))
    return known
