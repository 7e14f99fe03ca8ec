"""What personnel says: one person joins, moves, leaves or comes back, from one day on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from daicho.i18n import N_

if TYPE_CHECKING:
    from datetime import date


class Kind(StrEnum):
    """The kind of a movement."""

    JOIN = "join"
    """採用: somebody new."""
    REHIRE = "rehire"
    """再任用, 復帰: somebody who has been here before, found by employee number."""
    MOVE = "move"
    """異動, 昇任: another section or post."""
    LEAVE = "leave"
    """退職, 転出: the effective date is the last day."""
    ASSIGN = "assign"
    """併任: a further section beside the own one."""
    UNASSIGN = "unassign"
    """併任解除: no longer in that further section."""
    EXTEND = "extend"
    """任期更新: the term ends on another day."""
    RENAME = "rename"
    """改姓: another name."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS = {
    Kind.JOIN: N_("joins"),
    Kind.REHIRE: N_("comes back"),
    Kind.MOVE: N_("moves"),
    Kind.LEAVE: N_("leaves"),
    Kind.ASSIGN: N_("gets a further section"),
    Kind.UNASSIGN: N_("gives up a further section"),
    Kind.EXTEND: N_("has a new end date"),
    Kind.RENAME: N_("has a new name"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A name as it is written and as it is read."""

    family: str = ""
    """Kanji as personnel writes it, NFC: 﨑 and 髙 stay what they are."""
    given: str = ""
    family_kana: str = ""
    """Full-width katakana."""
    given_kana: str = ""

    @property
    def full(self) -> str:
        """`佐藤 花子`."""
        return f"{self.family} {self.given}".strip()

    @property
    def kana(self) -> str:
        """`サトウ ハナコ`."""
        return f"{self.family_kana} {self.given_kana}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One row of a personnel file. Empty texts mean that the file does not say."""

    place: str
    """Where it stands: `row 7`, `line 12`."""
    number: str
    """Employee number: the one thing that never changes."""
    kind: Kind
    inferred: bool = False
    """Whether the file does not name the kind: a JOIN of somebody who is known is a MOVE or a REHIRE then."""
    effective: date
    """発令日: the first day of the new state; of a LEAVE the last day of service."""
    name: PersonName = PersonName()
    section: str = ""
    """Code of the section that is joined, moved to, assigned or unassigned."""
    old_section: str = ""
    """Code of the section that is left, where the file says it."""
    post: str = ""
    """官職: 課長, 係員."""
    mail: str = ""
    phone: str = ""
    room: str = ""
    manager: str = ""
    """Employee number of the superior."""
    card: str = ""
    """Number of the logon card."""
    until: date | None = None
    """Last day of a fixed term or an assignment."""
