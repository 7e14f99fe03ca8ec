"""What a collection from the network devices found, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.items.item import natural_key
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing, table
from daicho.report.words import CAREFUL, GOOD, heading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.items.item import Item
    from daicho.life.collecting import CollectEnd
    from daicho.network.observing.observed import Observed
    from daicho.report.listing import Row

_MOST: Final = 20


@dataclass(frozen=True)
class CollectReport:
    """Where everything hangs, what the ledger learnt, and what is nobody's."""

    end: CollectEnd

    def as_json(self) -> object:
        """Everything, the devices' own tables too."""
        findings = self.end.findings
        return {
            "check": self.end.check,
            "devices": {name: _said(seen) for name, seen in self.end.seen.items()},
            "unread": dict(self.end.unread),
            "placed": {name: place._asdict() for name, place in findings.placed.items()},
            "several": {
                name: [place._asdict() for place in places] for name, places in findings.several.items()
            },
            "strangers": {mac: place._asdict() for mac, place in findings.strangers.items()},
            "recorded": [draft.of for draft in self.end.recorded.drafts],
        }

    def listing(self) -> Listing:
        """One row per item that hangs somewhere, and per hardware address that is nobody's."""
        findings, recorded = self.end.findings, {draft.of for draft in self.end.recorded.drafts}
        rows: list[Row] = [
            {"item": name, "mac": "", **place._asdict(), "recorded": name in recorded}
            for name, place in sorted(findings.placed.items(), key=lambda each: natural_key(each[0]))
        ]
        rows += [
            {"item": "", "mac": mac, **place._asdict(), "recorded": False}
            for mac, place in findings.strangers.items()
        ]
        keys = ("item", "mac", "switch", "port", "vlan", "recorded")
        return Listing(columns=[Column(key=key, heading=key) for key in keys], rows=rows)

    def screen(self) -> RenderableType:
        """Numbers first; then what is new, what is unclear, what is nobody's, who did not answer."""
        findings = self.end.findings
        facts: list[tuple[str, RenderableType]] = [
            (_("asked"), _devices(len(self.end.seen))),
            (_("placed"), _items(len(findings.placed))),
            (_("recorded anew"), _items(len(self.end.recorded.drafts))),
            (_("nobody's"), str(len(findings.strangers))),
        ]
        return Group(
            Text(f"{self.end.check}  ", "bold").append(self._title()), facts_block(facts), *self._lists()
        )

    def _title(self) -> Text:
        if self.end.unread:
            said = _("{devices} could not be asked")
            return Text(said.format(devices=_devices(len(self.end.unread))), CAREFUL)
        return Text(_("every device was asked"), GOOD)

    def _lists(self) -> list[RenderableType]:
        findings = self.end.findings
        parts: list[RenderableType] = []
        if moved := [item for item in findings.items if item.name in findings.placed]:
            parts += [heading(_("Hangs elsewhere than recorded")), table(_places(moved))]
        if findings.several:
            parts += [heading(_("Seen on several ports, so nothing was recorded"))]
            parts += [
                Text(f"  {name}: " + ", ".join(f"{place.switch} {place.port}" for place in places))
                for name, places in list(findings.several.items())[:_MOST]
            ]
        if findings.strangers:
            parts += [heading(_("Nobody's: no item has this hardware address"))]
            parts += [
                Text(f"  {mac}  {place.switch} {place.port}")
                for mac, place in list(findings.strangers.items())[:_MOST]
            ]
            parts += _more(len(findings.strangers))
        if self.end.unread:
            lines = [Text(f"  {name}: {why}") for name, why in list(self.end.unread.items())[:_MOST]]
            parts += [heading(_("Not asked")), *lines]
        return parts


def _places(items: list[Item]) -> Listing:
    rows: list[Row] = [
        {
            "name": item.name,
            **{key: item.attributes.get(key, "") for key in ("switch", "switch_port", "vlan")},
        }
        for item in sorted(items, key=lambda item: natural_key(item.name))[:_MOST]
    ]
    columns = [
        Column(key="name", heading=N_("name")),
        Column(key="switch", heading="switch", verbatim=True),
        Column(key="switch_port", heading="switch_port", verbatim=True),
        Column(key="vlan", heading="vlan", verbatim=True),
    ]
    return Listing(columns=columns, rows=rows)


def _said(seen: Observed) -> dict[str, object]:
    return {
        "software": seen.version,
        "model": seen.model,
        "serial": seen.serial,
        "ports": [port._asdict() for port in seen.ports],
        "neighbours": None if seen.heard is None else [each._asdict() for each in seen.heard],
        "stations": [each._asdict() for each in seen.stations],
        "arp": [each._asdict() for each in seen.bindings],
        "routes": list(seen.routes),
    }


def _more(count: int) -> list[RenderableType]:
    if count <= _MOST:
        return []
    return [Text("  " + _("and {count} more (`--output csv` names all)").format(count=count - _MOST))]


def _devices(count: int) -> str:
    return ngettext("{count} device", "{count} devices", count).format(count=count)


def _items(count: int) -> str:
    return ngettext("{count} item", "{count} items", count).format(count=count)
