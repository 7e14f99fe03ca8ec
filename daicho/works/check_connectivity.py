"""計画停電後におけるネットワーク機器の導通確認 (contract item キ-c): what is back, what is not, and why."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work

ON_THE_NETWORK: Final = frozenset({"network_device", "server", "printer", "endpoint"})


class CheckConnectivity(Inputs):
    """How to look, and for how long."""

    watch: bool = Field(
        default=False, description=N_("Look again and again until everything is back, not only once.")
    )
    until: int = Field(
        default=120,
        ge=1,
        le=2880,
        description=N_("Minutes after which a watch ends even if not everything is back."),
    )
    every: int = Field(
        default=15, ge=1, le=3600, description=N_("Seconds from the beginning of one look to the next.")
    )
    devices: bool = Field(
        default=True,
        description=N_("Whether to log in to the network devices that answer and compare their state."),
    )
    pace: int = Field(default=15000, ge=10, le=100000, description=N_("Packets per second at most."))


CHECK_CONNECTIVITY: Final = Work(
    name="check_connectivity",
    title=N_("Check after an outage what is back and find the causes of what is not"),
    runner="check",
    inputs=CheckConnectivity,
    kinds=ON_THE_NETWORK,
    command="daicho check connectivity",
)
