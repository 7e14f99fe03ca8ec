"""POSIX lists of rights as Linux keeps them, and what a policy of folders makes of them.

Layout: acl(5) and linux/posix_acl_xattr.h; a version, then tag, permissions and number of each entry.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import struct
from pathlib import Path
from typing import Any

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
OWNER, USER, GROUP_OF, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
NOBODY = 0xFFFFFFFF
VERSION = 2
PERMISSIONS = {"modify": 7, "read": 5, "list": 5, "traverse": 1}
_HEAD, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_LETTERS = {OWNER: "u", USER: "u", GROUP_OF: "g", GROUP: "g", MASK: "m", OTHER: "o"}
JOINED = ", "

Acl = dict[tuple[int, int], int]
"""(tag, number) → permissions."""


class Unsayable(Exception):
    """A policy names somebody whom this server does not know, or a folder that is not there."""


def packed(acl: Acl) -> bytes:
    """The bytes of a list, in the order that the kernel demands."""
    body = b"".join(_ENTRY.pack(tag, acl[tag, number], number) for tag, number in sorted(acl))
    return _HEAD.pack(VERSION) + body


def unpacked(data: bytes) -> Acl:
    """The list of these bytes."""
    if (
        len(data) < _HEAD.size
        or _HEAD.unpack_from(data)[0] != VERSION
        or (len(data) - _HEAD.size) % _ENTRY.size
    ):
        raise ValueError("no POSIX list of version 2")
    found = (_ENTRY.unpack_from(data, at) for at in range(_HEAD.size, len(data), _ENTRY.size))
    return {(tag, number): permissions for tag, permissions, number in found}


def of_mode(mode: int) -> Acl:
    """The list that plain permissions amount to."""
    return {
        (OWNER, NOBODY): mode >> 6 & 7,
        (GROUP_OF, NOBODY): mode >> 3 & 7,
        (OTHER, NOBODY): mode & 7,
    }


def read(path: str, which: str, mode: int) -> Acl:
    """The access list, or the default list (which may be empty), of what is there."""
    try:
        return unpacked(os.getxattr(path, which, follow_symlinks=False))
    except OSError as error:
        if error.errno not in {errno.ENODATA, errno.EOPNOTSUPP}:
            raise
    return of_mode(mode) if which == ACCESS else {}


def state(path: str) -> str | None:
    """Owner, group and both lists as one text; None: there is nothing of this name, or a link."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return None
    parts = [f"owner={_user(found.st_uid)}", f"group={_group(found.st_gid)}"]
    parts += _texts(read(path, ACCESS, found.st_mode), "")
    if stat.S_ISDIR(found.st_mode):
        parts += _texts(read(path, DEFAULT, found.st_mode), "d:")
    return JOINED.join(parts)


def _texts(acl: Acl, prefix: str) -> list[str]:
    found = []
    for tag, number in sorted(acl):
        name = _user(number) if tag == USER else _group(number) if tag == GROUP else ""
        bits = acl[tag, number]
        letters = "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
        found.append(f"{prefix}{_LETTERS[tag]}:{name}:{letters}")
    return found


def parsed(text: str) -> tuple[str, str, Acl, Acl]:
    """Owner, group, access list and default list of a state."""
    owner, group, *entries = text.split(JOINED)
    access: Acl = {}
    default: Acl = {}
    for entry in entries:
        into, rest = (default, entry[2:]) if entry.startswith("d:") else (access, entry)
        letter, _colon, named = rest.partition(":")
        name, _colon, bits = named.rpartition(":")
        tag = {"u": USER if name else OWNER, "g": GROUP if name else GROUP_OF, "m": MASK, "o": OTHER}[letter]
        number = NOBODY if not name else user_number(name) if tag == USER else group_number(name)
        into[tag, number] = sum(bit for bit, each in zip((4, 2, 1), bits, strict=True) if each != "-")
    return owner.partition("=")[2], group.partition("=")[2], access, default


