"""An account as a flat state: what the plan shows, what the drift check compares. Pure.

| key | value |
|---|---|
| `dn` | the distinguished name; absent: there is no account |
| `attribute:displayName` | the attribute's value |
| `value:proxyAddresses=smtp:a@example.jp` | `present`: one of several values of an attribute |
| `group:GS_端末係` | `member`; the group's logon name, or its DN if it is outside our base |
| `enabled` | true or false |
| `expires` | a stamp; absent: never |
| `must change password` | true or false |
| `password` | `set` |
| `password number` | how often it has been set (Active Directory): shows a reset, and no password |

No secret is ever in a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.plan import Scalar, TargetState

DN: Final = "dn"
ENABLED: Final = "enabled"
EXPIRES: Final = "expires"
MUST_CHANGE: Final = "must change password"
PASSWORD: Final = "password"  # noqa: S105 -- the name of a key
PASSWORD_NUMBER: Final = "password number"  # noqa: S105
MEMBER: Final = "member"
SET: Final = "set"
PRESENT: Final = "present"
_ATTRIBUTE: Final = "attribute:"
_VALUE: Final = "value:"
_GROUP: Final = "group:"
_PLAIN: Final = frozenset({DN, ENABLED, EXPIRES, MUST_CHANGE, PASSWORD, PASSWORD_NUMBER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account as it was read."""

    dn: str
    state: TargetState
    control: int = 0
    """Active Directory's userAccountControl: the flags that a state does not show must stay."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is directly in."""
        return groups(self.state)

    def attribute(self, name: str) -> str:
        """One attribute; empty: it has none."""
        return str(self.state.get(attribute_key(name)) or "")


def attribute_key(name: str) -> str:
    """`attribute:displayName`."""
    return _ATTRIBUTE + name


def value_key(name: str, value: str) -> str:
    """`value:proxyAddresses=smtp:a@example.jp`."""
    return f"{_VALUE}{name}={value}"


def group_key(name: str) -> str:
    """`group:GS_端末係`."""
    return _GROUP + name


def group_in(key: str) -> str | None:
    """The group that a key is about; None: it is about something else."""
    return key.removeprefix(_GROUP) if key.startswith(_GROUP) else None


def is_ours(key: str) -> bool:
    """Whether a key of a target's state is about the account, and not about its home folder or the like."""
    return key in _PLAIN or key.startswith((_ATTRIBUTE, _VALUE, _GROUP))


def groups(state: TargetState) -> tuple[str, ...]:
    """The groups in a state, sorted."""
    return tuple(sorted(_named(state, _GROUP)))


def attribute_in(key: str) -> str | None:
    """The attribute that a key is about; None: it is about something else."""
    if key.startswith(_ATTRIBUTE):
        return key.removeprefix(_ATTRIBUTE)
    return key.removeprefix(_VALUE).partition("=")[0] if key.startswith(_VALUE) else None


def attributes(state: TargetState) -> dict[str, tuple[str, ...]]:
    """The values of every attribute in a state; no values: it is to be emptied."""
    found: dict[str, list[str]] = {}
    for key, value in state.items():
        if key.startswith(_ATTRIBUTE):
            found.setdefault(key.removeprefix(_ATTRIBUTE), []).extend([] if value is None else [str(value)])
        elif key.startswith(_VALUE):
            name, _equals, one = key.removeprefix(_VALUE).partition("=")
            found.setdefault(name, []).extend([] if value is None else [one])
    return {name: tuple(sorted(set(values))) for name, values in found.items()}


def restricted(state: TargetState, keys: Iterable[str]) -> dict[str, Scalar]:
    """Only these keys of a state, those that it does not have as null."""
    return {key: state.get(key) for key in keys}


def merged(found: TargetState, wishes: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What a state becomes by some wishes; a wish of null takes the key away."""
    return {key: value for key, value in {**found, **wishes}.items() if value is not None}


def _named(state: TargetState, prefix: str) -> Iterator[str]:
    return (key.removeprefix(prefix) for key, value in state.items() if key.startswith(prefix) and value)
