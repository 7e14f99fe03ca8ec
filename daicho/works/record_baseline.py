"""計画停電後の導通確認の準備 (contract item キ-c): the state before the outage."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.check_connectivity import ON_THE_NETWORK
from daicho.works.work import Inputs, Work


class RecordBaseline(Inputs):
    """How to look."""

    devices: bool = Field(
        default=True,
        description=N_("Whether to log in to the network devices and ask whether they are saved."),
    )
    pace: int = Field(default=15000, ge=10, le=100000, description=N_("Packets per second at most."))


RECORD_BASELINE: Final = Work(
    name="record_baseline",
    title=N_("Record before an outage what is there, and whether the power may be switched off"),
    runner="check",
    inputs=RecordBaseline,
    kinds=ON_THE_NETWORK,
    command="daicho baseline record",
)
