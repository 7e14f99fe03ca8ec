"""Which updates a Windows machine gets, and what they mean for it: pure decisions over what it tells.

The state of a target is one key per article, `update:KB5034441`, and `reboot` where the policy may lead to
one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from daicho.craft import Trouble, Unreachable
from daicho.endpoints.windows_update import remedy, says
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daicho.plan import TargetState

REBOOT: Final = "reboot"
_POLICIES: Final = {"if_required": "if required", "always": "always"}
_MIB: Final = 1024 * 1024
_GROWTH: Final = 3
"""An update needs its download, what is unpacked of it, and the files that it replaces until the restart."""

CLASSES: Final[Mapping[str, str]] = {
    "SecurityUpdates": "Security Updates",
    "CriticalUpdates": "Critical Updates",
    "UpdateRollups": "Update Rollups",
    "DefinitionUpdates": "Definition Updates",
    "FeaturePacks": "Feature Packs",
    "ServicePacks": "Service Packs",
    "Drivers": "Drivers",
    "Updates": "Updates",
    "Upgrades": "Upgrades",
}
"""Windows Update's classes of updates: as a change names them, and as Windows does."""
_SECURITY: Final = ("SecurityUpdates", "CriticalUpdates", "UpdateRollups")
_NEVER_BY_ITSELF: Final = ("DefinitionUpdates", "Upgrades", "Drivers")

# The cumulative update comes with the servicing stack in one package since 2021, which cannot be removed:
# Microsoft Learn, "Servicing stack updates", and the release notes of every cumulative update.
_FOR_EVER: Final = (
    *("servicing stack", "サービス スタック", "サービシング スタック"),
    *("malicious software removal", "悪意のあるソフトウェアの削除"),
)
_CUMULATIVE: Final = ("cumulative update for", "累積更新", "累積的な更新")


class NotAsked(Trouble):
    """The update service did not tell what there is."""

    sentence = N_("Windows Update could not say what this machine lacks: {why}. {remedy}")


class NoRoom(Trouble):
    """The disk is too full for what is planned."""

    sentence = N_(
        "Not enough disk space (0x80070070): about {needed} needed on drive C:, {free} free. Make room "
        "(Disk Cleanup is a start), then plan again."
    )


class StillAtWork(Unreachable):
    """Updates are being installed there already, and go on; nobody would reboot into that."""

    sentence = N_(
        "Windows is installing updates there already and did not end within {seconds} s. Nothing was begun; "
        "it stays owing: `daicho run CHANGE` or `daicho retry` tries again."
    )


