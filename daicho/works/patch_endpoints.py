"""セキュリティパッチの適用 (contract item オ-b, エ): updates to endpoints and servers."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class PatchEndpoints(Inputs):
    """What to update, and what may follow from it."""

    scope: Literal["security", "all"] = "security"
    """Only what the security archive offers, or every update."""
    allow: tuple[str, ...] = ()
    """Only packages that match one of these globs; empty: all."""
    deny: tuple[str, ...] = ()
    """No package that matches one of these globs."""
    reboot: Literal["never", "if_required", "always"] = "if_required"
    """When to restart the machine."""
    reboot_timeout: int = Field(default=600, ge=10, le=7200)
    """Seconds until a machine that restarts must answer again."""
    services: tuple[str, ...] = ()
    """Services that must be running afterwards."""


PATCH_ENDPOINTS: Final = Work(
    name="patch_endpoints",
    title=N_("Apply security patches and updates to endpoints"),
    runner="ansible",
    inputs=PatchEndpoints,
    kinds=frozenset({"endpoint", "server"}),
)
