"""A reading of the endpoints, and who was seen, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.endpoints.patch_state import DEFINITIONS, PATCHES
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.items.item import natural_key
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing
from daicho.report.words import CAREFUL, GOOD, heading

if TYPE_CHECKING:
    from collections import Counter

    from rich.console import RenderableType

    from daicho.life.endpoints import ReadEnd
    from daicho.report.listing import Row

_MOST: Final = 20


@dataclass(frozen=True)
class ReadReport:
    """What the endpoints said that is new, and who could not be read."""

    end: ReadEnd

    def as_json(self) -> object:
        """Everything."""
        end = self.end
        return {
            "check": end.check,
            "asked": end.asked,
            "same": end.same,
            "changed": {name: dict(states) for name, states in end.changed.items()},
            "off": sorted(end.off),
            "unread": dict(end.unread),
        }

    def listing(self) -> Listing:
        """One row per endpoint of which something is new, or that could not be read."""
        end = self.end
        rows: list[Row] = []
        for name in sorted({*end.changed, *end.unread}, key=natural_key):
            states = end.changed.get(name, {})
            patches, definitions = states.get(PATCHES, {}), states.get(DEFINITIONS, {})
            rows.append(
                {
                    "name": name,
                    "build": patches.get("build"),
                    "missing": " ".join(patches.get("missing", ())),
                    "reboot_pending": patches.get("reboot_pending"),
                    "disk_free_gb": patches.get("disk_free_gb"),
                    "definitions": definitions.get("definitions"),
                    "updated": definitions.get("updated"),
                    "off": name in end.off,
                    "why": end.unread.get(name, ""),
                }
            )
        keys = (
            *("name", "build", "missing", "reboot_pending", "disk_free_gb"),
            *("definitions", "updated", "off", "why"),
        )
        return Listing(columns=[Column(key=key, heading=key) for key in keys], rows=rows)

    def screen(self) -> RenderableType:
        """Numbers first; then those that are on and could not be read, with the reason."""
        end = self.end
        facts: list[tuple[str, RenderableType]] = [
            (_("read"), _machines(len(end.changed) + end.same)),
            (_("recorded anew"), _machines(len(end.changed))),
            (_("off"), _machines(len(end.off))),
        ]
        title = Text(f"{end.check}  ", "bold").append(self._title())
        return Group(title, facts_block(facts), *self._odd_clocks(), *self._unread())

    def _title(self) -> Text:
        failed = len(set(self.end.unread) - self.end.off)
        if failed:
            return Text(
                _("{machines} are on and could not be read").format(machines=_machines(failed)), CAREFUL
            )
        return Text(_("everybody who is on was read"), GOOD)

    def _odd_clocks(self) -> list[RenderableType]:
        found = {
            name: minutes
            for name, states in self.end.changed.items()
            for state in states.values()
            if (minutes := state["clock_off_min"])
        }
        if not found:
            return []
        lines = [_("  {name}: {minutes} min").format(name=name, minutes=found[name]) for name in found]
        return [heading(_("Their clock is wrong")), *(Text(line) for line in lines[:_MOST])]

    def _unread(self) -> list[RenderableType]:
        failed = {name: why for name, why in self.end.unread.items() if name not in self.end.off}
        if not failed:
            return []
        lines = [Text(f"  {name}: {why}") for name, why in list(failed.items())[:_MOST]]
        more = len(failed) - len(lines)
        rest = (
            [Text("  " + _("and {count} more (`--output csv` names all)").format(count=more))] if more else []
        )
        return [heading(_("Not read")), *lines, *rest]


def seen_counts(seen: Counter[str]) -> str:
    """`12 by the directory, 40 by DHCP leases`."""
    words = {"directory": _("{count} by the directory"), "lease": _("{count} by DHCP leases")}
    return ", ".join(words[how].format(count=count) for how, count in seen.items()) or _("nobody")


def _machines(count: int) -> str:
    return ngettext("{count} machine", "{count} machines", count).format(count=count)
