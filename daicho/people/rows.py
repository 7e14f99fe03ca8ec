"""Rows of text into movements, noting every problem on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.columns import Findings
from daicho.items.problems import ItemsUnusable, Unfit
from daicho.people import cells
from daicho.people.dates import read_date
from daicho.people.demands import wants
from daicho.people.headings import Words, columns_of
from daicho.people.movement import Kind, Movement, PersonName
from daicho.people.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from daicho.items.table import Cells, Table
    from daicho.people.policy import People

_IN_WORDS: Final = {
    "name": ("family", "given", "佐藤 花子"),
    "kana": ("family_kana", "given_kana", "サトウ ハナコ"),
}

_RELATED: Final = {
    "family": ("name",),
    "given": ("name",),
    "family_kana": ("kana",),
    "given_kana": ("kana",),
    "section": ("section_name",),
    "old_section": ("old_section_name",),
}


def movements_of(table: Table, policy: People, effective: date | None = None) -> list[Movement]:
    """The movements that a table describes, in its order.

    Args:
        table: Headings and rows.
        policy: The site's words and sections.
        effective: The day of rows that name none.

    Raises:
        ItemsUnusable: Rows have problems; all of them are named with row, column and remedy.
    """
    rows = _Rows(table, policy, effective)
    found: list[Movement] = []
    if not rows.findings.problems:
        found = [movement for number, row in table.rows if (movement := rows.movement(number, row))]
        if not table.rows:
            rows.findings.tell(
                0, "", _("it holds no people: there is no row below its headings. Have it sent again.")
            )
    if rows.findings.problems:
        raise ItemsUnusable(table.document, rows.findings.problems)
    return found


class _Rows:
    def __init__(self, table: Table, policy: People, effective: date | None) -> None:
        self.findings = Findings(table)
        self._words = Words.of(policy)
        self._columns = columns_of(self.findings, self._words)
        self._headings = {fact: table.headings[place] for fact, place in self._columns.items()}
        self._width = len(table.headings)
        self._sections = policy.sections
        self._digits = policy.naming.number_digits
        self._effective = effective
        self._cleaners = self._cleaning()
        self._judged: dict[tuple[str, str], str | Unfit] = {}
        self._days: dict[str, date] = {}
        self._repeats = Repeats(self.findings, self._heading)
        if effective is None and "effective" not in self._columns:
            why = _("no column holds the effective dates (発令日). Add one, or say it with --effective.")
            self.findings.tell(0, "", why)

    def movement(self, number: int, row: Cells) -> Movement | None:
        """The movement in a row, unless it has a problem."""
        before = len(self.findings.problems)
        facts = self._facts(number, row)
        days = {fact: self._day(number, fact, facts.pop(fact, "")) for fact in ("effective", "until")}
        effective = days["effective"] or self._effective
        self._part_names(number, facts)
        self._agree(number, facts, "section")
        self._agree(number, facts, "old_section")
        kind = self._kind(number, facts)
        if len(self.findings.problems) == before and effective is None:
            self._tell(number, "effective", _("there is no effective date (発令日). Write the day."))
        if len(self.findings.problems) > before or effective is None or kind is None:
            return None
        name = PersonName(
            **{fact: facts.pop(fact, "") for fact in ("family", "given", "family_kana", "given_kana")}
        )
        inferred = not facts.pop("kind", "")
        movement = Movement(
            place=self.findings.place(number),
            kind=kind,
            inferred=inferred,
            effective=effective,
            until=days["until"],
            name=name,
            **facts,
        )
        self._require(number, movement)
        if len(self.findings.problems) > before:
            return None
        self._repeats.compare(number, movement)
        return movement

    def _facts(self, number: int, row: Cells) -> dict[str, str]:
        facts: dict[str, str] = {}
        for fact, place in self._columns.items():
            text = row[place].strip() if place < len(row) else ""
            if not text:
                if fact == "number":
                    why = _("the person has no employee number. Write it, or delete the row.")
                    self._tell(number, fact, why)
                continue
            value = self._clean(fact, text)
            if isinstance(value, Unfit):
                self._tell(number, fact, str(value))
            elif value:
                facts[fact] = value
        if any(cell.strip() for cell in row[self._width :]):
            why = _("there are {cells} cells under {headings} headings. Look for a comma without quotes.")
            self.findings.tell(number, "", why.format(cells=len(row), headings=self._width))
        return facts

    def _clean(self, fact: str, text: str) -> str | Unfit:
        # Most columns repeat a few values; names and numbers do not, and cost little.
        known = self._judged.get((fact, text))
        if known is None:
            try:
                known = self._cleaners[fact](text)
            except Unfit as unfit:
                known = unfit
            self._judged[fact, text] = known
        return known

    def _cleaning(self) -> Mapping[str, Callable[[str], str]]:
        def person(text: str) -> str:
            return cells.number(text, self._digits)

        section = self._sections.find
        return {
            **dict.fromkeys(("number", "manager"), person),
            **dict.fromkeys(("name", "family", "given"), cells.name),
            **dict.fromkeys(("kana", "family_kana", "given_kana"), cells.kana),
            **dict.fromkeys(("section", "section_name", "old_section", "old_section_name"), section),
            **dict.fromkeys(("phone", "room", "card"), cells.code),
            **dict.fromkeys(("kind", "effective", "until", "post"), cells.written),
            "mail": cells.mail,
        }

    def _day(self, number: int, fact: str, text: str) -> date | None:
        if not text:
            return None
        if text not in self._days:
            try:
                self._days[text] = read_date(text)
            except Unfit as unfit:
                self._tell(number, fact, str(unfit))
                return None
        return self._days[text]

    def _part_names(self, number: int, facts: dict[str, str]) -> None:
        for whole, (family, given, example) in _IN_WORDS.items():
            if text := facts.pop(whole, ""):
                try:
                    first, second = cells.parted(text, example)
                except Unfit as unfit:
                    self._tell(number, whole, str(unfit))
                    continue
                for fact, value in ((family, first), (given, second)):
                    if facts.setdefault(fact, value) != value:
                        why = _("{value!r} contradicts {other!r} in column {column}. Correct one of the two.")
                        column = self._heading(fact)
                        self._tell(number, whole, why.format(value=value, other=facts[fact], column=column))

    def _agree(self, number: int, facts: dict[str, str], fact: str) -> None:
        """A section that is given by code and by name has to be one section."""
        named = facts.pop(f"{fact}_name", "")
        code = facts.setdefault(fact, named)
        if named and code != named:
            why = _("{name} is section {named}, but column {column} says {code}. Correct one of the two.")
            self._tell(
                number,
                f"{fact}_name",
                why.format(
                    name=self._sections.name(named), named=named, column=self._heading(fact), code=code
                ),
            )

    def _kind(self, number: int, facts: Mapping[str, str]) -> Kind | None:
        if word := facts.get("kind"):
            kind = self._words.kind(word)
            if kind is None:
                why = _(
                    "{word!r} is no kind of movement. "
                    "Write {kinds}, or add it under people.kinds in directory.yml."
                )
                kinds = "採用, 再任用, 異動, 退職, 併任, 併任解除, 任期更新, 改姓"
                self._tell(number, "kind", why.format(word=word, kinds=kinds))
            return kind
        new, old = facts.get("section"), facts.get("old_section")
        if not new and not old:
            why = _(
                "neither a kind of movement nor a section says what happens. Write 採用, 異動, 退職 or alike."
            )
            self._tell(number, "kind" if "kind" in self._columns else "section", why)
            return None
        return Kind.LEAVE if not new else Kind.MOVE if old else Kind.JOIN

    def _require(self, number: int, movement: Movement) -> None:
        for fact, why in wants(movement):
            self._tell(number, fact, why)

    def _tell(self, number: int, fact: str, why: str) -> None:
        self.findings.tell(number, self._heading(fact), why)

    def _heading(self, fact: str) -> str:
        """The heading of a fact as the file writes it; that of a related column, where it has none."""
        for each in (fact, *_RELATED.get(fact, ())):
            if each in self._headings:
                return self._headings[each]
        return ""
