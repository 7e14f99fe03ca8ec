"""The craft of `set_share_permissions`: the rights of folders, and of all that inherits from them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from daicho.accounts.opening import open_directory
from daicho.accounts.rules import SECRET
from daicho.craft import Trouble, Unreachable
from daicho.directory.settings import Flavour
from daicho.documents import judge
from daicho.door import Intention
from daicho.fileserver import sddl
from daicho.fileserver.connections import Connections
from daicho.fileserver.inheritance import following
from daicho.fileserver.planning import Folder, locked_out, told, wanted
from daicho.fileserver.policy import SharePolicy, located, spelled
from daicho.fileserver.principals import Principals
from daicho.fileserver.share import Account
from daicho.fileserver.sids import NotReadable
from daicho.fileserver.walk import MOST_TOLD, Order, Walk, Walked, put, same
from daicho.fileserver.wrong import FileServerError
from daicho.i18n import gettext as _
from daicho.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from daicho.accounts.rules import DirectoryFile
    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.directory.session import Session
    from daicho.fileserver.descriptors import Descriptor, Entry
    from daicho.fileserver.policy import FolderPolicy
    from daicho.fileserver.share import Share
    from daicho.plan import Scalar, TargetState

RIGHTS: Final = "rights:"
"""`rights:人事課/給与`: the rights of a folder, as SDDL."""
FOLLOWS: Final = "everything below follows"
_SHOWN: Final = 10


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per folder that is below no other one of the policy."""
    return [Item(path, "share", located(path)[0]) for path in _policy(inputs).tops]


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `set_share_permissions`."""
    with open_directory(bench) as opened:
        if opened.rules.directory.flavour is not Flavour.AD:
            raise Trouble(why=_("only Active Directory knows the SIDs that file servers keep"))
        account = account_of(bench.secret, opened.rules)
        with Connections(account, opened.rules.directory.addresses) as connections:
            yield ShareCraft(
                policies=_policy(bench.inputs).tops,
                connections=connections,
                session=opened.session,
                login=account.name,
                undo=bench.undo,
            )


def account_of(secret_of: Callable[[str], str], rules: DirectoryFile) -> Account:
    """Who logs on to the file servers of a site."""
    own = rules.homes.user
    name, secret = (own, "fileserver") if own else (rules.directory.bind_name, SECRET)
    return Account(name=name, secret=partial(secret_of, secret))


def _policy(inputs: Mapping[str, object]) -> SharePolicy:
    return judge(SharePolicy, dict(inputs), "inputs")


@dataclass(frozen=True, kw_only=True)
class ShareCraft:
    """Rehearses and carries out what a policy wants of folders."""

    policies: Mapping[str, Sequence[FolderPolicy]]
    """By target."""
    connections: Connections
    session: Session
    """The directory."""
    login: str
    """Who logs on to the file servers."""
    undo: bool

    @cached_property
    def everybody(self) -> Principals:
        """Everybody in the directory; a run, which only does what was planned, never asks."""
        return Principals.read(self.session)

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """What would become of each folder and of what is below."""
        for target in targets:
            try:
                yield target.name, self._rehearsed(target)
            except (FileServerError, NotReadable, Trouble) as error:
                yield target.name, _trouble(error)

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Give each folder its approved rights, and let what is below follow."""
        for target in targets:
            try:
                state = self._carried_out(target, begin)
            except (FileServerError, NotReadable, Trouble) as error:
                yield target.name, _trouble(error)
            else:
                if state is not None:
                    yield target.name, state

    def _rehearsed(self, target: Target) -> Intention:
        server, share, _below = located(target.name)
        one = self.connections.one(server, share)
        if target.wanted is not None:
            return self._back(target.name, target.wanted)
        policies = self.policies[target.name]
        folders = self._folders(policies, one)
        self._guard(policies, folders)
        walked = self._walked(target.name, folders, write=False)
        if walked.refused:
            raise Trouble(why=_refusals(walked))
        before = {_key(folder.path): sddl.to_text(folder.before) for folder in folders}
        after = {_key(folder.path): sddl.to_text(folder.after) for folder in folders}
        for way, (was, becomes) in walked.told.items():
            before[_key_of(way)], after[_key_of(way)] = sddl.to_text(was), sddl.to_text(becomes)
        return Intention(
            target=target.name,
            before={**before, FOLLOWS: not walked.changed and before == after},
            after={**after, FOLLOWS: True},
            inverse=None if (lost := _lost(policies, walked)) else {**before, FOLLOWS: True},
            irreversible=lost,
            notes=tuple(self._notes(folders, walked)),
        )

    def _back(self, name: str, wishes: TargetState) -> Intention:
        """What taking a change back would do."""
        present = self._present(name, wishes)
        folders = [
            Folder(path=path, before=sddl.from_text(str(was)), after=sddl.from_text(str(wishes[key])))
            for policy in self.policies[name]
            if (key := _key(path := policy.path)) in wishes and (was := present[key])
        ]
        walked = self._walked(name, folders, write=False)
        return Intention(
            target=name,
            before=present,
            after=wishes,
            inverse={**present, FOLLOWS: True},
            notes=tuple(self._notes(folders, walked)),
        )

    def _carried_out(self, target: Target, begin: Begin) -> TargetState | None:
        wishes = target.wanted or {}
        if not begin(target.name, self._present(target.name, wishes)):
            return None
        one = self.connections.one(*located(target.name)[:2])
        folders = [
            Folder(path=path, before=_there(one, path), after=sddl.from_text(str(text)))
            for key, text in wishes.items()
            if (path := path_of(target.name, key))
        ]
        walked = self._walked(target.name, folders, write=True)
        if walked.refused:
            raise Trouble(why=_refusals(walked))
        return {**self._rights(target.name, wishes), FOLLOWS: True}

    def _folders(self, policies: Sequence[FolderPolicy], share: Share) -> list[Folder]:
        """The folders of a target as they are and as they are to be, nearest first."""
        known: dict[str, Descriptor] = {}
        found: list[Folder] = []
        for policy in policies:
            way = located(policy.path)[2]
            present = _there(share, policy.path)
            above = self._above(way, share, known) if policy.inherits else ()
            after = wanted(policy, present, above, self.everybody)
            known[way.casefold()] = after
            found.append(Folder(path=policy.path, before=present, after=after))
        return found

    def _above(self, way: str, share: Share, known: dict[str, Descriptor]) -> tuple[Entry, ...]:
        """The entries that the folder above is to have."""
        if not way:
            why = _("what a share's own folder inherits from cannot be seen; write inherits: false for it")
            raise Trouble(why=why)
        parent = way.rpartition("\\")[0]
        if parent.casefold() not in known:
            present = share.rights(parent)
            if present is None:
                raise Trouble(why=_("there is no folder {path}").format(path=parent))
            covered = any(parent.casefold().startswith(each + "\\") or not each for each in known)
            if covered:
                present = following(present, self._above(parent, share, known), folder=True)
            known[parent.casefold()] = present
        return known[parent.casefold()].entries

    def _guard(self, policies: Sequence[FolderPolicy], folders: Sequence[Folder]) -> None:
        for policy, folder in zip(policies, folders, strict=True):
            if policy.lock_out:
                continue
            for said in locked_out(folder, self.everybody.account(self.login), self.everybody):
                why = _("{path}: {said}. Add who is missing, or write lock_out: true if it is meant")
                raise Trouble(why=why.format(path=folder.path, said=said))

    def _walked(
        self, name: str, folders: Sequence[Folder], *, write: bool, first_only: bool = False
    ) -> Walked:
        """Bring folders to their rights, or only look; then all that is below."""
        server, share, _below = located(name)
        shares = self.connections.several(server, share)
        policies = () if self.undo else self.policies[name]
        order = Order(
            write=write,
            replacing={located(each.path)[2].casefold(): each.below == "replace" for each in policies},
            leaving={
                located(each.path)[2].casefold() for each in self.policies[name] if each.below == "leave"
            },
            exact={located(folder.path)[2].casefold(): folder.after for folder in folders},
            first_only=first_only,
        )
        walk = Walk(shares, order)
        found = Walked()
        for folder in sorted(folders, key=lambda each: each.path.count("/")):
            way = located(folder.path)[2]
            if way.casefold() in found.met:
                continue
            if write and not same(folder.before, folder.after):
                put(shares[0], way, folder.before, folder.after)
            found = walk.below(way, folder.before, folder.after)
            if first_only and found.changed:
                break
        return found

    def _present(self, name: str, wishes: TargetState) -> dict[str, Scalar]:
        """The state of a target now, in the keys that are wished for."""
        found = self._rights(name, wishes)
        follows = all(found[key] == wishes[key] for key in found)
        if follows:
            folders = [
                Folder(path=path, before=sddl.from_text(str(text)), after=sddl.from_text(str(text)))
                for key, text in found.items()
                if (path := path_of(name, key))
            ]
            walked = self._walked(name, folders, write=False, first_only=True)
            follows = not walked.changed and not walked.refused
        return {**found, FOLLOWS: follows}

    def _rights(self, name: str, wishes: TargetState) -> dict[str, Scalar]:
        one = self.connections.one(*located(name)[:2])
        found: dict[str, Scalar] = {}
        for key in wishes:
            if path := path_of(name, key):
                rights = one.rights(located(path)[2])
                found[key] = sddl.to_text(rights) if rights else None
        return found

    def _notes(self, folders: Sequence[Folder], walked: Walked) -> Iterator[str]:
        for folder in folders:
            yield from told(folder, self.everybody)
        said = _("{seen} files and folders below were looked at; {changed} of them do not follow yet.")
        yield said.format(seen=walked.seen, changed=walked.changed)
        if walked.protected:
            said = _("{count} of them are protected: they and what is below them stay as they are.")
            yield said.format(count=walked.protected)
        if walked.own:
            said = _(
                "{count} of them keep entries of their own, for {names}; `below: replace` takes them away."
            )
            names = sorted(self.everybody.name(sid) for sid in walked.named if sid)
            shown = [*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])]
            yield said.format(count=walked.own, names=", ".join(shown))
        if walked.links:
            yield _("{count} links are not followed.").format(count=walked.links)
        if walked.untold:
            said = _("{count} more had not followed before: taking it back lets them follow, too.")
            yield said.format(count=walked.untold)


