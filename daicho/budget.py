"""The failure budget: how much may go wrong before a run stops by itself.

Failed, unreachable, drifted and unverified are counted apart, each absolutely or per cent of
all targets of the run, over all its waves and resumes. (Ansible's max_fail_percentage does not
count unreachable hosts and forgets between batches: ansible/ansible#56265, #82267.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BeforeValidator, Field

from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping


def _amount(value: object) -> int | str:
    # Judged before the union is tried, which would tell of each of its branches.
    match value:
        case bool():
            pass
        case int():
            if value < 0:
                raise ValueError(_("it cannot be negative"))
            return value
        case str() if (found := _SHARE.fullmatch(value)) and int(found[1]) <= 100:
            return value
    raise ValueError(_("{value!r:.60} is no amount; write 3 or 10%").format(value=value))


_SHARE: Final = re.compile(r"([0-9]{1,3})%")

type Amount = Annotated[int | str, BeforeValidator(_amount)]
"""A number of targets, or a share of them such as `10%`."""


class Budget(Document):
    """How many targets of each kind of trouble a run bears; one more stops it."""

    failed: Amount = Field(default="5%")
    """The work went wrong."""
    unreachable: Amount = Field(default="30%")
    """Off, or away: owing."""
    drifted: Amount = Field(default="30%")
    """No longer as planned: nothing was changed there."""
    unverified: Amount = Field(default=0)
    """Begun, and not known whether it is as approved."""

    def exceeded(self, counts: Mapping[Outcome, int], targets: int) -> str | None:
        """Which part of the budget is used up, in words, or None."""
        for name, outcome in _PARTS.items():
            bound = allowance(getattr(self, name), targets)
            count = counts.get(outcome, 0)
            if count > bound:
                said = ngettext(
                    "{count} target {outcome}, {bound} allowed",
                    "{count} targets {outcome}, {bound} allowed",
                    count,
                )
                return said.format(count=count, outcome=_(outcome.label), bound=bound)
        return None


_PARTS = {
    "failed": Outcome.FAILED,
    "unreachable": Outcome.UNREACHABLE,
    "drifted": Outcome.DRIFTED,
    "unverified": Outcome.UNKNOWN,
}


def allowance(amount: int | str, targets: int) -> int:
    """An amount as a number of targets; a share is rounded down."""
    if isinstance(amount, int):
        return amount
    return targets * int(amount.removesuffix("%")) // 100