def write(path: str, text: str) -> None:
    """Give a file or folder the rights of a state; each list in one step, so that none is ever half there."""
    owner, group, access, default = parsed(text)
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise Unsayable(f"{path} is a link")
    uid, gid = user_number(owner), group_number(group)
    if (found.st_uid, found.st_gid) != (uid, gid):
        os.chown(path, uid, gid, follow_symlinks=False)
    os.setxattr(path, ACCESS, packed(access), follow_symlinks=False)
    if not stat.S_ISDIR(found.st_mode):
        return
    if default:
        os.setxattr(path, DEFAULT, packed(default), follow_symlinks=False)
    elif read(path, DEFAULT, found.st_mode):
        os.removexattr(path, DEFAULT, follow_symlinks=False)


def wanted(folder: dict[str, Any], present: str) -> str:
    """The state that a policy wants of its folder."""
    owner, group, access, default = parsed(present)
    asked = [(principal(each["who"]), PERMISSIONS[each["may"]], each["on"]) for each in folder["rights"]]
    keep = folder["foreign"] == "keep"
    here = _list(access if keep else {}, {who: bits for who, bits, on in asked if "folder" in on})
    below = _list(default if keep else {}, {who: bits for who, bits, on in asked if "files" in on})
    if folder["owner"]:
        owner = _user(user_number(folder["owner"]))
    return JOINED.join([f"owner={owner}", f"group={group}", *_texts(here, ""), *_texts(below, "d:")])


def below(folder: str, present: str, path: str) -> str:
    """The state that something below gets from the state of the folder that a policy is about."""
    _owner, _group, _access, default = parsed(folder)
    owner, group, access, _default = parsed(present)
    got = default or {(OWNER, NOBODY): 7, (GROUP_OF, NOBODY): 0, (OTHER, NOBODY): 0}
    parts = [f"owner={owner}", f"group={group}"]
    if Path(path).is_dir():
        return JOINED.join([*parts, *_texts(got, ""), *_texts(default, "d:")])
    # Who could run a file still can; nobody can run one that was never to be run.
    bits = 7 if any(access[key] & 1 for key in access if key[0] in {OWNER, GROUP_OF, OTHER}) else 6
    cut = {OWNER, MASK, OTHER} | (set() if any(key[0] == MASK for key in got) else {GROUP_OF})
    return JOINED.join([*parts, *_texts({key: got[key] & (bits if key[0] in cut else 7) for key in got}, "")])


def _list(kept: Acl, asked: dict[tuple[int, int], int]) -> Acl:
    if not asked and not kept:
        return {(OWNER, NOBODY): 7, (GROUP_OF, NOBODY): 0, (OTHER, NOBODY): 0}
    made = {(OWNER, NOBODY): 7, (GROUP_OF, NOBODY): 0, (OTHER, NOBODY): 0}
    made.update({key: kept[key] for key in kept if key[0] in {USER, GROUP, GROUP_OF, OTHER}})
    made.update(asked)
    named = [bits for (tag, _number), bits in made.items() if tag in {USER, GROUP, GROUP_OF}]
    if any(tag in {USER, GROUP} for tag, _number in made):
        mask = 0
        for bits in named:
            mask |= bits
        made[MASK, NOBODY] = mask
    return made


def principal(who: str) -> tuple[int, int]:
    """Whom a policy means: a group, a person, or everybody else."""
    if who.casefold() == "everyone":
        return OTHER, NOBODY
    kind, colon, name = who.partition(":")
    if colon and kind in {"user", "group"}:
        return (USER, user_number(name)) if kind == "user" else (GROUP, group_number(name))
    user, group = _number(pwd.getpwnam, who), _number(grp.getgrnam, who)
    if user is not None and group is not None:
        raise Unsayable(f"a person and a group are called {who!r}: write user:{who} or group:{who}")
    if user is None and group is None:
        raise Unsayable(f"this server knows no group and no person called {who!r}")
    return (GROUP, group) if group is not None else (USER, user or 0)


def user_number(name: str) -> int:
    """The number of a person; a number stays one."""
    found = int(name) if name.isdecimal() else _number(pwd.getpwnam, name)
    if found is None:
        raise Unsayable(f"this server knows no person called {name!r}")
    return found


def group_number(name: str) -> int:
    """The number of a group; a number stays one."""
    found = int(name) if name.isdecimal() else _number(grp.getgrnam, name)
    if found is None:
        raise Unsayable(f"this server knows no group called {name!r}")
    return found


def _number(ask: Any, name: str) -> int | None:
    try:
        return int(ask(name)[2])
    except KeyError:
        return None


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
