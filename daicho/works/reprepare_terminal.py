"""利用者変更に伴う端末の再設定 (contract items オ-c, オ-d): a terminal for its next user."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from daicho.endpoints.terminal import Terminal, is_folder
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class ReprepareTerminal(Inputs):
    """Which terminals, for whom, and what becomes of what is on them."""

    terminals: tuple[Terminal, ...] = Field(
        min_length=1, max_length=500, description=N_("The terminals, each with its next user.")
    )
    profiles: Literal["archive", "remove"] = Field(
        default="archive",
        description=N_("Whether other people's profiles are packed before they are removed, or deleted."),
    )
    archive: str = Field(
        default="",
        max_length=200,
        description=N_("The folder for that, on a drive of the terminal: `D:\\profiles`."),
    )
    keep: tuple[str, ...] = Field(
        default=(), description=N_("Further accounts whose profiles stay: `OFFICE\\svc-scan`.")
    )

    @model_validator(mode="after")
    def _sound(self) -> ReprepareTerminal:
        names = [each.terminal for each in self.terminals]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        if self.profiles == "archive" and not is_folder(self.archive):
            # From a session over the network no share of a third machine can be written.
            raise ValueError(_("say with `archive` where profiles are packed to, on a drive of the terminal"))
        return self


REPREPARE_TERMINAL: Final = Work(
    name="reprepare_terminal",
    title=N_("Prepare terminals for their next users"),
    runner="script",
    craft="daicho.endpoints.terminal_craft:open_craft",
    inputs=ReprepareTerminal,
    kinds=frozenset({"endpoint"}),
    context="daicho.endpoints.named:terminals",
)
