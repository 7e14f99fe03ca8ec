"""A backup of configurations as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing
from daicho.report.words import CAREFUL, GOOD, RED, heading, some

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.life.backing_up import BackupEnd
    from daicho.report.listing import Row

_MOST: Final = 50


@dataclass(frozen=True)
class BackupReport:
    """Which configurations were kept, which are different, not saved, not read."""

    end: BackupEnd

    def as_json(self) -> object:
        """Everything."""
        end = self.end
        return {
            "check": end.check,
            "read": end.devices,
            "changed": dict(end.changed),
            "unsaved": list(end.unsaved),
            "unread": dict(end.unread),
            "commit": end.commit,
            "folder": str(end.folder),
        }

    def listing(self) -> Listing:
        """One row per device that somebody may have to look at."""
        end = self.end
        rows: list[Row] = [
            {
                "device": name,
                "changed": name in end.changed,
                "saved": False if name in end.unsaved else None if name in end.unread else True,
                "digest": end.changed.get(name),
                "why": end.unread.get(name, ""),
            }
            for name in sorted({*end.changed, *end.unsaved, *end.unread})
        ]
        columns = ("device", "changed", "saved", "digest", "why")
        return Listing(columns=[Column(key=key, heading=key) for key in columns], rows=rows)

    def screen(self) -> RenderableType:
        """Numbers first, then names."""
        end = self.end
        kept = _("{commit} in {folder}").format(commit=(end.commit or "")[:12], folder=end.folder)
        facts: list[tuple[str, RenderableType]] = [
            (_("read"), _devices(end.devices)),
            (_("different"), f"{_devices(len(end.changed))}{_named(tuple(end.changed))}"),
            (_("kept as"), kept if end.commit else _("nothing is different from what was kept before")),
        ]
        return Group(Text(f"{end.check}  ", "bold").append(self._title()), facts_block(facts), *self._lists())

    def _title(self) -> Text:
        if self.end.unsaved:
            said = _("{devices} would not come back from a restart as they are now")
            return Text(said.format(devices=_devices(len(self.end.unsaved))), RED)
        if self.end.unread:
            return Text(
                _("{devices} could not be read").format(devices=_devices(len(self.end.unread))), CAREFUL
            )
        return Text(_("every device was read and is saved"), GOOD)

    def _lists(self) -> list[RenderableType]:
        parts: list[RenderableType] = []
        if self.end.unsaved:
            parts += [heading(_("Not saved")), *(Text(f"  {name}") for name in self.end.unsaved[:_MOST])]
        if self.end.unread:
            lines = [Text(f"  {name}: {why}") for name, why in list(self.end.unread.items())[:_MOST]]
            parts += [heading(_("Not read")), *lines]
        return parts


def _devices(count: int) -> str:
    return ngettext("{count} device", "{count} devices", count).format(count=count)


def _named(names: tuple[str, ...]) -> str:
    return f" ({some(names, 6)})" if names else ""
