"""The craft of `install_printer` and `retire_printer`: a printer comes to all systems, or goes from all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, NetmaskValueError
from typing import TYPE_CHECKING, cast

from daicho.craft import Trouble, trouble_of
from daicho.door import Intention
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE
from daicho.moves.journal import Journal
from daicho.moves.part import marked, mine
from daicho.moves.saga import Saga
from daicho.plan import differences
from daicho.printing.comer import TAKEN, printers_of
from daicho.printing.coming import look, present_of, wanted_of
from daicho.printing.queueing import queues_in
from daicho.printing.systems import open_systems
from daicho.printing.testpage import print_page
from daicho.printing.wrong import PrintingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.plan import Scalar, TargetState
    from daicho.printing.comer import NewPrinter
    from daicho.printing.coming import Office
    from daicho.printing.systems import Systems


@contextmanager
def open_install(bench: Bench) -> Iterator[Craft]:
    """The craft of `install_printer`."""
    with open_systems(bench) as systems:
        yield Coming(
            saga=_saga(bench, systems, coming=not bench.undo),
            systems=systems,
            printers={printer.name: printer for printer in printers_of(bench.inputs)},
            test=bool(bench.inputs.get("test_page")) and not bench.undo,
        )


@contextmanager
def open_retire(bench: Bench) -> Iterator[Craft]:
    """The craft of `retire_printer`."""
    with open_systems(bench, str(bench.inputs.get("jobs_to") or ""), goes=True) as systems:
        heir = str(bench.inputs.get("default_printer") or "")
        yield Going(saga=_saga(bench, systems, coming=bench.undo), systems=systems, heir=heir)


def _saga(bench: Bench, systems: Systems, *, coming: bool) -> Saga:
    # What goes goes the other way round: nobody prints any more before its address is taken away.
    parts = systems.parts if coming else [*reversed(systems.parts)]
    return Saga(parts=parts, journal=Journal(bench.folder))


@dataclass(frozen=True, kw_only=True)
class PrinterCraft:
    """What both have in common."""

    saga: Saga
    systems: Systems

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each printer on every system."""
        if any(target.wanted is not None for target in targets):
            yield from self._compared(targets)
            return
        office = self._office(targets)
        planned: list[Target] = []
        for target in targets:
            try:
                planned.append(replace(target, wanted=self._wanted(office, target)))
            except Trouble as trouble:
                yield target.name, trouble
            except (AddressValueError, NetmaskValueError, ValueError) as error:
                yield target.name, Trouble(why=str(error))
        yield from self._compared(planned)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring each printer to its approved state."""
        yield from self.saga.carry_out(targets, begin)

    def _office(self, targets: Sequence[Target]) -> Office:
        raise NotImplementedError

    def _wanted(self, office: Office, target: Target) -> TargetState:
        raise NotImplementedError

    def _said(self, before: TargetState, after: TargetState) -> tuple[str, ...]:
        """What the plan says beside."""
        raise NotImplementedError

    def _compared(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        wanted = {target.name: target.wanted or {} for target in targets}
        for name, state in self.saga.states(targets).items():
            yield name, state if isinstance(state, Trouble) else self._intention(name, state, wanted[name])

    def _intention(self, name: str, before: TargetState, after: TargetState) -> Intention | Trouble:
        inverse = {each.key: each.before for each in differences(before, after)}
        return Intention(
            target=name, before=before, after=after, inverse=inverse or None, notes=self._said(before, after)
        )


@dataclass(frozen=True, kw_only=True)
class Coming(PrinterCraft):
    """Printers that come."""

    printers: Mapping[str, NewPrinter]
    test: bool
    """Whether each prints a test page in the end."""

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Bring each printer to all systems, and let it prove that it prints."""
        for name, state in self.saga.carry_out(targets, begin):
            if self.test and not isinstance(state, Trouble):
                try:
                    self._tested(state)
                except (PrintingError, Trouble) as error:
                    yield name, trouble_of(error)
                    continue
            yield name, state

    def _tested(self, state: TargetState) -> None:
        for server, queue in queues_in(mine(self.systems.queueing, state)):
            location = str(state.get(f"queue:{server} {queue} location") or "")
            print_page(self.systems.servers[server], queue, location)

    def _office(self, targets: Sequence[Target]) -> Office:
        wished = [self.printers[target.name].address for target in targets]
        office = look(self.systems, [target.name for target in targets], filter(None, wished))
        for target in targets:
            for address in cast("Sequence[str]", target.facts.get(TAKEN, ())):
                try:
                    office.taken.setdefault(IPv4Address(address), _("another item"))
                except AddressValueError:
                    continue
        return office

    def _wanted(self, office: Office, target: Target) -> TargetState:
        return wanted_of(office, self.printers[target.name])

    def _intention(self, name: str, before: TargetState, after: TargetState) -> Intention | Trouble:
        there = [key for key, value in before.items() if value is not None and after.get(key) is not None]
        if others := [key for key in there if before[key] != after[key]]:
            why = _("there is something of its name already: {keys}. Retire it first, or choose another name")
            shown = ", ".join(f"{key} = {before[key]}" for key in others)
            return Trouble(why=why.format(keys=shown))
        return super()._intention(name, before, after)

    def _said(self, before: TargetState, after: TargetState) -> tuple[str, ...]:
        del before
        address = after.get("item:address")
        if not address:
            return ()
        said = _("It gets the address {address} as soon as it is switched on; its queue is made then.")
        return (said.format(address=address),)


@dataclass(frozen=True, kw_only=True)
class Going(PrinterCraft):
    """Printers that go."""

    heir: str
    """The printer that those get whose default it is; empty: none."""

    def _office(self, targets: Sequence[Target]) -> Office:
        return look(self.systems, [target.name for target in targets])

    def _wanted(self, office: Office, target: Target) -> TargetState:
        known = cast("Mapping[str, str]", target.facts.get(ITEM_VARIABLE, {}))
        address = str(target.facts.get("ansible_host") or "")
        mac = next(iter(known.get("mac", "").split()), "")
        present: dict[str, Scalar] = present_of(office, target.name, address, mac)
        if not present:
            raise Trouble(why=_("no system knows it: there is nothing to take away"))
        return dict.fromkeys(present) | self._heirs(target.name)

    def _heirs(self, printer: str) -> dict[str, Scalar]:
        """What those get whose default it is."""
        if not (defaults := self.systems.defaults):
            return {}
        if self.heir and (self.heir == printer or not defaults.has_group(self.heir)):
            why = _("the directory has no group for the printer {name}: make it, or name another one")
            raise Trouble(why=why.format(name=self.heir))
        return marked(defaults, dict.fromkeys(defaults.users(printer), self.heir or None))

    def _said(self, before: TargetState, after: TargetState) -> tuple[str, ...]:
        del before, after
        return (_("Its item is retired and keeps its history; taken back, all of it is made again."),)
