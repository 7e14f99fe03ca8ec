"""Which updates a machine gets, and what they mean for it: pure decisions over plain facts.

Runs on the targets: the standard library of Python 3.9 and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

PREFIX = "package:"
REBOOT = "reboot"
REBOOT_STATES = {"if_required": "if required", "always": "always"}
MIB = 1 << 20


class Source(NamedTuple):
    """Where a version comes from, as its Release file says."""

    origin: str
    suite: str
    codename: str
    label: str

    def is_security(self, patterns: list[str]) -> bool:
        """Whether the suite, codename or label is one of those that carry security updates."""
        names = (self.suite, self.codename, self.label)
        return any(fnmatchcase(name, pattern) for name in names if name for pattern in patterns)


class Offer(NamedTuple):
    """A version that the archive offers."""

    version: str
    sources: tuple[Source, ...]

    def is_security(self, patterns: list[str]) -> bool:
        """Whether a security suite carries this version."""
        return any(source.is_security(patterns) for source in self.sources)


class Package(NamedTuple):
    """An installed package; `newer` ascends to the version that apt's own policy prefers."""

    name: str
    version: str
    held: bool
    newer: tuple[Offer, ...]


class Wish(NamedTuple):
    """What is asked of the machine."""

    scope: str
    allow: list[str]
    deny: list[str]
    security: list[str]


class Kept(NamedTuple):
    """An update that is wanted by scope and nevertheless not made."""

    name: str
    installed: str
    offered: str
    why: str


class Choice(NamedTuple):
    """What is to become of the packages: versions to install, updates not made."""

    chosen: dict[str, str]
    kept: list[Kept]


def obstacle(name: str, held: bool, wish: Wish) -> str | None:
    """Return why this package may not be touched, or None."""
    if held:
        return "held on the machine"
    for pattern in wish.deny:
        if fnmatchcase(name, pattern):
            return f"denied by {pattern}"
    if wish.allow and not any(fnmatchcase(name, pattern) for pattern in wish.allow):
        return "not on the allow list"
    return None


def choose(packages: list[Package], wish: Wish) -> Choice:
    """Return the newest version in scope of each package that may be touched."""
    chosen: dict[str, str] = {}
    kept: list[Kept] = []
    for package in packages:
        in_scope = [o for o in package.newer if wish.scope == "all" or o.is_security(wish.security)]
        if not in_scope:
            continue
        why = obstacle(package.name, package.held, wish)
        if why is None:
            chosen[package.name] = in_scope[-1].version
        else:
            kept.append(Kept(package.name, package.version, in_scope[-1].version, why))
    return Choice(chosen, kept)


@dataclass(frozen=True)
class Change:
    """One package of a transaction; None as a version means that it is not installed."""

    name: str
    before: str | None
    after: str | None
    origin: str = ""
    suite: str = ""
    security: bool = False
    download: int = 0
    size_before: int = 0
    size_after: int = 0
    way_back: bool = True

    def facts(self) -> dict[str, Any]:
        """Return what the plan shows of it."""
        return {
            "name": self.name,
            "from": self.before,
            "to": self.after,
            "origin": self.origin,
            "suite": self.suite,
            "security": self.security,
            "download": self.download,
        }


def bare(packages: dict[str, Any]) -> dict[str, str | None]:
    """Return name to version from a mapping whose keys may be those of an approved state."""
    return {
        name.removeprefix(PREFIX): None if version is None else str(version)
        for name, version in packages.items()
        if name != REBOOT
    }


