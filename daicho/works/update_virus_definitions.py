"""ウイルス定義体の適用及び配布 (contract item オ-b): virus definitions to endpoints and servers."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class UpdateVirusDefinitions(Inputs):
    """How old definitions may be."""

    hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description=N_("Definitions that are older than so many hours when the plan is made are renewed."),
    )


UPDATE_VIRUS_DEFINITIONS: Final = Work(
    name="update_virus_definitions",
    title=N_("Renew virus definitions that are too old"),
    runner="script",
    craft="daicho.endpoints.definitions_craft:open_craft",
    inputs=UpdateVirusDefinitions,
    kinds=frozenset({"endpoint", "server"}),
    owes="newest",
)
