"""What was changed in the directory without a run of ours, against what the ledger says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.directory import state as keys
from daicho.directory.names import same_key
from daicho.directory.polling import MEMBER
from daicho.plan import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from daicho.directory.polling import Write
    from daicho.plan import Scalar, TargetState

_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    keys.DN: ("name", "cn", "uid"),
    keys.ENABLED: ("userAccountControl", "pwdAccountLockedTime", "shadowExpire"),
    keys.EXPIRES: ("accountExpires", "pwdEndTime", "shadowExpire"),
    keys.MUST_CHANGE: ("pwdLastSet", "pwdReset", "shadowLastChange"),
    keys.PASSWORD: ("unicodePwd", "userPassword"),
    keys.PASSWORD_NUMBER: ("unicodePwd",),
}
"""The attributes that a key stands for."""


@dataclass(frozen=True, kw_only=True)
class Outside:
    """One difference that no run of ours explains."""

    account: str
    key: str
    recorded: Scalar
    """What the ledger says; null: the key was not there."""
    found: Scalar
    when: datetime | None = None
    """When it was written; None: the directory does not tell."""
    server: str = ""
    who: str = ""
    """Empty: the directory does not keep it; the server's event log does."""


def outside(
    recorded: Mapping[str, TargetState],
    present: Mapping[str, TargetState],
    writes: Iterable[Write],
    place: Callable[[str], str],
) -> tuple[Outside, ...]:
    """Every difference between the ledger and the directory, by account and key.

    Args:
        recorded: The last state of each account that a run of ours confirmed.
        present: The states now; an account that is in neither is of no concern.
        writes: What the directory says was written; it dates the differences.
        place: The distinguished name of a group by its name.
    """
    by_name: dict[str, list[Write]] = {}
    for write in writes:
        by_name.setdefault(same_key(write.dn), []).append(write)
    found = list[Outside]()
    for account in sorted({*recorded, *present}):
        before, now = recorded.get(account, {}), present.get(account, {})
        found += _of_one(account, before, now, _Dating(by_name, before, now, place))
    return tuple(found)


def _of_one(account: str, before: TargetState, now: TargetState, dating: _Dating) -> Iterator[Outside]:
    if not before:  # it was made by others: one line, not one per attribute
        write = dating.of(keys.DN)
        yield _outside(account, keys.DN, None, now.get(keys.DN), write)
        return
    if not now:
        yield _outside(account, keys.DN, before.get(keys.DN), None, dating.of(keys.DN))
        return
    for each in differences(before, now):
        if keys.is_ours(each.key):
            yield _outside(account, each.key, each.before, each.after, dating.of(each.key))


def _outside(account: str, key: str, recorded: Scalar, found: Scalar, write: Write | None) -> Outside:
    if write is None:
        return Outside(account=account, key=key, recorded=recorded, found=found)
    return Outside(
        account=account,
        key=key,
        recorded=recorded,
        found=found,
        when=write.when,
        server=write.server,
        who=write.who,
    )


class _Dating:
    """Finds the write that a difference comes from."""

    def __init__(
        self,
        writes: Mapping[str, list[Write]],
        before: TargetState,
        now: TargetState,
        place: Callable[[str], str],
    ) -> None:
        self._writes = writes
        names = {same_key(str(dn)) for state in (before, now) if (dn := state.get(keys.DN))}
        self._own = [write for name in names for write in writes.get(name, ())]
        self._place = place

    def of(self, key: str) -> Write | None:
        group = keys.group_in(key)
        if group is not None:
            listed = [each for each in self._of_group(group) if each.attribute in {MEMBER, ""}]
        else:
            attribute = keys.attribute_in(key)
            meant = (attribute,) if attribute else _ATTRIBUTES.get(key, ())
            listed = [each for each in self._own if each.attribute in meant or not each.attribute]
        return max(listed, key=lambda write: write.when, default=None)

    def _of_group(self, group: str) -> list[Write]:
        return self._writes.get(same_key(self._place(group)), [])