class RestartFirst(Trouble):
    """Windows installs nothing while a restart is pending."""

    sentence = N_(
        "A restart is pending, and Windows installs nothing before it. Restart the machine, or ask for the "
        "change with `reboot: if_required`."
    )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a change asks of a machine."""

    scope: str = "security"
    categories: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    reboot: str = "if_required"
    notice: int = 0
    """Minutes that somebody who is logged on has before the restart."""
    step: Literal["install", "download"] = "install"
    offline: bool = False
    """The updates are files in a folder of the machine: they have no class, and are all meant."""

    @property
    def classes(self) -> frozenset[str]:
        """The classes as Windows names them; empty: every one that is not left to itself."""
        named = self.categories or (_SECURITY if self.scope == "security" else ())
        return frozenset(CLASSES[name] for name in named)


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update that the service offers."""

    name: str
    """Its article, `KB5034441`, or its title if it has none."""
    title: str
    classes: tuple[str, ...]
    size: int
    downloaded: bool
    optional: bool
    removable: bool

    @classmethod
    def told(cls, body: Mapping[str, Any]) -> Self:
        """An update as `search_updates.ps1` tells it."""
        title, kbs = str(body["title"]), body["kbs"]
        return cls(
            name=str(kbs[0]) if kbs else title[:100],
            title=title,
            classes=tuple(body["classes"]),
            size=int(body["bytes"]),
            downloaded=bool(body["downloaded"]),
            optional=bool(body["optional"]),
            removable=bool(body["removable"]) and not _stays(title),
        )

    @property
    def remark(self) -> str:
        """`KB5034441: 2026-11 …, 812 MB (Security Updates)`."""
        kinds = ", ".join(each for each in self.classes if each in CLASSES.values())
        return f"{self.name}: {self.title}, {megabytes(self.size)} ({kinds or '-'})"

    def fits(self, patterns: Iterable[str]) -> str | None:
        """The first of these shell patterns that its article or its title is, in letters of any size."""
        names = (self.name.casefold(), self.title.casefold())
        return next((each for each in patterns if any(fnmatchcase(n, each.casefold()) for n in names)), None)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What would become of a machine."""

    before: TargetState
    after: TargetState
    inverse: TargetState | None
    irreversible: str
    notes: tuple[str, ...]


def offered(search: Mapping[str, Any]) -> tuple[Update, ...]:
    """The updates that a search tells.

    Raises:
        NotAsked: The service could not be asked.
    """
    if code := int(search.get("hresult") or 0):
        raise NotAsked(why=says(code), remedy=remedy(code))
    return tuple(Update.told(each) for each in search["updates"])


def choose(updates: Iterable[Update], wish: Wish) -> tuple[tuple[Update, ...], tuple[str, ...]]:
    """The updates that the change is about, and a sentence for each of its scope that it leaves out."""
    chosen: list[Update] = []
    kept: list[str] = []
    for update in sorted(updates, key=lambda each: each.name):
        if not _in_scope(update, wish):
            continue
        why = _obstacle(update, wish)
        if why:
            kept.append(_("{update} stays out: {why}.").format(update=update.name, why=why))
        else:
            chosen.append(update)
    return tuple(chosen), tuple(kept)


def _stays(title: str) -> bool:
    plain = title.casefold()
    if any(each in plain for each in _FOR_EVER):
        return True
    return any(each in plain for each in _CUMULATIVE) and ".net" not in plain


def _in_scope(update: Update, wish: Wish) -> bool:
    if wish.offline:
        return True
    if wish.classes:
        return not wish.classes.isdisjoint(update.classes)
    return frozenset(update.classes).isdisjoint(CLASSES[name] for name in _NEVER_BY_ITSELF)


def _obstacle(update: Update, wish: Wish) -> str | None:
    if pattern := update.fits(wish.deny):
        return _("denied by {pattern}").format(pattern=pattern)
    if update.optional and not update.fits(wish.allow):
        return _("it is a preview or optional; name it under `allow` to have it")
    if wish.allow and not update.fits(wish.allow):
        return _("not on the allow list")
    return None


def planned(present: Mapping[str, Any], search: Mapping[str, Any], wish: Wish) -> Found:
    """What a change would make of a machine.

    Args:
        present: What `get_patch_state.ps1` tells.
        search: What `search_updates.ps1` tells.
        wish: What is asked.

    Raises:
        Trouble: It could not be done there as it stands.
    """
    chosen, kept = choose(offered(search), wish)
    if wish.offline:
        chosen = tuple(each for each in chosen if each.name not in present["installed"])
    waiting = bool(present["reboot_pending"])
    if waiting and chosen and (wish.reboot == "never" or wish.step == "download"):
        raise RestartFirst
    _check_room(present, chosen, wish)
    if wish.step == "download":
        return _downloading(chosen, kept)
    before, after = _states(
        {each.name: False for each in chosen}, {each.name: True for each in chosen}, wish.reboot, waiting
    )
    lost = [each.name for each in chosen if not each.removable]
    return Found(
        before=before,
        after=after,
        inverse=None if lost else {key: before[key] for key in before if key != REBOOT},
        irreversible=_no_way_back(lost),
        notes=(*(each.remark for each in chosen), *kept, *_of_the_restart(present, before, wish)),
    )


def continued(
    present: Mapping[str, Any], search: Mapping[str, Any], wanted: TargetState, wish: Wish
) -> Found:
    """What an approved change, or an undo, still has to do on a machine; nothing else is looked at.

    Raises:
        Trouble: It cannot be done there as it stands.
    """
    if wish.step == "download":
        return _found(downloads(search, wanted), wanted)
    goal = {name: value == "installed" for name, value in articles(wanted).items()}
    have = {name: name in present["installed"] for name in goal}
    finish = bool(present["reboot_pending"]) or REBOOT in wanted
    before, after = _states(have, goal, wish.reboot, finish)
    return _found(before, after, _of_the_restart(present, before, wish))


def articles(state: TargetState) -> dict[str, object]:
    """Article → value, of a state's updates."""
    return {key.partition(":")[2]: value for key, value in state.items() if key.startswith("update:")}


