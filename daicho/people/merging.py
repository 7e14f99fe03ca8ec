"""Several steps of one person into one that comes to the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from daicho.people.step import Act, Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.people.step import Step

_LEAST: Final = (Act.RELEASE, Act.EXTEND, Act.ASSIGN, Act.RENAME)
"""Acts that give their name to the whole only if there is nothing greater."""


def merged(steps: Sequence[Step]) -> Step:
    """One step for all that is due for a person; the last word on everything counts."""
    whole = steps[0]
    for step in steps[1:]:
        whole = replace(
            step,
            exists=whole.exists,
            act=_greater(whole.act, step.act),
            profile=_over(whole.profile, step.profile),
            enabled=whole.enabled if step.enabled is None else step.enabled,
            gains=(whole.gains - step.loses) | step.gains,
            loses=(whole.loses - step.gains) | step.loses,
            expires=step.expires if step.expiry else whole.expires,
            expiry=step.expiry or whole.expiry,
            because=tuple(dict.fromkeys((*whole.because, *step.because))),
        )
    return whole


def _greater(earlier: Act, later: Act) -> Act:
    return earlier if later in _LEAST and earlier not in _LEAST else later


def _over(earlier: Profile, later: Profile) -> Profile:
    def last[T](one: T | None, other: T | None) -> T | None:
        return one if other is None else other

    return Profile(
        account=later.account,
        principal=last(earlier.principal, later.principal),
        mail=last(earlier.mail, later.mail),
        common_name=last(earlier.common_name, later.common_name),
        container=last(earlier.container, later.container),
        attributes={**earlier.attributes, **later.attributes},
        manager=last(earlier.manager, later.manager),
        home=last(earlier.home, later.home),
        script=last(earlier.script, later.script),
    )
