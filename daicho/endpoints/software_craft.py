"""The craft of `install_software`: Windows over WinRM and Debian over SSH, with one plan for both.

Not a role: one look and one step per machine instead of a task per question (each costs the controller more
than the whole session here), and what checks the SHA-256 is what starts the installer.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from daicho.craft import Trouble
from daicho.door import Intention
from daicho.endpoints import fleet
from daicho.endpoints.endpoint_craft import EndpointCraft, windows
from daicho.endpoints.exit_codes import good, meaning
from daicho.endpoints.site import WindowsFile
from daicho.endpoints.software import Program, going_back, meant_for, obstacles, state_of, steps
from daicho.endpoints.ssh import Login, debian
from daicho.endpoints.wrong import NotDone
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from daicho.craft import Bench, Craft, Target
    from daicho.endpoints.endpoint_craft import Host
    from daicho.endpoints.session import Endpoint
    from daicho.plan import TargetState


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `install_software`.

    Raises:
        DocumentError: There are programs for Windows, and `windows.yml` cannot be used.
    """
    programs = [Program.model_validate(each) for each in cast("Sequence[object]", bench.inputs["software"])]
    over_ssh = debian(Login(key=bench.key, known_hosts=bench.known_hosts))
    site = WindowsFile.model_fields["at_once"].default
    over_winrm = None
    if any(program.kind != "apt" for program in programs):
        access = fleet.access_of(bench)
        over_winrm, site = windows(access), access.site.at_once

    def reach(endpoint: Endpoint) -> AbstractContextManager[Host]:
        os = endpoint.facts.get("os", "")
        meant_for(programs, os)
        return over_winrm(endpoint) if over_winrm and _is_windows(os) else over_ssh(endpoint)

    yield EndpointCraft(purpose=Installation(programs=programs, undo=bench.undo), reach=reach, at_once=site)


def _is_windows(os: str) -> bool:
    return os.casefold().startswith("windows")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Programs that are to be on machines."""

    programs: Sequence[Program]
    undo: bool

    def rehearsed(self, host: Host, target: Target) -> Intention:
        """Which versions come, and whether there is a way back."""
        mine = meant_for(self.programs, host.os)
        read = self._read(host, refresh=True)
        before = state_of(mine, read)
        after = (
            dict(target.wanted) if target.wanted is not None else {each.key: each.version for each in mine}
        )
        coming = [program for program, version in steps(mine, after, before) if version]
        if stops := list(obstacles([program for program, _to in steps(mine, after, before)], read)):
            raise Trouble(why="; ".join(stops))
        for program in coming:
            _check_offer(program, str(after[program.key]), read)
        lost = going_back(coming, before, read)
        return Intention(
            target=target.name,
            before=before,
            after=after,
            inverse=None if lost else before,
            irreversible=lost,
            notes=tuple(self._notes(coming, read)),
        )

    def present(self, host: Host, wanted: TargetState) -> TargetState:
        """The versions that are there."""
        mine = [program for program in self.programs if program.key in wanted]
        return state_of(mine, self._read(host, refresh=False))

    def bring(self, host: Host, wanted: TargetState, present: TargetState) -> str:
        """Install and remove what is due; what people must know: that a machine has to be restarted."""
        mine = [program for program in self.programs if program.key in wanted]
        due = steps(mine, wanted, present)
        if stops := list(obstacles([program for program, _version in due], self._read(host, refresh=False))):
            raise Trouble(why="; ".join(stops))
        said = [self._step(host, program, version) for program, version in due]
        return " ".join(each for each in said if each)

    def _step(self, host: Host, program: Program, version: str | None) -> str:
        words: dict[str, object] = {"kind": program.kind, "product": program.product}
        if version is None:
            words |= {"words": program.silent_removal}
        else:
            words |= {"words": program.silent, "source": program.source, "sha256": program.sha256}
            words |= {"version": version, "pinned": version == program.version, "downgrade": self.undo}
        name = "install_software" if version else "remove_software"
        try:
            code = int(host.run(name, words, limit_s=program.minutes * 60)["exit_code"])
        except NotDone as error:
            raise Trouble(why=_failure(program, error)) from error
        told = good(code, program.name, removing=version is None)
        if told is None:
            said = (
                _("{name} could not be installed: {why}")
                if version
                else _("{name} could not be removed: {why}")
            )
            raise Trouble(why=said.format(name=program.name, why=meaning(code)))
        return told

    def _read(self, host: Host, *, refresh: bool) -> dict[str, Any]:
        mine = meant_for(self.programs, host.os)
        wanted = {
            "products": sorted({program.product for program in mine}),
            "processes": sorted({name for program in mine for name in program.processes}),
            "refresh": refresh,
        }
        return host.run("get_software", wanted)

    def _notes(self, coming: Sequence[Program], read: Mapping[str, Any]) -> Iterator[str]:
        for program in coming:
            if program.source:
                said = _("{name} comes from {source}; its SHA-256 must be {sum} before anything of it runs.")
                yield said.format(name=program.name, source=program.source, sum=program.sha256)
        if coming and (user := read["user"]):
            yield _("{user} is logged on.").format(user=user)


def _check_offer(program: Program, version: str, read: Mapping[str, Any]) -> None:
    """See that the machine's archives have the very package."""
    if program.kind != "apt":
        return
    offered: Mapping[str, str] = read["offered"].get(program.product, {})
    if version not in offered:
        said = _("its archives do not have {name} {version}; they have {there}")
        there = ", ".join(sorted(offered)) or _("none")
        raise Trouble(why=said.format(name=program.product, version=version, there=there))
    if version == program.version and offered[version] != program.sha256:
        said = _("its archives have another {name} {version}: its SHA-256 is {found}")
        raise Trouble(why=said.format(name=program.product, version=version, found=offered[version]))


def _failure(program: Program, error: NotDone) -> str:
    match error.kind:
        case "other_file":
            said = _(
                "{name} was not started: what came from {source} has the SHA-256 {found}, which is not the "
                "approved one. Find out who changed it"
            )
            found = error.facts["why"]
            return said.format(name=program.name, source=program.source or program.product, found=found)
        case "no_space":
            return _("{name}: the disk is full. Make room, then run it again").format(name=program.name)
    return f"{program.name}: {error.facts['why']}"