def downloads(search: Mapping[str, Any], wanted: TargetState) -> dict[str, str]:
    """The state of what was to be downloaded, as the update service on the machine tells it."""
    there = {each.name: each.downloaded for each in offered(search)}
    # What is not offered any more was installed meanwhile: its files had been there.
    names = [key.partition(":")[2] for key in wanted if key.startswith("download:")]
    return {f"download:{n}": "downloaded" if there.get(n, True) else "not downloaded" for n in names}


def files(search: Mapping[str, Any]) -> dict[str, str]:
    """Article → where its file is on the machine, of an offline folder."""
    return {str(kb): str(each["id"]) for each in search["updates"] for kb in each["kbs"]}


def accepting(names: Sequence[str]) -> list[str]:
    """What makes `win_updates` take exactly these: it looks for regular expressions in title and article."""
    return [f"{re.escape(name)}(?![0-9])" if name.startswith("KB") else re.escape(name) for name in names]


def policy_words(policy: str) -> str:
    """The value of the key `reboot` once the policy has been carried out."""
    return _POLICIES.get(policy, policy)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{max(1, round(size / _MIB)):,} MB"


def _states(
    have: Mapping[str, bool], goal: Mapping[str, bool], policy: str, finish: bool
) -> tuple[dict[str, str], dict[str, str]]:
    before = {f"update:{name}": word(have[name]) for name in goal}
    after = {f"update:{name}": word(value) for name, value in goal.items()}
    if policy == "always" or (policy == "if_required" and (before != after or finish)):
        before[REBOOT], after[REBOOT] = "not done", _POLICIES[policy]
    return before, after


def _found(before: TargetState, after: TargetState, notes: tuple[str, ...] = ()) -> Found:
    inverse = {key: before[key] for key in before if key != REBOOT}
    return Found(before=before, after=after, inverse=inverse, irreversible="", notes=notes)


def word(installed: bool) -> str:
    """The value of an update's key."""
    return "installed" if installed else "not installed"


def _downloading(chosen: tuple[Update, ...], kept: tuple[str, ...]) -> Found:
    before = {
        f"download:{each.name}": "downloaded" if each.downloaded else "not downloaded" for each in chosen
    }
    brought = any(not each.downloaded for each in chosen)
    said = _("Downloaded files stay until Windows clears them away: there is nothing to take back.")
    return Found(
        before=before,
        after=dict.fromkeys(before, "downloaded"),
        inverse=None,
        irreversible=said if brought else "",
        notes=(*(each.remark for each in chosen), *kept),
    )


def _check_room(present: Mapping[str, Any], chosen: Iterable[Update], wish: Wish) -> None:
    growth = 1 if wish.step == "download" else _GROWTH
    needed = sum(each.size * growth for each in chosen)
    free = int(present["disk_free_mb"]) * _MIB
    if needed > free:
        raise NoRoom(needed=megabytes(needed), free=megabytes(free))


def _no_way_back(lost: Sequence[str]) -> str:
    if not lost:
        return ""
    said = _("Windows cannot remove {updates} again: its servicing stack, or what it brings, stays.")
    return said.format(updates=", ".join(lost))


def _of_the_restart(present: Mapping[str, Any], before: TargetState, wish: Wish) -> tuple[str, ...]:
    said = []
    if present["reboot_pending"]:
        said.append(_("A restart is already pending there."))
    if present.get("user") and REBOOT in before:
        told = _("Somebody is logged on: a restart is announced {minutes} min ahead.")
        said.append(told.format(minutes=wish.notice))
    if wish.reboot == "never":
        said.append("The machine is not rebooted, even if an update requires it.")
    elif REBOOT in before:
        always = wish.reboot == "always"
        required = "The machine is rebooted if an update requires it."
        said.append("The machine is rebooted." if always else required)
    return tuple(said)
