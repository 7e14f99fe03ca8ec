"""ソフトウェアのインストール (contract item オ-e): programs on request, pinned to version and bytes."""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from daicho.endpoints.software import Program  # noqa: TC001 -- pydantic reads it
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class InstallSoftware(Inputs):
    """Which programs come onto machines."""

    software: tuple[Program, ...] = Field(
        min_length=1, max_length=50, description=N_("The programs, in the order in which they are installed.")
    )

    @model_validator(mode="after")
    def _each_once(self) -> InstallSoftware:
        # One program may be there once for each kind of machine.
        names = [(program.name, program.kind == "apt") for program in self.software]
        if twice := sorted({name for name, debian in names if names.count((name, debian)) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self


INSTALL_SOFTWARE: Final = Work(
    name="install_software",
    title=N_("Install programs that were asked for"),
    runner="script",
    craft="daicho.endpoints.software_craft:open_craft",
    inputs=InstallSoftware,
    kinds=frozenset({"endpoint", "server"}),
    context="daicho.endpoints.places:one_each",
)