def states(
    installed: dict[str, str | None], wanted: dict[str, str | None], reboot: str, *, finish: bool
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return the target's state before and after, as the door compares them.

    The key `reboot` tells whether the policy has been carried out. What asks for the reboot is not part
    of the state: a run that is cut between the upgrade and the reboot must be able to go on.

    Args:
        installed: What is there now.
        wanted: What is to be there.
        reboot: The policy.
        finish: Whether there is something to reboot for even if no package changes.
    """
    before = {PREFIX + name: installed.get(name) for name in wanted}
    after = {PREFIX + name: version for name, version in wanted.items()}
    if reboot == "always" or (reboot == "if_required" and (before != after or finish)):
        before[REBOOT] = "not done"
        after[REBOOT] = REBOOT_STATES[reboot]
    return before, after


def irreversible(changes: list[Change]) -> str | None:
    """Return why the way back is closed, or None."""
    lost = [f"{change.name} {change.before}" for change in changes if not change.way_back]
    if not lost:
        return None
    return f"The archive no longer offers {', '.join(lost)}: there is nothing to go back to."


class Space(NamedTuple):
    """Bytes that a transaction needs at its height."""

    archives: int
    system: int
    admin: int


def space_needed(changes: list[Change], status_size: int) -> Space:
    """Return the bytes needed for the download, the unpacking, and dpkg's own books.

    dpkg unpacks a new version beside the old one, so the height is the growth plus the largest package;
    it writes its status file anew after each step.
    """
    growth = sum(max(0, change.size_after - change.size_before) for change in changes)
    largest = max((change.size_after for change in changes), default=0)
    download = sum(change.download for change in changes)
    return Space(download, growth + largest, 2 * status_size + MIB) if changes else Space(0, 0, 0)


class Room(NamedTuple):
    """The file system that holds a folder."""

    folder: str
    device: int
    free: int


def shortage(needed: list[tuple[Room, int]]) -> str | None:
    """Return which file system is too small for what falls on it together, as a sentence, or None."""
    for device in {room.device: None for room, _ in needed}:
        rooms = [room for room, _ in needed if room.device == device]
        want = sum(size for room, size in needed if room.device == device)
        if want > rooms[0].free:
            folders = ", ".join(room.folder for room in rooms)
            return (
                f"Not enough disk space: {megabytes(want)} needed under {folders}, "
                f"{megabytes(rooms[0].free)} free. Make room (`apt-get clean` is a start), then plan again."
            )
    return None


def megabytes(size: int) -> str:
    """Return a size for people."""
    return f"{size / MIB:.1f} MiB"


def full_stop(text: str) -> str:
    """Return a program's words as a sentence of ours."""
    return text.strip().rstrip(".") + "."


def describe_fetch(text: str) -> str:
    """Return which packages could not be had, without the checksums, as a sentence that says what to do."""
    found = [line.partition("Failed to fetch ")[2] for line in text.splitlines()]
    failures = "; ".join(" ".join(line.split()).replace(" Hash Sum", ": Hash Sum") for line in found if line)
    return (
        f"The packages could not be fetched whole: {full_stop(failures or ' '.join(text.split()))} "
        "Nothing was changed; see to the repository, then run the change again."
    )


def describe_refresh(code: int, err: str) -> str:
    """Return what is wrong with the package index, as a sentence that says what to do."""
    said = [
        line.partition(": ")[2].replace("  ", ": ") for line in err.splitlines() if line.startswith("E: ")
    ]
    signatures = [line for line in said if "BADSIG" in line or "NO_PUBKEY" in line or "not signed" in line]
    # What follows the first line only says again that something failed.
    detail = full_stop([*signatures, *said, f"apt-get update ended with {code}"][0])
    if signatures:
        return (
            f"The package index is not signed by a key that this machine trusts: {detail} "
            "Nothing from it may be installed. Find out who changed the repository before anything else."
        )
    if "No space left on device" in err:
        return (
            f"The package index could not be written, the disk is full: {detail} Make room, then plan again."
        )
    if "Could not get lock" in err:
        return f"Another package manager is at work on the machine: {detail} Let it finish, then plan again."
    return (
        f"The package index could not be refreshed: {detail} "
        "See to the repository or the way to it, then plan again."
    )


def notes(changes: list[Change], kept: list[Kept], reboot: str, reasons: list[str]) -> list[str]:
    """Return the sentences that an approver should read with the plan."""
    said = [
        f"{change.name}: {change.before or 'new'} → {change.after or 'removed'} "
        f"({'security, ' if change.security else ''}{change.suite or 'no archive'})"
        for change in changes
    ]
    said += [
        f"{kept_.name} stays at {kept_.installed}, {kept_.offered} is offered: {kept_.why}." for kept_ in kept
    ]
    if reasons:
        said.append(f"A reboot is already required, by {', '.join(reasons)}.")
    if reboot == "always":
        said.append("The machine is rebooted.")
    elif reboot == "if_required" and (changes or reasons):
        said.append("The machine is rebooted if an update requires it.")
    elif changes or reasons:
        said.append("The machine is not rebooted, even if an update requires it.")
    return said
