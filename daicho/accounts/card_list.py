"""A list of cards as the card desk keeps it: CSV, TSV or Excel, with certificates in files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from daicho.accounts.certificates import UnfitCertificate, of_serial, pem_of, read_pem
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.columns import Findings
from daicho.items.decoding import decode
from daicho.items.headings import plain
from daicho.items.problems import ItemsUnusable, Problem, Unfit, UnreadableFile
from daicho.items.reading import bytes_of
from daicho.items.sheet import read_sheet
from daicho.items.table import Table, read_separated
from daicho.people.dates import read_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

type CardRow = dict[str, object]
"""A card as the inputs of `register_cards` have it."""

_FACTS: Final = {
    "person": "職員番号 職員コード 職番 社員番号 利用者id 利用者番号 employeenumber employeeid number",
    "number": "カード番号 icカード番号 職員証番号 臨時カード番号 cardnumber card",
    "certificate": "証明書 証明書ファイル ファイル file certificatefile",
    "issuer": "発行者 発行局 認証局 issuername",
    "serial": "シリアル番号 シリアル 証明書番号 証明書シリアル番号 serialnumber",
    "until": "期限 返却期限 有効期限 貸与期限 終了日 enddate",
}
_KNOWN: Final = {plain(word): fact for fact, words in _FACTS.items() for word in (fact, *words.split())}
_SUFFIXES: Final = (".pem", ".cer", ".crt", ".der")


class NoPeople(UnreadableFile):
    """No row of the table names the column with the people."""

    sentence = N_(
        "{document} has no heading for the employee number (such as 職員番号) in its first {rows} rows; "
        "it begins with: {first}."
    )


class CardsUnusable(ItemsUnusable):
    """A list of cards has problems; no change was asked for."""

    sentence = N_("{document} cannot be used; nothing was asked for. Problems: {count}\n{problems}")


@dataclass(frozen=True)
class CardWords:
    """What the headings of a list of cards mean."""

    key: ClassVar[str] = "person"
    absent: ClassVar[type[UnreadableFile]] = NoPeople

    def attribute(self, heading: str) -> str | None:
        """The fact that a heading means."""
        return _KNOWN.get(plain(heading))


def read_cards(path: Path, certificates: Path | None = None, encoding: str | None = None) -> list[CardRow]:
    """The cards of a list, in its order.

    Args:
        path: The list.
        certificates: The folder of the certificates, PEM or DER, named after the employee number or as the
            list says; None: the list has issuers and serial numbers.
        encoding: Of a text, where it is not found out.

    Raises:
        UnreadableFile: It is no table.
        CardsUnusable: Rows have problems; all of them are named with row, column and remedy.
    """
    data, words = bytes_of(path), CardWords()
    if path.suffix.lower() == ".xlsx":
        table = read_sheet(data, path.name, words, None)
    else:
        table = read_separated(decode(data, path.name, encoding), path.name, words)
    rows = _Rows(table, certificates)
    cards = list(rows.cards())
    if rows.problems:
        raise CardsUnusable(path.name, rows.problems)
    return cards


class _Rows:
    def __init__(self, table: Table, folder: Path | None) -> None:
        self._table, self._folder = table, folder
        self._facts = [_KNOWN.get(plain(heading)) for heading in table.headings]
        self._first: dict[str, str] = {}
        self._findings = Findings(table)
        self.problems = self._findings.problems

    def cards(self) -> Iterator[CardRow]:
        for number, cells in self._table.rows:
            place = self._findings.place(number)
            facts = {
                fact: fold(cell)
                for fact, cell in zip(self._facts, cells, strict=False)
                if fact and cell.strip()
            }
            if card := self._card(place, facts):
                yield card

    def _card(self, place: str, facts: Mapping[str, str]) -> CardRow | None:
        person = facts.get("person", "")
        if not person:
            self._tell(place, "person", _("it is empty. Write whose card it is"))
            return None
        if earlier := self._first.get(person.casefold()):
            self._tell(
                place,
                "person",
                _("{person} is in {place} already. Keep one").format(person=person, place=earlier),
            )
            return None
        self._first[person.casefold()] = place
        card: CardRow = {"person": person}
        if number := facts.get("number"):
            card["number"] = number
        if until := facts.get("until"):
            try:
                card["until"] = read_date(until).isoformat()
            except Unfit as error:
                self._tell(place, "until", str(error))
        try:
            return card | self._known_by(place, facts)
        except UnfitCertificate as error:
            self._tell(place, "certificate" if "certificate" in self._facts else "serial", str(error))
            return None

    def _known_by(self, place: str, facts: Mapping[str, str]) -> CardRow:
        issuer, serial = facts.get("issuer", ""), facts.get("serial", "")
        if issuer and serial:
            of_serial(issuer, serial)
            return {"issuer": issuer, "serial": serial}
        file = self._file(facts)
        if file is None:
            why = _("there is neither a certificate for {person} nor an issuer with a serial number")
            self._tell(place, "certificate", why.format(person=facts["person"]))
            return {}
        pem = pem_of(bytes_of(file))
        read_pem(pem)
        return {"certificate": pem}

    def _file(self, facts: Mapping[str, str]) -> Path | None:
        if self._folder is None:
            return None
        if given := facts.get("certificate"):
            names = [given]
        else:
            names = [facts["person"] + suffix for suffix in _SUFFIXES]
        # Only files of the folder itself: a list must not name others.
        paths = (self._folder / name for name in names if Path(name).name == name)
        return next((path for path in paths if path.is_file()), None)

    def _tell(self, place: str, fact: str, why: str) -> None:
        at = self._facts.index(fact) if fact in self._facts else None
        column = self._table.headings[at] if at is not None else ""
        self.problems.append(Problem(place, column, why))
