"""The ledger as people read it: its entries, one entry, a verification."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from daicho.clock import stamp
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _
from daicho.report.facts import facts_block
from daicho.report.listing import Column, Listing
from daicho.report.words import GOOD, RED, person, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.ledger.entry import Entry
    from daicho.ledger.verify import Report
    from daicho.policy import Policy
    from daicho.report.listing import Row


def log_listing(entries: Sequence[Entry], policy: Policy) -> Listing:
    """Entries, one line each."""
    columns = [
        Column(key="seq", heading=N_("entry"), right=True),
        Column(key="at", heading=N_("when"), show=lambda row: str(row["shown"])),
        Column(key="by", heading=N_("by"), show=lambda row: person(policy, str(row["by"]))),
        Column(key="kind", heading=N_("what")),
        Column(key="of", heading=N_("about"), show=lambda row: _short(row["of"])),
        Column(key="gist", heading=N_("in short")),
    ]
    rows: list[Row] = [
        {
            "seq": entry.seq,
            "at": stamp(entry.at),
            "by": entry.by,
            "kind": entry.kind,
            "of": entry.of,
            "gist": gist(entry),
            "hash": entry.hash,
            "shown": when(policy, entry.at),
        }
        for entry in entries
    ]
    return Listing(columns=columns, rows=rows, empty=_("There is no such entry."), style=_style)


def gist(entry: Entry) -> str:
    """The part of an entry's body that says most, on one line."""
    body = entry.body
    for keys in _TELLING:
        if all(key in body for key in keys):
            text = " ".join(_short(body[key]) for key in keys).strip()
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return ""


_LONGEST = 100
_TELLING = (
    ("target", "outcome", "why"),
    ("target", "fingerprint"),
    ("target",),
    ("task", "path"),
    ("task",),
    ("wave", "targets"),
    ("causes",),
    ("state", "counts"),
    ("document",),
    ("approvers",),
    ("approver",),
    ("why",),
    ("permit", "targets"),
    ("plan", "taking_part"),
    ("name", "source"),
    ("digest",),
)


@dataclass(frozen=True, kw_only=True)
class EntryReport:
    """One entry, whole."""

    entry: Entry
    policy: Policy

    def as_json(self) -> object:
        """Its fields and its hash; `text` is what the hash is of."""
        fields: dict[str, Any] = json.loads(self.entry.text)
        return {**fields, "hash": self.entry.hash, "text": self.entry.text}

    def listing(self) -> Listing:
        """As one row of the log."""
        return log_listing([self.entry], self.policy)

    def screen(self) -> RenderableType:
        """Its head, then its body as it stands."""
        entry = self.entry
        pairs: list[tuple[str, RenderableType]] = [
            (_("entry"), str(entry.seq)),
            (_("what"), entry.kind),
            (_("about"), entry.of or "-"),
            (_("by"), person(self.policy, entry.by)),
            (_("when"), when(self.policy, entry.at)),
            (_("hash"), entry.hash),
            (_("previous hash"), entry.prev),
        ]
        body = json.dumps(entry.body, ensure_ascii=False, indent=2)
        return Group(facts_block(pairs), Text(f"\n{body}"))


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """What a verification found."""

    report: Report
    ledger: str
    tables: Sequence[str] = ()
    """What the tables beside the chain say otherwise than it."""
    signatures: Sequence[str] = ()
    """What is wrong with the approvals."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.report.sound and not self.tables and not self.signatures

    def as_json(self) -> object:
        """The verdict with every finding."""
        report = self.report
        return {
            "ledger": self.ledger,
            "sound": self.sound,
            "entries": report.entries,
            "checkpoints": report.checkpoints,
            "findings": [{"seq": each.seq, "kind": each.kind, "said": str(each)} for each in report.findings],
            "tables": list(self.tables),
            "signatures": list(self.signatures),
            "notes": [str(each) for each in report.notes],
        }

    def listing(self) -> Listing:
        """One row per finding."""
        rows: list[Row] = [
            {"seq": each.seq, "kind": each.kind, "said": str(each)} for each in self.report.findings
        ]
        rows += [{"seq": None, "kind": "table", "said": said} for said in self.tables]
        rows += [{"seq": None, "kind": "signature", "said": said} for said in self.signatures]
        return Listing(columns=[Column(key=key, heading=key) for key in ("seq", "kind", "said")], rows=rows)

    def screen(self) -> RenderableType:
        """The verdict in one line, then every finding."""
        report = self.report
        read = ngettext(
            "{entries} entries read, {checkpoints} checkpoint held against them",
            "{entries} entries read, {checkpoints} checkpoints held against them",
            report.checkpoints,
        ).format(entries=f"{report.entries:,}", checkpoints=report.checkpoints)
        notes = [Text(_("note: {said}").format(said=each)) for each in report.notes]
        took = f"{report.seconds:.2f}"
        if self.sound:
            said = Text(
                _("The ledger is whole: every entry is as it was recorded, every signature holds."), GOOD
            )
            return Group(
                said,
                Text(_("{read} ({seconds} s).").format(read=read, seconds=took)),
                *notes,
            )
        lines = [Text(f"  {each}", RED) for each in report.findings]
        lines += [Text(f"  {each}", RED) for each in (*self.tables, *self.signatures)]
        head = Text(_("THE LEDGER IS BROKEN."), RED)
        step = _("Keep this file as it is and compare it with a copy: `daicho ledger verify --against COPY`.")
        if self.signatures:
            head = Text(_("The chain is whole, but signatures in it do not hold."), RED)
            step = _("Whoever wrote these entries did not have the approver's key. Call your auditor.")
        elif report.sound:
            head = Text(_("The chain is whole, but tables beside it were altered."), RED)
            step = _("`daicho ledger rebuild` makes them anew from the chain.")
        return Group(head, *lines, *notes, Text(_("{read}.").format(read=read)), Text(f"\n{step}", "bold"))


def _short(value: object) -> str:
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return ", ".join(str(each.get("reason", each)) for each in value)
        return " ".join(str(each) for each in value[:8]) + (" …" if len(value) > 8 else "")
    if isinstance(value, dict):
        if "title" in value:
            return str(value["title"])
        if "approvers" in value:
            return " ".join(value["approvers"])
        return ", ".join(f"{count} {name}" for name, count in value.items())
    text = str(value)
    return f"{text[:19]}…" if len(text) >= 64 and text.removeprefix("sha256:").isalnum() else text


def _style(row: Row) -> str:
    kind = str(row["kind"])
    return RED if kind == "run.refused" or "emergency" in str(row["gist"]) else ""
