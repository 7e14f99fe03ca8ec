"""ネットワーク機器の設定変更等 (contract item オ-f): changes that cannot lock us out."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.network.intent import Intent
from daicho.works.work import Inputs, Work


class ConfigureNetwork(Intent, Inputs):
    """What the devices are to be configured to do."""


CONFIGURE_NETWORK: Final = Work(
    name="configure_network",
    title=N_("Change the configuration of network devices, so that none can be cut off"),
    runner="nornir",
    craft="daicho.runners.network:open_network",
    inputs=ConfigureNetwork,
    kinds=frozenset({"network_device"}),
    in_turn=("role", "site"),
)
