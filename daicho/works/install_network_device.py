"""ネットワーク機器の設置 (contract item オ-g): from a device's base settings to in service."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.network.install import NewDevice  # noqa: TC001 -- pydantic reads it
from daicho.works.work import Inputs, Work


class InstallNetworkDevice(Inputs):
    """The devices, their template, and how they are logged in to before it is entered."""

    devices: tuple[NewDevice, ...] = Field(min_length=1, description=N_("The new devices."))
    template: str = Field(min_length=1, description=N_("The template of their settings in service."))
    data: dict[str, object] = Field(
        default_factory=dict, description=N_("Data for the template, before all other.")
    )
    base_user: str = Field(min_length=1, description=N_("The account of the base settings."))
    base_credential: str = Field(min_length=1, description=N_("The secret with its password."))
    base_enable: str = Field(
        default="", description=N_("The secret with the password of the privileged mode there.")
    )
    minutes: int = Field(
        default=5, ge=1, le=60, description=N_("After which an unconfirmed device goes back by itself.")
    )
    settle: int = Field(
        default=60, ge=0, le=300, description=N_("Seconds within which its neighbours have to be heard.")
    )


INSTALL_NETWORK_DEVICE: Final = Work(
    name="install_network_device",
    title=N_("Bring new network devices into service, from their base settings to the ledger"),
    runner="nornir",
    craft="daicho.runners.install:open_install",
    inputs=InstallNetworkDevice,
    kinds=frozenset({"network_device"}),
    items="daicho.network.install:items_of",
    context="daicho.network.install:not_there_yet",
    enters="daicho.network.install:in_service",
)
