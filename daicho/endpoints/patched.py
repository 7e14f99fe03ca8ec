"""What came of updating a Windows machine: judged by what it tells, and put in words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from daicho.endpoints.patching import REBOOT, articles, policy_words, word
from daicho.endpoints.windows_update import passing, remedy, says
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.plan import TargetState

_NUMBER: Final = re.compile(r"0x(8[0-9A-Fa-f]{7})")


def now(wanted: TargetState, present: Mapping[str, Any], policy: str) -> dict[str, str]:
    """The state after the work, with the keys of what was wanted, as the machine itself tells it."""
    found = {f"update:{name}": word(is_installed(name, present)) for name in articles(wanted)}
    if REBOOT in wanted:
        found[REBOOT] = "still required" if present["reboot_pending"] else policy_words(policy)
    return found


def is_installed(name: str, present: Mapping[str, Any]) -> bool:
    """Whether a machine has an update.

    Windows lists few of its updates by article (no Office, no removal tool): what the service was asked for
    (`asked_online`) and does not miss any more counts as installed as well.
    """
    asked = bool(present.get("asked_online"))
    return name in present["installed"] or (asked and name not in present["missing"])


def lacking(wanted: TargetState, found: Mapping[str, Any]) -> list[str]:
    """The articles that are wanted and not there yet, to be installed or downloaded."""
    before = found["before"]
    return sorted(
        key.partition(":")[2]
        for key, value in wanted.items()
        if key.startswith(("update:", "download:")) and value in {"installed", "downloaded"}
        if before.get(key) != value
    )


def leaving(wanted: TargetState, found: Mapping[str, Any]) -> list[str]:
    """The articles that are there and are to go: what an undo removes."""
    before = articles(found["before"])
    gone = [name for name, value in articles(wanted).items() if value == "not installed"]
    return sorted(name for name in gone if before.get(name) == "installed")


def worth_another_try(done: Mapping[str, Any]) -> bool:
    """Whether `win_updates` failed for reasons that may have gone by themselves."""
    return bool(done.get("failed")) and passing([code for _update, code in _failures(done)])


def failure(done: Mapping[str, Any], wanted: TargetState, host: str) -> str:
    """Why a machine has not got its updates, in a sentence that says what to do; empty if nothing failed."""
    if not done.get("failed"):
        return ""
    failed = _failures(done)
    if not failed or not failed[0][0]:
        return _whole(done, [code for _name, code in failed], host)
    each = "; ".join(f"{name}: {says(code)}" for name, code in failed)
    remedies = " ".join(dict.fromkeys(remedy(code) for _name, code in failed))
    done_ones = sorted(_name(each) for each in _updates(done) if each.get("installed"))
    there = _(" Installed: {updates}.").format(updates=", ".join(done_ones)) if done_ones else ""
    said = _("{count} of {all} updates failed on {host}: {each}.{there} {remedies}")
    return said.format(
        count=len(failed),
        all=max(len(articles(wanted)), len(failed)),
        host=host,
        each=each,
        there=there,
        remedies=remedies,
    )


def _whole(done: Mapping[str, Any], codes: list[int], host: str) -> str:
    said = _("Windows Update failed on {host}: {why}. {remedy}")
    if codes:
        return said.format(host=host, why=says(codes[0]), remedy=remedy(codes[0]))
    why = " ".join(str(done.get("msg") or "").split()).rstrip(".")
    return said.format(host=host, why=why, remedy=_("Look at its log there, then plan again."))


def _failures(done: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What failed, and with which number: an update, or ("") the search or download of all."""
    failed = [
        (_name(each), int(each["failure_hresult_code"]))
        for each in _updates(done)
        if each.get("failure_hresult_code")
    ]
    if failed:
        return sorted(failed)
    told = _NUMBER.search(str(done.get("msg") or ""))
    whole = int(done.get("hresult") or (int(told[1], 16) if told else 0))
    return [("", whole)] if whole else []


def _updates(done: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((done.get("updates") or {}).values())


def _name(update: Mapping[str, Any]) -> str:
    kbs = update.get("kb") or []
    return f"KB{kbs[0]}" if kbs else str(update.get("title"))
