"""端末類のマスタ管理 (contract items オ-c, カ-b): which terminal hangs on which port, as switches see it."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class CollectNetworkState(Inputs):
    """Nothing: all devices whose platform is known are asked."""


COLLECT_NETWORK_STATE: Final = Work(
    name="collect_network_state",
    title=N_("Ask the network devices what hangs where, and bring the ledger up to date"),
    runner="check",
    inputs=CollectNetworkState,
    kinds=frozenset({"network_device"}),
    command="daicho network collect",
)
