"""ネットワーク機器の設定の保全 (contract item オ-f): every configuration kept, and which is not saved."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class BackupNetworkConfig(Inputs):
    """Nothing: all devices whose platform is known are read."""


BACKUP_NETWORK_CONFIG: Final = Work(
    name="backup_network_config",
    title=N_("Keep the configuration of every network device, and say which is not saved"),
    runner="check",
    inputs=BackupNetworkConfig,
    kinds=frozenset({"network_device"}),
    command="daicho network backup",
)
