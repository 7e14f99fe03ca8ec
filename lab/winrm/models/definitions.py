"""Model of `update_definitions.ps1`: sources that have definitions, are stale, or do not answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.winrm.host import area
from lab.winrm.models import ScriptError, model
from lab.winrm.models.patch_state import Defender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.winrm.host import Host

_HOUR = 3600


@area("definition_sources")
@dataclass
class DefinitionSources:
    """What the sources of definitions do, by their name for Update-MpSignature."""

    version: str = "1.421.999.0"
    """What they offer."""
    stale: list[str] = field(default_factory=list)
    """Those that answer and have nothing new."""
    silent: list[str] = field(default_factory=list)
    """Those that do not answer."""
    share: str = ""
    """The preference for FileShares."""
    asked: list[str] = field(default_factory=list)


@model("update_definitions")
def update_definitions(host: Host, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Source after source, until they are new enough."""
    if set(arguments) != {"sources", "share", "hours"}:
        raise ScriptError("error", f"the lab does not expect the arguments {sorted(arguments)}")
    defender, sources = host.of(Defender), host.of(DefinitionSources)
    tried: list[dict[str, str]] = []
    for source in arguments["sources"]:
        sources.asked.append(source)
        message = ""
        if source == "FileShares":
            sources.share = str(arguments["share"])
        if source in sources.silent:
            message = "ウイルスとスパイウェアの定義の更新がエラーで完了しました。"
        elif source not in sources.stale:
            defender.definitions, defender.updated_at = sources.version, time.time()
        if _updated(host, defender) >= time.time() - arguments["hours"] * _HOUR:
            return {"source": source, "tried": tried, "definitions": defender.definitions}
        tried.append({"source": source, "message": message})
    return {"source": "", "tried": tried, "definitions": defender.definitions}


def _updated(host: Host, defender: Defender) -> float:
    return defender.updated_at or host.world.began - defender.age_s
