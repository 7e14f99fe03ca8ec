"""The craft of moves, opened: the systems of the site that take part, in the order in which they are done."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from daicho.accounts.account_craft import AccountCraft
from daicho.accounts.opening import open_directory
from daicho.accounts.terminals import Terminals, by_name
from daicho.clock import now
from daicho.dhcp import kea
from daicho.directory.dialect import Kind
from daicho.directory.reading import Reader
from daicho.moves.describing import Describing
from daicho.moves.journal import Journal
from daicho.moves.ledgered import Ledgered
from daicho.moves.move_craft import MoveCraft
from daicho.moves.naming import Naming
from daicho.moves.office import OFFICE
from daicho.moves.reserving import Reserving
from daicho.moves.rules import MoveRules
from daicho.moves.saga import Saga
from daicho.nameservice import server as nameservice
from daicho.printing.defaults import Defaulting
from daicho.printing.listed import Listed
from daicho.printing.queueing import Queueing
from daicho.printing.systems import open_print_servers
from daicho.runners.switching import Switching
from daicho.services import ServicesFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.accounts.opening import Opened
    from daicho.craft import Begin, Bench, Craft, Target, Trouble
    from daicho.door import Intention
    from daicho.moves.office import Office
    from daicho.moves.part import Part
    from daicho.plan import TargetState

PREPARE = "prepare"


@contextmanager
def open_moves(bench: Bench) -> Iterator[Craft]:
    """The craft of `relocate_terminals`.

    Raises:
        DocumentError: moves.yml or services.yml cannot be used.
        Trouble, Unreachable: A system refuses us, or does not answer.
    """
    with ExitStack() as opened:
        yield _Opened(bench=bench, opened=opened)


@contextmanager
def open_printer_moves(bench: Bench) -> Iterator[Craft]:
    """The craft of `relocate_printers`: print servers and their objects in the directory take part, too.

    Raises:
        DocumentError: moves.yml or services.yml cannot be used.
        Trouble, Unreachable: A system refuses us, or does not answer.
    """
    with ExitStack() as opened:
        yield _Opened(bench=bench, opened=opened, printers=True)


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """The craft, which needs to know the office to open the switches' part."""

    bench: Bench
    opened: ExitStack
    printers: bool = False

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        return self._craft(targets).rehearse(targets)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        return self._craft(targets).carry_out(targets, begin)

    def _craft(self, targets: Sequence[Target]) -> MoveCraft:
        bench = self.bench
        site = bench.content / "site"
        rules, services = MoveRules.read(site), ServicesFile.read(site)
        prepare = bench.inputs.get("stage") == PREPARE
        office = cast("Office", targets[0].facts[OFFICE])
        reserving = None
        parts: list[Part] = []
        if services.dhcp:
            asked = self.opened.enter_context(kea.Kea(services.dhcp, partial(bench.secret, kea.SECRET)))
            reserving = Reserving(asked, prepare=prepare)
            parts.append(reserving)
        if not prepare:
            parts.append(Switching(bench=bench, rules=rules, office=office))
        if services.dns:
            key = partial(bench.secret, nameservice.SECRET)
            names = self.opened.enter_context(nameservice.NameServer(services.dns, key))
            parts.append(Naming(names, prepare=prepare))
        if not prepare:
            parts += self._described(rules, services, office)
            parts.append(Ledgered())
        return MoveCraft(
            saga=Saga(
                parts=parts,
                journal=Journal(bench.folder),
                # A preparation leaves everything where it is.
                hanging={} if prepare else {str(port): names for port, names in office.hanging.items()},
            ),
            rules=rules,
            wishes=cast("Sequence[Mapping[str, object]]", bench.inputs["moves"]),
            taken=reserving.taken if reserving else dict,
            prepare=prepare,
        )

    def _described(self, rules: MoveRules, services: ServicesFile, office: Office) -> Iterator[Part]:
        """Where people see it: queues, directory, whose default a printer is."""
        directory = cache(lambda: self.opened.enter_context(open_directory(self.bench)))
        if self.printers and services.printing:
            servers = self.opened.enter_context(open_print_servers(self.bench, services))
            yield Queueing(servers, services.queues)
        if self.printers and services.queues.directory:
            yield Listed(directory().session, services.queues.directory)
        if not self.printers and rules.directory:
            yield _describing(directory())
        if services.queues.default_group:
            reader = Reader(directory().session, Kind.COMPUTER)
            yield Defaulting(reader, services.queues.default_group, office)


def _describing(directory: Opened) -> Describing:
    reader = Reader(directory.session, Kind.COMPUTER)
    purpose = Terminals(reader=reader, rules=directory.rules, retire=False, reopen=False, day=now().date())
    return Describing(AccountCraft(reader=reader, purpose=purpose, find=by_name(reader)))
