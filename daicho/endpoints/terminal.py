"""A terminal for its next user: what stays of the one before, what goes, and what the next one gets. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer

from daicho.documents import Document
from daicho.i18n import N_, ngettext
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.plan import Scalar, TargetState

GROUPS: Final = {"Administrators": "S-1-5-32-544", "Remote Desktop Users": "S-1-5-32-555"}
"""Well-known groups: their names differ by the language of Windows, their SIDs do not."""
PROFILE: Final = "profile:"
"""`profile:OFFICE\\t.sato` → where it is."""
ARCHIVE: Final = "archive:"
MEMBER: Final = "member:"
"""`member:Administrators:OFFICE\\t.sato`."""
PRINTER: Final = "printer:"
DESCRIPTION: Final = "description"
OWNER: Final = "registered owner"
CREDENTIALS: Final = "saved credentials"
PEOPLE: Final = "profiles of others"
_ALWAYS: Final = re.compile(r"S-1-5-21-[\d-]+-(500|512)")
"""The machine's own administrator and the domain's administrators."""
_FOLDER: Final = re.compile(r"[A-Za-z]:\\[^\"*?<>|]+")
_ACCOUNT: Final = re.compile(r"[^\\\s][^\\]*\\[^\\]+")


class Terminal(Document):
    """What one terminal becomes; what is left out stays as it is."""

    terminal: str = Field(min_length=1, description=N_("The terminal, by its item."))
    next_user: str = Field(max_length=200, description=N_("Whose it will be: `OFFICE\\y.abe`."))
    owner: str | None = Field(
        default=None, max_length=200, description=N_("The name of its user, as Windows shows it (winver).")
    )
    description: str | None = Field(
        default=None, max_length=200, description=N_("What the network shows of the computer.")
    )
    administrators: tuple[str, ...] | None = Field(
        default=None,
        description=N_("Who is a local administrator, beside its own and the domain's administrators."),
    )
    remote_users: tuple[str, ...] | None = Field(
        default=None, description=N_("Who may log on from afar (Remote Desktop).")
    )
    printers: tuple[str, ...] | None = Field(
        default=None, description=N_("Shared printers that everybody has there: `\\\\prt1\\3F-A`.")
    )

    @field_validator("next_user")
    @classmethod
    def _is_account(cls, name: str) -> str:
        if not _ACCOUNT.fullmatch(name):
            raise ValueError(_("{name!r} is no account; write OFFICE\\y.abe").format(name=name))
        return name

    @field_validator("printers")
    @classmethod
    def _are_shares(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if wrong := [name for name in names or () if not re.fullmatch(r'\\\\[^\\"]+\\[^\\"]+', name)]:
            raise ValueError(
                _("{name!r} is no shared printer; write \\\\server\\printer").format(name=wrong[0])
            )
        return names

    @model_serializer(mode="wrap")
    def _said(self, written: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Only what was said: the plan shows it to approvers."""
        return {name: value for name, value in written(self).items() if value is not None}

    @property
    def members(self) -> Mapping[str, Sequence[str]]:
        """Group → who is to be in it, of the groups that are spoken of."""
        said = {"Administrators": self.administrators, "Remote Desktop Users": self.remote_users}
        return {name: members for name, members in said.items() if members is not None}


def is_folder(text: str) -> bool:
    """Whether this is a folder on a drive of the machine."""
    return bool(_FOLDER.fullmatch(text))


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for all terminals of a change."""

    keep: Sequence[str]
    """Accounts whose profiles stay, beside the next user's: our own among them."""
    archive: str
    """The folder that profiles are packed into; empty: they are deleted."""


