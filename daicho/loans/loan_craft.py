"""The craft of `select_loan_terminals`: what the ledger says of a terminal that is lent or comes back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from daicho.craft import Trouble
from daicho.door import Intention
from daicho.i18n import gettext as _
from daicho.items.groups import ITEM_VARIABLE
from daicho.loans.choosing import LOAN, ON, POOL, TO, UNTIL
from daicho.moves.ledgered import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.plan import Scalar, TargetState


@contextmanager
def open_loans(bench: Bench) -> Iterator[Craft]:
    """The craft; the ledger is the only system that it is about."""
    yield LoanCraft(inputs=bench.inputs)


@dataclass(frozen=True, kw_only=True)
class LoanCraft:
    """Lends terminals and takes them back."""

    inputs: Mapping[str, object]

    def rehearse(self, targets: Sequence[Target]) -> Iterable[tuple[str, Intention | Trouble]]:
        """What the ledger will say of each."""
        for target in targets:
            try:
                after = target.wanted if target.wanted is not None else self._wanted(target)
            except Trouble as trouble:
                yield target.name, trouble
                continue
            before = _now(target, after)
            yield target.name, Intention(target=target.name, before=before, after=dict(after), inverse=before)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterable[tuple[str, TargetState | Trouble]]:
        """It is written as the run is closed."""
        for target in targets:
            wanted = target.wanted or {}
            if begin(target.name, _now(target, wanted)):
                yield target.name, wanted

    def _wanted(self, target: Target) -> dict[str, Scalar]:
        known = _known(target)
        if known.get(POOL) != LOAN:
            why = _("it is none of the terminals that are lent (`pool=loan` in the ledger)")
            raise Trouble(why=why)
        who = known.get(TO)
        if self.inputs["act"] == "lend":
            if who:
                raise Trouble(why=_("it is lent to {who} already").format(who=who))
            told = {TO: self.inputs["to"], ON: self.inputs["on"], UNTIL: self.inputs["until"]}
            return {PREFIX + name: str(value) for name, value in told.items()}
        if not who:
            raise Trouble(why=_("it is not lent"))
        return dict.fromkeys(PREFIX + name for name in (TO, ON, UNTIL))


def _known(target: Target) -> Mapping[str, str]:
    return cast("Mapping[str, str]", target.facts.get(ITEM_VARIABLE, {}))


def _now(target: Target, keys: TargetState) -> dict[str, Scalar]:
    known = _known(target)
    return {key: known.get(key.removeprefix(PREFIX)) for key in keys}
