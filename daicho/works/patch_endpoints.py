"""セキュリティパッチの適用 (contract item オ-b, エ): updates to endpoints and servers."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class PatchEndpoints(Inputs):
    """What to update, and what may follow from it."""

    scope: Literal["security", "all"] = Field(
        default="security", description=N_("Only what the security archive offers, or every update.")
    )
    allow: tuple[str, ...] = Field(
        default=(),
        description=N_(
            "Only packages (Windows: articles or titles) that match one of these globs; empty: all."
        ),
    )
    deny: tuple[str, ...] = Field(
        default=(),
        description=N_(
            "No package (Windows: article such as KB5034441, or title) that matches one of these globs."
        ),
    )
    categories: tuple[
        Literal[
            "SecurityUpdates",
            "CriticalUpdates",
            "UpdateRollups",
            "DefinitionUpdates",
            "FeaturePacks",
            "ServicePacks",
            "Drivers",
            "Updates",
            "Upgrades",
        ],
        ...,
    ] = Field(
        default=(),
        description=N_(
            "Windows: only updates of these classes; empty: with `scope: security` SecurityUpdates, "
            "CriticalUpdates and UpdateRollups, with `all` every one but definitions, drivers and upgrades."
        ),
    )
    source: Literal["default", "wsus", "windows_update", "offline"] = Field(
        default="default",
        description=N_(
            "Windows: where updates come from; `default` is what the machine is set to, `offline` the .msu "
            "files in `offline_folder`."
        ),
    )
    offline_folder: str = Field(
        default="", description=N_(r"Windows: the folder on each machine with the files, such as C:\Updates.")
    )
    step: Literal["install", "download"] = Field(
        default="install",
        description=N_(
            "Windows: `download` only brings the files, ahead of the window in which another change installs."
        ),
    )
    retries: int = Field(
        default=3,
        ge=0,
        le=10,
        description=N_("Windows: how often it is tried again after an error that may pass by itself."),
    )
    update_timeout: int = Field(
        default=7200,
        ge=10,
        le=43200,
        description=N_("Windows: seconds that the updates of one machine may take; then they are stopped."),
    )
    reboot: Literal["never", "if_required", "always"] = Field(
        default="if_required", description=N_("When to restart the machine.")
    )
    reboot_notice: int = Field(
        default=15,
        ge=0,
        le=1440,
        description=N_(
            "Windows: minutes that somebody who is logged on has before the restart; nobody there: at once."
        ),
    )
    reboot_timeout: int = Field(
        default=600,
        ge=10,
        le=7200,
        description=N_("Seconds until a machine that restarts must answer again."),
    )
    services: tuple[str, ...] = Field(default=(), description=N_("Services that must be running afterwards."))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.source == "offline") != bool(self.offline_folder):
            raise ValueError(_("`source: offline` needs `offline_folder`, and only it takes one"))
        if self.source == "offline" and (self.categories or self.step == "download"):
            raise ValueError(_("with `source: offline` there are no `categories`, and nothing to download"))
        return self


PATCH_ENDPOINTS: Final = Work(
    name="patch_endpoints",
    title=N_("Apply security patches and updates to endpoints"),
    runner="ansible",
    inputs=PatchEndpoints,
    kinds=frozenset({"endpoint", "server"}),
    in_turn=("ring",),
    owes="newest",
    tells={"reboot": "Apply | Reboot and wait"},
)

NOTES: Final = (
    N_("The machine is rebooted."),
    N_("The machine is rebooted if an update requires it."),
    N_("The machine is not rebooted, even if an update requires it."),
)
"""What the role says of a machine, beside what it says of each package."""
