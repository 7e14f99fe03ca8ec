"""Rights as they are become a policy that asks for just these: where a site begins. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.documents import judge
from daicho.fileserver import sddl
from daicho.fileserver.access import LABELS, level
from daicho.fileserver.descriptors import (
    ALLOW,
    CONTAINER,
    DENY,
    NO_FURTHER,
    OBJECT,
    ONLY_BELOW,
    Descriptor,
)
from daicho.fileserver.planning import Folder, locked_out, wanted
from daicho.fileserver.policy import MOST_FOLDERS, WORDS, FolderPolicy, spelled
from daicho.fileserver.walk import same
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.fileserver.descriptors import Entry
    from daicho.fileserver.principals import Principals
    from daicho.fileserver.survey import Place, Survey

_WORDS: Final = {mask: word for word, mask in WORDS.items() if word != "list"}
_ALL_PARTS: Final = ("folder", "subfolders", "files")
_HOW: Final = OBJECT | CONTAINER | NO_FURTHER | ONLY_BELOW
_PLAIN: Final = re.compile(
    r"[A-Za-z_\u3041-\u30fe\u4e00-\u9fff][\w\u3041-\u30fe\u4e00-\u9fff]*(?:[ -][\w-]+)*"
)
_MEANT_OTHERWISE: Final = frozenset({"yes", "no", "true", "false", "null", "on", "off", "y", "n"})


@dataclass(frozen=True, kw_only=True)
class Imported:
    """One folder of a policy, and what is to be said about it."""

    policy: FolderPolicy
    remarks: tuple[str, ...] = ()


def imported(
    survey: Survey, server: str, share: str, everybody: Principals, login: str
) -> Iterator[Imported]:
    """The folders that a policy has to name so that it asks for just what is there.

    Args:
        survey: What is there.
        server: Whose.
        share: In which share.
        everybody: Who is called what.
        login: Who will carry the policy out.
    """
    astray = _astray(survey)
    for place in survey.places:
        if place.folder:
            path = spelled(server, share, place.way)
            yield _imported(path, place, astray.get(place.way.casefold(), ()), (everybody, login))


def _imported(path: str, place: Place, astray: Sequence[str], known: tuple[Principals, str]) -> Imported:
    everybody, login = known
    given, remarks = _in_words(path, place, everybody)
    if "sddl" in given and not place.rights.null:
        remarks.append(_who(place, everybody))
    present = Folder(path=path, before=place.rights, after=place.rights)
    for said in locked_out(present, everybody.account(login), everybody):
        given["lock_out"] = True
        remarks.append(_("as it is, {said}").format(said=said))
    if astray:
        given["below"] = "leave"
        said = _("files below that do not follow it: {count}, like {name}; `below: replace` makes them")
        remarks.append(said.format(count=len(astray), name=_quoted(astray[0].rpartition("\\")[2])))
    return Imported(policy=judge(FolderPolicy, given, path), remarks=tuple(remarks))


def _in_words(path: str, place: Place, everybody: Principals) -> tuple[dict[str, object], list[str]]:
    """The folder in the words of a policy, or as SDDL if they do not reach."""
    rights = place.rights
    in_words: dict[str, object] = {"path": path, "owner": _name(rights.owner, everybody)}
    exact: dict[str, object] = {"path": path, "sddl": sddl.to_text(rights)}
    if rights.null:
        return exact, [_("there is no list: everybody may do everything")]
    if not rights.protected and place.above is None:
        return exact, [_("what it inherits from cannot be seen from outside the share")]
    if any(not _sayable(entry) for entry in place.own):
        return exact, [_("it has entries under a condition, or of a kind that words do not reach")]
    in_words["inherits"] = not rights.protected
    in_words["rights"] = [_right(entry, everybody) for entry in place.own]
    policy = judge(FolderPolicy, in_words, path)
    if same(rights, wanted(policy, rights, place.above or (), everybody)):
        return in_words, []
    if not place.follows:
        return exact, [_("it does not follow the folder above: it was moved here, or its tree is older")]
    return exact, [_("its entries are not marked or not in the order that Windows makes")]


def _sayable(entry: Entry) -> bool:
    return bool(
        entry.sid
        and entry.plain
        and entry.kind in {ALLOW, DENY}
        and 0 < entry.mask < 0x10000000
        and not entry.flags & ~_HOW
        and (not entry.flags & ONLY_BELOW or entry.flags & (OBJECT | CONTAINER))
        and (not entry.flags & NO_FURTHER or entry.flags & (OBJECT | CONTAINER))
    )


def _right(entry: Entry, everybody: Principals) -> dict[str, object]:
    below = ("subfolders",) * bool(entry.flags & CONTAINER) + ("files",) * bool(entry.flags & OBJECT)
    parts = ("folder",) * (not entry.flags & ONLY_BELOW) + below
    listed = entry.mask == WORDS["list"] and "files" not in parts
    found: dict[str, object] = {"who": _name(entry.sid, everybody)}
    found["may"] = "list" if listed else _WORDS.get(entry.mask, f"{entry.mask:#x}")
    if found["may"] == "traverse" and "files" in parts:
        found["may"] = f"{entry.mask:#x}"
    if entry.deny:
        found["deny"] = True
    if parts != _ALL_PARTS and not (found["may"] in {"list", "traverse"} and parts == _ALL_PARTS[:2]):
        found["on"] = list(parts)
    if entry.flags & NO_FURTHER:
        found["no_further"] = True
    return found


def _name(sid: str, everybody: Principals) -> str:
    """A name by which the directory finds the SID again; the SID itself if there is none."""
    name = everybody.typed(sid)
    return name or sid


def _who(place: Place, everybody: Principals) -> str:
    """`Administrators: full control, FS_人事課_RW: modify`, for SDDL is no text for people."""
    entries = place.rights.entries
    found = {}
    for sid in (entry.sid for entry in entries if entry.sid):
        its = Descriptor(entries=tuple(entry for entry in entries if entry.sid == sid))
        found[sid] = f"{everybody.name(sid)}: {_(LABELS[level(its, {sid})])}"
    return ", ".join(found.values()) or _("nobody may do anything")


def _astray(survey: Survey) -> dict[str, list[str]]:
    """Folder by its way in small letters → the files below that do not follow it."""
    found: dict[str, list[str]] = {}
    by_way = {place.way.casefold() for place in survey.places if place.folder}
    for place in survey.places:
        if place.folder or place.rights.protected or place.rights.null or place.follows:
            continue
        step = place.way.casefold()
        while step not in by_way:
            step = step.rpartition("\\")[0]
        found.setdefault(step, []).append(place.way)
    return found


def document(folders: Sequence[Imported], title: str, reason: str) -> str:
    """A change document that asks for these folders as they are."""
    lines = ["work: set_share_permissions", f"title: {_quoted(title)}", f"reason: {_quoted(reason)}"]
    lines += ['targets: ["*"]', "inputs:", "  folders:"]
    if len(folders) > MOST_FOLDERS:
        said = _("These are {count} folders, and one change takes {most}: part them.")
        lines.insert(0, "# " + said.format(count=len(folders), most=MOST_FOLDERS))
    return "\n".join([*lines, *(line for each in folders for line in _lines(each))]) + "\n"


def _lines(each: Imported) -> Iterator[str]:
    yield from (f"    # {remark}" for remark in each.remarks)
    told = each.policy.model_dump(mode="json", exclude_defaults=True)
    rights: Iterable[Mapping[str, object]] = told.pop("rights", ())
    mark = "-"
    for key, value in told.items():
        yield f"    {mark} {key}: {_shown(value)}"
        mark = " "
    if not each.policy.sddl:
        yield "      rights:" + ("" if rights else " []")
    for right in rights:
        yield "        - {" + ", ".join(f"{key}: {_shown(value)}" for key, value in right.items()) + "}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """A text as YAML reads it back."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _MEANT_OTHERWISE:
        return text
    return json.dumps(text, ensure_ascii=False)
