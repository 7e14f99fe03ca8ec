"""設置場所変更に伴う設定変更 (contract items オ-d, オ-f): the ports on which terminals and printers hang."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.network.checks import Kept  # noqa: TC001 -- pydantic reads it
from daicho.network.ports import PortWish  # noqa: TC001 -- pydantic reads it
from daicho.works.work import Inputs, Work


class ChangePort(Inputs):
    """What is to become of ports; those of one switch go in one session."""

    ports: tuple[PortWish, ...] = Field(min_length=1, description=N_("The ports, each with its switch."))
    allow_trunks: bool = Field(
        default=False,
        description=N_("Ports may be trunks or uplinks, and may become trunks; else they are refused."),
    )
    minutes: int = Field(
        default=5, ge=1, le=60, description=N_("After which an unconfirmed device goes back by itself.")
    )
    keep: tuple[Kept, ...] = Field(
        default=("neighbours",), description=N_("What must be there as before on the switch.")
    )
    settle: int = Field(
        default=10, ge=0, le=300, description=N_("Seconds within which that has to come true.")
    )


CHANGE_PORT: Final = Work(
    name="change_port",
    title=N_("Change ports of switches: VLAN, description, 802.1X, speed, on and off"),
    runner="nornir",
    craft="daicho.runners.ports:open_ports",
    inputs=ChangePort,
    kinds=frozenset({"network_device"}),
    context="daicho.network.ports:hanging_on",
    in_turn=("role", "site"),
)