def _lost(policies: Sequence[FolderPolicy], walked: Walked) -> str:
    """Why there is no way back, if there is none."""
    if not walked.untold or all(policy.below == "follow" for policy in policies):
        return ""
    said = _("More than {most} files and folders below lose entries of their own, and only so many are kept.")
    return said.format(most=MOST_TOLD)


def _key(path: str) -> str:
    return _key_of(located(path)[2])


def _key_of(way: str) -> str:
    return RIGHTS + (way.replace("\\", "/") or "/")


def path_of(name: str, key: str) -> str:
    """The path of the folder that a key of a target's state is about; empty: it is about none."""
    server, share, _below = located(name)
    return spelled(server, share, key.removeprefix(RIGHTS).strip("/")) if key.startswith(RIGHTS) else ""


def _there(share: Share, path: str) -> Descriptor:
    rights = share.rights(located(path)[2])
    if rights is None:
        raise Trouble(why=_("there is no folder {path}").format(path=path))
    return rights


def _refusals(walked: Walked) -> str:
    shown = "; ".join(
        f"{way}: {error}" for way, error in sorted(walked.refused, key=lambda each: each[0])[:_SHOWN]
    )
    said = _("{count} of {seen} below could not be read or changed: {shown}")
    return said.format(count=len(walked.refused), seen=walked.seen + len(walked.refused), shown=shown)


def _trouble(error: FileServerError | NotReadable | Trouble) -> Trouble:
    if isinstance(error, Trouble):
        return error
    away = isinstance(error, FileServerError) and error.unreachable
    return Unreachable(why=str(error)) if away else Trouble(why=str(error))
