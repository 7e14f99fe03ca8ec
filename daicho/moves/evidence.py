"""Whether what was to move has moved: what switches, DHCP, DNS and the directory say. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from daicho.moves.rows import Row


class Proof(StrEnum):
    """What is looked for."""

    PORT = "port"
    ADDRESS = "address"
    NAME = "name"
    LOGON = "logon"
    PAGE = "page"

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS = {
    Proof.PORT: N_("on its new port, gone from the old"),
    Proof.ADDRESS: N_("address from the new network"),
    Proof.NAME: N_("name resolves both ways"),
    Proof.LOGON: N_("logged on since"),
    Proof.PAGE: N_("test page printed and counted"),
}


class Standing(StrEnum):
    """How something stands."""

    PROVEN = "proven"
    NOT_YET = "not_yet"
    """Nothing speaks against it: it may be switched off."""
    WRONG = "wrong"
    UNTOLD = "untold"
    """Nobody could be asked."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _STANDINGS[self]


_STANDINGS = {
    Standing.PROVEN: N_("confirmed"),
    Standing.NOT_YET: N_("not yet"),
    Standing.WRONG: N_("wrong"),
    Standing.UNTOLD: N_("could not tell"),
}


_PAGE = {True: Standing.PROVEN, False: Standing.WRONG, None: Standing.UNTOLD}


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """What the systems say; None: they were not asked or did not answer."""

    ports: Mapping[str, Collection[tuple[str, str]]] = field(default_factory=dict)
    """Hardware address → the ports (switch, port) on which it was learnt."""
    silent: Collection[str] = ()
    """Switches that could not be asked."""
    leases: Mapping[str, Collection[str]] | None = None
    """Hardware address → the addresses that it has now."""
    addresses: Mapping[str, Collection[str]] | None = None
    """Item → the addresses of its name."""
    backs: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Address → the items whose names it gives."""
    logons: Mapping[str, bool] | None = None
    """Item → whether it has logged on since the run."""
    pages: Mapping[str, bool | None] | None = None
    """Printer → whether its test page came out and was counted; None: it tells no counter."""
    plugged: Mapping[str, str] | None = None
    """Item → the outlet at which the technicians say that they plugged it in."""
    macs: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Item → its hardware addresses."""
    outlets: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Port (switch, port) → the outlet that leads to it."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How one move stands."""

    row: Row
    proofs: Mapping[Proof, Standing]
    questions: tuple[str, ...] = ()
    """What somebody has to answer, in words: nothing is guessed."""

    @property
    def standing(self) -> Standing:
        """The whole of it: proven only if nothing that could be asked is lacking."""
        found = set(self.proofs.values())
        if self.questions or Standing.WRONG in found:
            return Standing.WRONG
        # A logon comes when somebody works there; the network proves the move without it.
        hard = {standing for proof, standing in self.proofs.items() if proof is not Proof.LOGON}
        return next((each for each in (Standing.NOT_YET, Standing.UNTOLD) if each in hard), Standing.PROVEN)


def judge(rows: Iterable[Row], said: Witnesses) -> tuple[Verdict, ...]:
    """How each move stands, in the order of the rows."""
    rows = tuple(rows)
    wanted = {row.new.outlet.casefold(): row.item for row in rows if row.new.outlet}
    return tuple(_judged(row, said, wanted) for row in rows)


def _judged(row: Row, said: Witnesses, wanted: Mapping[str, str]) -> Verdict:
    proofs = {Proof.PORT: _port(row, said), Proof.ADDRESS: _address(row, said), Proof.NAME: _name(row, said)}
    if said.logons is not None:
        proofs[Proof.LOGON] = Standing.PROVEN if said.logons.get(row.item) else Standing.NOT_YET
    if said.pages is not None:
        proofs[Proof.PAGE] = _PAGE[said.pages.get(row.item, False)]
    return Verdict(row=row, proofs=proofs, questions=tuple(_questions(row, said, wanted)))


def _seen(row: Row, said: Witnesses) -> set[tuple[str, str]]:
    return {port for mac in said.macs.get(row.item, ()) for port in said.ports.get(mac, ())}


def _port(row: Row, said: Witnesses) -> Standing:
    new, old = (row.new.switch, row.new.port), (row.old.switch, row.old.port)
    seen = _seen(row, said)
    if new in seen and (old == new or old not in seen):
        return Standing.PROVEN
    if new[0] in said.silent:
        return Standing.UNTOLD
    return Standing.WRONG if seen else Standing.NOT_YET


def _address(row: Row, said: Witnesses) -> Standing:
    if said.leases is None:
        return Standing.UNTOLD
    has = {address for mac in said.macs.get(row.item, ()) for address in said.leases.get(mac, ())}
    # The lease of the old network runs out by itself; it is no proof against the new one.
    return Standing.PROVEN if row.new.address in has else Standing.NOT_YET


def _name(row: Row, said: Witnesses) -> Standing:
    if said.addresses is None:
        return Standing.UNTOLD
    forward = set(said.addresses.get(row.item, ()))
    both = forward == {row.new.address} and row.item in said.backs.get(row.new.address, ())
    return Standing.PROVEN if both else Standing.WRONG


def _questions(row: Row, said: Witnesses, wanted: Mapping[str, str]) -> Iterator[str]:
    if said.plugged is not None:
        yield from _of_scan(row, said.plugged, wanted)
    new, old, seen = (row.new.switch, row.new.port), (row.old.switch, row.old.port), _seen(row, said)
    if new in seen and old in seen and old != new:
        why = _("It is seen on the old and on the new port. Is there another one with its hardware address?")
        yield why
    for switch, port in sorted(seen - {new, old}):
        where = said.outlets.get((switch, port)) or f"{switch} {port}"
        why = _("It hangs at {where} and not at {planned}. Is it to stay there (change the plan), or moved?")
        yield why.format(where=where, planned=row.new.plug)


def _of_scan(row: Row, plugged: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    names = {name.casefold(): outlet for name, outlet in plugged.items()}
    there = names.get(row.item.casefold())
    if there is None:
        yield _("Nobody has scanned it. Where is it?")
    elif there.casefold() != row.new.outlet.casefold():
        other = wanted.get(there.casefold())
        whose = _(", which is planned for {other}").format(other=other) if other else ""
        why = _("It was plugged in at {there}{whose}, and planned for {planned}. Which of the two is right?")
        yield why.format(there=there, whose=whose, planned=row.new.plug)