def leaving(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The profiles that go, by account."""
    stay = {name.casefold() for name in (wish.next_user, *rules.keep)}
    names = {name.rpartition("\\")[2] for name in stay if name.startswith(".\\")}
    return sorted(
        (
            each
            for each in read["profiles"]
            if each["account"].casefold() not in stay
            and not _ALWAYS.fullmatch(each["sid"])
            and not (each["account"].casefold().rpartition("\\")[2] in names and _local(each, read))
        ),
        key=lambda each: str(each["account"]),
    )


def archive_of(account: str, wish: Terminal, rules: Rules) -> str:
    """Where a profile is packed to: a name of its own for each terminal and account."""
    plain = re.sub(r"[^\w.-]", "_", f"{wish.terminal}-{account}")
    return f"{rules.archive.rstrip('\\')}\\{plain}.zip"


def state_of(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> dict[str, Scalar]:
    """Everything there is of what such a change speaks of."""
    gone = leaving(wish, rules, read)
    state: dict[str, Scalar] = {PROFILE + each["account"]: each["path"] for each in gone}
    state |= {CREDENTIALS: sum(each["credentials"] for each in gone), PEOPLE: len(gone)}
    state |= {ARCHIVE + account: file for account, file in read["archives"].items()}
    for group, sid in GROUPS.items():
        state |= {f"{MEMBER}{group}:{each['name']}": True for each in read["groups"].get(sid, ())}
    state |= {PRINTER + name: True for name in read["printers"]}
    return {**state, DESCRIPTION: read["description"], OWNER: read["owner"]}


def wanted(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> dict[str, Scalar]:
    """What the terminal is to be, in the keys that the change speaks of."""
    after: dict[str, Scalar] = {CREDENTIALS: 0, PEOPLE: 0}
    for each in leaving(wish, rules, read):
        after[PROFILE + each["account"]] = None
        if rules.archive:
            after[ARCHIVE + each["account"]] = archive_of(each["account"], wish, rules)
    for group, members in wish.members.items():
        after |= _members(group, members, read["groups"].get(GROUPS[group], ()))
    if wish.printers is not None:
        after |= {PRINTER + name: None for name in read["printers"]}
        there = {str(name).casefold(): str(name) for name in read["printers"]}
        after |= {PRINTER + there.get(name.casefold(), name): True for name in wish.printers}
    if wish.description is not None:
        after[DESCRIPTION] = wish.description
    if wish.owner is not None:
        after[OWNER] = wish.owner
    return after


def _members(group: str, wishes: Sequence[str], present: Iterable[Mapping[str, str]]) -> dict[str, Scalar]:
    there = {each["name"].casefold(): each for each in present}
    meant = {name.casefold() for name in wishes}
    found: dict[str, Scalar] = {
        f"{MEMBER}{group}:{each['name']}": True if key in meant or _ALWAYS.fullmatch(each["sid"]) else None
        for key, each in there.items()
    }
    return found | {f"{MEMBER}{group}:{name}": True for name in wishes if name.casefold() not in there}


def settings(wishes: TargetState, present: TargetState) -> dict[str, object]:
    """What is to be set there, as `set_terminal` takes it; nothing of what is so already."""
    due = {key: value for key, value in wishes.items() if value != present.get(key)}
    members = {key: value for key, value in due.items() if key.startswith(MEMBER)}
    printers = {key: value for key, value in due.items() if key.startswith(PRINTER)}
    lists: dict[str, list[object]] = {
        "add": [_member(key) for key, value in members.items() if value],
        "remove": [_member(key) for key, value in members.items() if not value],
        "printers_add": [key.removeprefix(PRINTER) for key, value in printers.items() if value],
        "printers_remove": [key.removeprefix(PRINTER) for key, value in printers.items() if not value],
    }
    said = {name: due[key] for name, key in (("description", DESCRIPTION), ("owner", OWNER)) if key in due}
    return {**lists, **said} if said or any(lists.values()) else {}


def notes_of(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> Iterator[str]:
    """What is deleted, with its size, and what an approver has to know beside."""
    for each in leaving(wish, rules, read):
        said = (
            _("The profile of {account} ({path}, {size}, last used {day}) is packed into {file} and removed.")
            if rules.archive
            else _("The profile of {account} ({path}, {size}, last used {day}) is deleted.")
        )
        yield said.format(
            account=each["account"],
            path=each["path"],
            size=size_words(each["megabytes"]),
            day=each["used"][:10],
            file=archive_of(each["account"], wish, rules),
        )
    yield _("{size} are free on the system drive.").format(size=size_words(read["disk_free_mb"]))


def no_way_back(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> str:
    """Why there is no way back, if there is none."""
    gone = leaving(wish, rules, read)
    if not gone:
        return ""
    size = size_words(sum(each["megabytes"] for each in gone))
    if rules.archive:
        said = ngettext(
            "{count} profile ({size}) is removed; what is packed has to be put back by hand",
            "{count} profiles ({size}) are removed; what is packed has to be put back by hand",
            len(gone),
        )
    else:
        said = ngettext(
            "{count} profile ({size}) is deleted for good",
            "{count} profiles ({size}) are deleted for good",
            len(gone),
        )
    return said.format(count=len(gone), size=size)


def obstacles(wish: Terminal, rules: Rules, read: Mapping[str, Any]) -> Iterator[str]:
    """Why it cannot be done now, in words."""
    if users := read["users"]:
        said = _("{users} is logged on; it is done when nobody is")
        yield said.format(users=", ".join(users))
    gone = leaving(wish, rules, read)
    needed = sum(each["megabytes"] for each in gone)
    if rules.archive and read["disk_free_mb"] < needed:
        said = _(
            "there is too little room to pack {size}: {free} are free. Make room, or say `profiles: remove`"
        )
        yield said.format(size=size_words(needed), free=size_words(read["disk_free_mb"]))


def size_words(megabytes: int) -> str:
    """`830 MB`, `12.3 GB`."""
    return f"{megabytes} MB" if megabytes < 1000 else f"{megabytes / 1024:.1f} GB"


def _member(key: str) -> dict[str, str]:
    group, _colon, name = key.removeprefix(MEMBER).partition(":")
    return {"group": GROUPS[group], "member": name}


def _local(profile: Mapping[str, Any], read: Mapping[str, Any]) -> bool:
    return bool(profile["account"].casefold().startswith(f"{read['name'].casefold()}\\"))
