"""セキュリティパッチの適用 (contract item オ-b, エ): updates to endpoints and servers."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class PatchEndpoints(Inputs):
    """What to update, and what may follow from it."""

    scope: Literal["security", "all"] = Field(
        default="security", description=N_("Only what the security archive offers, or every update.")
    )
    allow: tuple[str, ...] = Field(
        default=(), description=N_("Only packages that match one of these globs; empty: all.")
    )
    deny: tuple[str, ...] = Field(default=(), description=N_("No package that matches one of these globs."))
    reboot: Literal["never", "if_required", "always"] = Field(
        default="if_required", description=N_("When to restart the machine.")
    )
    reboot_timeout: int = Field(
        default=600,
        ge=10,
        le=7200,
        description=N_("Seconds until a machine that restarts must answer again."),
    )
    services: tuple[str, ...] = Field(default=(), description=N_("Services that must be running afterwards."))


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
