"""The rights that a policy wants of a folder, and who would be locked out by them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from daicho.fileserver import sddl
from daicho.fileserver.access import LABELS, gains, mask_of
from daicho.fileserver.descriptors import ALLOW, DENY, READ, Descriptor, Entry
from daicho.fileserver.inheritance import in_order, passed_on
from daicho.fileserver.sids import ADMINISTRATORS, BACKUP_OPERATORS, SYSTEM
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.fileserver.access import Gain
    from daicho.fileserver.policy import FolderPolicy
    from daicho.fileserver.principals import Principals

_CHANGE_RIGHTS: Final = 0x60000
"""READ_CONTROL and WRITE_DAC: what it takes to put a mistake right."""
_NAMED: Final = 200


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder before and after a policy."""

    path: str
    before: Descriptor
    after: Descriptor


def wanted(
    policy: FolderPolicy, present: Descriptor, above: tuple[Entry, ...], everybody: Principals
) -> Descriptor:
    """The rights that a policy wants of a folder.

    Args:
        policy: What is wanted.
        present: Its rights now.
        above: The entries that the folder above has or is to have.
        everybody: Who is called what.

    Raises:
        Trouble: The policy names somebody whom nobody knows.
    """
    if policy.sddl:
        exact = sddl.from_text(policy.sddl)
        return replace(exact, owner=exact.owner or present.owner)
    owner = everybody.sid(policy.owner) if policy.owner else present.owner
    own = [
        Entry(
            sid=everybody.sid(right.who),
            mask=right.mask,
            flags=right.flags,
            kind=DENY if right.deny else ALLOW,
        )
        for right in policy.rights
    ]
    if policy.foreign == "keep":
        named = {entry.sid for entry in own}
        own += [entry for entry in present.entries if not entry.inherited and entry.sid not in named]
    inherited = passed_on(above, folder=True, owner=owner) if policy.inherits else ()
    entries = in_order(dict.fromkeys((*own, *inherited)))
    return Descriptor(entries=entries, owner=owner, protected=not policy.inherits)


def locked_out(folder: Folder, ourselves: str | None, everybody: Principals) -> Iterator[str]:
    """Who could not put a mistake right, or not keep the files, after a change; in words."""
    if folder.after.null:
        return
    holds = everybody.holds(ADMINISTRATORS) | {SYSTEM}
    if mask_of(folder.after.entries, holds) & _CHANGE_RIGHTS != _CHANGE_RIGHTS:
        yield _("the administrators could not change its rights any more")
    if ourselves is not None:
        ours = everybody.holds(ourselves)
        owned = not folder.after.owner.startswith("S-1-3") and folder.after.owner in ours
        if not owned and mask_of(folder.after.entries, ours) & _CHANGE_RIGHTS != _CHANGE_RIGHTS:
            yield _("{name}, by whom this is done, could not change its rights any more").format(
                name=everybody.name(ourselves)
            )
    for sid in (BACKUP_OPERATORS, SYSTEM):
        could = folder.before.null or mask_of(folder.before.entries, {sid}) & READ == READ
        if could and mask_of(folder.after.entries, {sid}) & READ != READ:
            yield _("{name} could not read it for the backup any more").format(name=everybody.name(sid))


def told(folder: Folder, everybody: Principals) -> Iterator[str]:
    """What a change means for people, one sentence each; past two hundred they are counted."""
    more: dict[tuple[str, str, str], int] = {}
    for number, gain in enumerate(gains(folder.before, folder.after, everybody)):
        if number < _NAMED:
            yield _sentence(folder.path, gain)
            continue
        key = (LABELS[gain.before], LABELS[gain.after], " → ".join(gain.way))
        more[key] = more.get(key, 0) + 1
    for (before, after, way), count in more.items():
        said = _("{path}: {count} more people: {before} becomes {after} ({way})")
        yield said.format(path=folder.path, count=count, before=_(before), after=_(after), way=way or "-")
    if folder.before.owner != folder.after.owner:
        said = _("{path}: the owner changes from {before} to {after}.")
        names = (everybody.name(sid) for sid in (folder.before.owner, folder.after.owner))
        yield said.format(path=folder.path, before=next(names), after=next(names))


def _sentence(path: str, gain: Gain) -> str:
    if gain.loses:
        said = _("{path}: {person} loses access: {before} becomes {after} ({way}).")
    else:
        said = _("{path}: {person} gains access: {before} becomes {after} ({way}).")
    way = _("through {groups}").format(groups=" → ".join(gain.way)) if gain.way else _("named directly")
    labels = {"before": _(LABELS[gain.before]), "after": _(LABELS[gain.after])}
    return said.format(path=path, person=gain.person, way=way, **labels)
