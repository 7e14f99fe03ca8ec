"""What has to be written so that one account becomes as wanted: as little as possible, in a safe order. Pure.

Whatever point a crash stops at, nobody can enter more than before or than wanted: a closing comes
first and an opening last, groups are left before others are joined, and a new account exists with
its password from its first moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from daicho.directory import state as keys
from daicho.directory.names import own, parent, same_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.plan import Scalar, TargetState

CONTROLS: Final = (keys.ENABLED, keys.EXPIRES, keys.MUST_CHANGE)
"""The keys that each kind of directory writes in attributes of its own."""


@dataclass(frozen=True, kw_only=True)
class Create:
    """Make the account, with its password."""

    dn: str
    attributes: Mapping[str, tuple[str, ...]]
    controls: Mapping[str, Scalar]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Change attributes and controls, all in one write."""

    dn: str
    attributes: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    """By name: the values now, and those wanted."""
    controls: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewPassword:
    """Set another password."""

    dn: str
    must_change: bool


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Put the account into a group or take it out."""

    dn: str
    group: str
    act: Literal["join", "leave"]


@dataclass(frozen=True, kw_only=True)
class Move:
    """Give the account another name, another place, or both."""

    dn: str
    own: str
    under: str

    @property
    def to(self) -> str:
        """The distinguished name afterwards."""
        return f"{self.own},{self.under}"


@dataclass(frozen=True, kw_only=True)
class Delete:
    """Take the account away: only to undo a creation."""

    dn: str


type Operation = Create | Change | NewPassword | Membership | Move | Delete


def operations(found: TargetState, wanted: TargetState) -> tuple[Operation, ...]:
    """The writes that lead from one state to the other; none if there is nothing to do.

    Args:
        found: The account as it is; empty or without `dn`: there is none.
        wanted: Its whole state afterwards; without `dn`: it is to be taken away.
    """
    now, then = found.get(keys.DN), wanted.get(keys.DN)
    if not now:
        return tuple(_creation(str(then), wanted)) if then else ()
    if not then:
        return (*_memberships(str(now), keys.groups(found), ()), Delete(dn=str(now)))
    return tuple(_way(str(now), str(then), found, wanted))


def _creation(dn: str, wanted: TargetState) -> Iterator[Operation]:
    yield Create(
        dn=dn,
        attributes=keys.attributes(_filled(wanted)),
        controls={key: wanted.get(key) for key in CONTROLS},
    )
    yield from _memberships(dn, (), keys.groups(wanted))


def _way(dn: str, then: str, found: TargetState, wanted: TargetState) -> Iterator[Operation]:
    controls = _controls(found, wanted)
    opening: dict[str, Scalar] = {}
    if controls.get(keys.ENABLED):  # it is opened together with its end
        opening = {key: controls.pop(key) for key in (keys.ENABLED, keys.EXPIRES) if key in controls}
    attributes = dict(_attributes(found, wanted))
    resets = _number(found) < _number(wanted)
    if controls or attributes:
        yield Change(dn=dn, attributes=attributes, controls=controls)
    if resets:
        yield NewPassword(dn=dn, must_change=bool(wanted.get(keys.MUST_CHANGE)))
    yield from _memberships(dn, keys.groups(found), keys.groups(wanted))
    if same_key(dn) != same_key(then) or dn != then:
        yield Move(dn=dn, own=own(then), under=parent(then))
    if opening:
        yield Change(dn=then, controls=opening)


def _controls(found: TargetState, wanted: TargetState) -> dict[str, Scalar]:
    return {
        key: wanted.get(key)
        for key in CONTROLS
        if wanted.get(key) != found.get(key) and (wanted.get(key) is not None or key == keys.EXPIRES)
    }


def _attributes(
    found: TargetState, wanted: TargetState
) -> Iterator[tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]]:
    now, then = keys.attributes(found), keys.attributes(wanted)
    for name in sorted({*now, *then}):
        before, after = now.get(name, ()), then.get(name, ())
        if before != after:
            yield name, (before, after)


def _memberships(dn: str, now: tuple[str, ...], then: tuple[str, ...]) -> Iterator[Membership]:
    for group in now:
        if group not in then:
            yield Membership(dn=dn, group=group, act="leave")
    for group in then:
        if group not in now:
            yield Membership(dn=dn, group=group, act="join")


def _filled(state: TargetState) -> TargetState:
    return {key: value for key, value in state.items() if value is not None}


def _number(state: TargetState) -> int:
    value = state.get(keys.PASSWORD_NUMBER)
    return value if isinstance(value, int) else 0
