"""The configuration of every network device is read and kept; a check that anybody who operates may start."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from daicho.craft import Trouble
from daicho.credentials import Keys, issue
from daicho.errors import ExitCode
from daicho.i18n import gettext as _
from daicho.life.checking import alone, close_check, close_orphans, grant, open_check
from daicho.life.keeping import Occasion, keep
from daicho.network.kept import file_name, kept
from daicho.network.logins import read_logins
from daicho.network.platform import PlatformUnknown
from daicho.network.platforms import platform_of
from daicho.runners.fleet import Entrance, Fleet, host_of
from daicho.runners.leftovers import door_room
from daicho.runners.nornir import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from daicho.door import Watch
    from daicho.life.checking import Grant, Order
    from daicho.runners.fleet import DeviceHost
    from daicho.site import Site

WORK: Final = "backup_network_config"


@dataclass(frozen=True, kw_only=True)
class BackupEnd:
    """What a backup found."""

    check: str
    devices: int
    """How many were read."""
    changed: Mapping[str, str]
    """Device → digest, of those whose configuration is not as it was kept before."""
    unsaved: tuple[str, ...]
    """A restart would lose what they do now."""
    unread: Mapping[str, str]
    """Device → why."""
    commit: str | None
    folder: Path

    @property
    def exit_code(self) -> ExitCode:
        """What is not saved is certain, and comes before what nobody could read."""
        if self.unsaved:
            return ExitCode.FAILED
        return ExitCode.INCOMPLETE if self.unread else ExitCode.DONE


@dataclass
class _Found:
    texts: dict[str, str] = field(default_factory=dict)
    unsaved: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def backup_network(site: Site, order: Order, watch: Watch) -> BackupEnd:
    """Read every device, keep what is different, and record it.

    Raises:
        GateRefused, NotAllowed, NothingMatched: See `daicho.life.checking.grant`.
        AlreadyChecking: Another process is at it.
        NotKept: The repository took nothing.
    """
    given = grant(site, order)
    with alone(site, WORK):
        close_orphans(site, WORK)
        name = open_check(site, given, deadline=None, baseline=None)
        code = ExitCode.INTERRUPTED
        try:
            found = _read(site, given, name, watch)
            end = _kept(site, given, name, found)
            code = end.exit_code
        finally:
            close_check(site, name, given.operator, code)
    return end


def _read(site: Site, given: Grant, name: str, watch: Watch) -> _Found:
    settings, keys = site.settings, Keys.of(site.settings)
    found = _Found()
    hosts = list(_hosts(given, found))
    watch.phase(_("reading configurations"), len(hosts))
    with door_room() as room:
        entrance = Entrance(
            key=issue(keys.ssh_ca, name, room),
            known_hosts=settings.known_hosts,
            secret=keys.secret,
            logins=read_logins(settings.site_inventory / "network"),
        )
        fleet = Fleet(settings.content, entrance)
        reading = load(settings.content, "read_configuration")
        for device, told in fleet.each(hosts, partial(_one, fleet, reading)):
            if isinstance(told, Trouble):
                found.unread[device] = str(told)
                watch.target(device, _("could not be read"), str(told))
                continue
            found.texts[device], saved = told
            if saved is False:
                found.unsaved.append(device)
            watch.target(device, _("read"), _("not saved") if saved is False else "")
    return found


def _hosts(given: Grant, found: _Found) -> Iterator[DeviceHost]:
    """The devices to speak to; what has no platform is no device that anybody configures."""
    for item in given.items:
        if not (platform := item.attributes.get("platform")):
            continue
        try:
            platform_of(item.name, platform)
        except PlatformUnknown as error:
            found.unread[item.name] = str(error)
            continue
        yield host_of(item)


def _one(fleet: Fleet, reading: Any, host: DeviceHost) -> tuple[str, bool | None]:
    platform = platform_of(host.name, host.platform or "")
    with fleet.session(host, platform) as device:
        configuration = reading.read_configuration(device)
    return kept(configuration.text, platform.grammar), configuration.saved


def _kept(site: Site, given: Grant, name: str, found: _Found) -> BackupEnd:
    unsaved, unread = sorted(found.unsaved), dict(sorted(found.unread.items()))
    occasion = Occasion(
        of=name,
        by=given.operator,
        title=f"{name}: {WORK}",
        trailers={"Daicho-Check": name} | ({"Daicho-Change": given.change} if given.change else {}),
        facts={"unsaved": unsaved, "unread": unread},
    )
    done = keep(site, {file_name(device): text for device, text in found.texts.items()}, occasion)
    return BackupEnd(
        check=name,
        devices=len(found.texts),
        changed=done.changed,
        unsaved=tuple(unsaved),
        unread=unread,
        commit=done.commit,
        folder=site.settings.configurations,
    )
