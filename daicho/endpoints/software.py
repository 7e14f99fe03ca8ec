"""Programs on request: what a change says of them, and what becomes of a machine. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.craft import Trouble
from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daicho.plan import TargetState

KEY: Final = "software:"
"""`software:7-Zip` → its version; null: it is not there."""
_PRODUCT: Final = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", re.IGNORECASE)
_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_SOURCE: Final = re.compile(r"https://\S+|[A-Za-z]:\\.+")
_FAMILY: Final = {"msi": "windows", "exe": "windows", "apt": "debian"}

type Word = Annotated[str, StringConstraints(min_length=1, max_length=500)]
type Sum = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$", to_lower=True)]


class Program(Document):
    """One program, pinned to a version and to the bytes of its installer."""

    name: str = Field(min_length=1, max_length=100, description=N_("What people call it."))
    kind: Literal["msi", "exe", "apt"] = Field(
        description=N_("Windows Installer package, another installer for Windows, or a Debian package.")
    )
    version: str = Field(
        min_length=1,
        max_length=100,
        description=N_("The version, as the machine tells it once it is installed; no other one is taken."),
    )
    product: str = Field(
        min_length=1,
        max_length=200,
        description=N_(
            "What the machine knows it by: an MSI's product code, the name of an EXE's key below Uninstall, "
            "the name of the Debian package."
        ),
    )
    source: str = Field(
        default="",
        max_length=2000,
        description=N_("Where Windows gets the installer: `https://…` or a path on the machine itself."),
    )
    sha256: Sum = Field(
        description=N_("SHA-256 of the installer or package; nothing of another file is ever run.")
    )
    arguments: tuple[Word, ...] = Field(
        default=(),
        description=N_("Arguments that make the installer silent; an MSI has `/qn /norestart` without them."),
    )
    uninstall: tuple[Word, ...] = Field(
        default=(), description=N_("The same for its removal; empty: the `arguments`.")
    )
    processes: tuple[Word, ...] = Field(
        default=(), description=N_("Programs that must not be running meanwhile: `EXCEL`, `soffice.bin`.")
    )
    needs_mb: int = Field(
        default=500, ge=0, le=1_000_000, description=N_("So much disk space must be free, in MB.")
    )
    minutes: int = Field(default=30, ge=1, le=240, description=N_("After so long an installer is given up."))

    @field_validator("processes")
    @classmethod
    def _without_ending(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(re.sub(r"\.exe$", "", name, flags=re.IGNORECASE) for name in names)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Program:
        if problem := next(_problems(self), ""):
            raise ValueError(problem)
        return self

    @property
    def key(self) -> str:
        """Its key in a machine's state."""
        return KEY + self.name

    @property
    def silent(self) -> tuple[str, ...]:
        """The installer's arguments."""
        return self.arguments or (("/qn", "/norestart") if self.kind == "msi" else ())

    @property
    def silent_removal(self) -> tuple[str, ...]:
        """The remover's."""
        return self.uninstall or self.silent


def _problems(program: Program) -> Iterator[str]:
    if program.kind == "msi" and not _PRODUCT.fullmatch(program.product):
        yield _("the product code of an MSI looks like {{90160000-008C-0000-1000-0000000FF1CE}}").format()
    if program.kind == "apt":
        if not _PACKAGE.fullmatch(program.product):
            yield _("{name!r} is no name of a Debian package").format(name=program.product)
        if program.source:
            yield _("a Debian package comes from the machine's own archives; leave `source` out")
    elif not _SOURCE.fullmatch(program.source):
        # A session over the network has no rights on a third machine, so no share can be read from there.
        yield _("`source` must be an https address or a path on the machine like C:\\Install\\x.msi")
    if program.kind == "exe" and not program.arguments:
        yield _("an EXE needs `arguments` that make it silent: nobody is there to answer it")
    if '"' in program.product or "\\" in program.product:
        yield _("`product` is the bare name of a key, without quotes and backslashes")


def meant_for(programs: Iterable[Program], os: str) -> list[Program]:
    """The programs of a change that are for this machine.

    Raises:
        Trouble: None is, or the machine's item does not say what it is.
    """
    family = "windows" if os.casefold().startswith("windows") else os.casefold()
    if not family:
        raise Trouble(why=_("its item has no attribute `os` (windows, debian)"))
    if found := [program for program in programs if _FAMILY[program.kind] == family]:
        return found
    raise Trouble(why=_("the change names no program for {os}").format(os=os))


def state_of(programs: Iterable[Program], read: Mapping[str, Any]) -> dict[str, str | None]:
    """The versions that are there."""
    versions: Mapping[str, str] = read["versions"]
    return {program.key: versions.get(program.product) for program in programs}


def steps(
    programs: Sequence[Program], wanted: TargetState, present: TargetState
) -> list[tuple[Program, str | None]]:
    """What is to be removed (null), back to front, then what is to be installed, in this version."""
    due = [
        (program, wanted[program.key])
        for program in programs
        if program.key in wanted and wanted[program.key] != present.get(program.key)
    ]
    gone = [(program, None) for program, version in reversed(due) if version is None]
    return gone + [(program, str(version)) for program, version in due if version is not None]


def obstacles(due: Iterable[Program], read: Mapping[str, Any]) -> Iterator[str]:
    """Why nothing can be installed now, in words."""
    due = list(due)
    running = {str(name).casefold() for name in read["running"]}
    for program in due:
        if used := [name for name in program.processes if name.casefold() in running]:
            said = _("{name} is in use ({programs}). Ask {user} to close it, then plan again")
            who = str(read["user"]) or _("whoever uses the machine")
            yield said.format(name=program.name, programs=", ".join(used), user=who)
    needed, free = max((program.needs_mb for program in due), default=0), int(read["disk_free_mb"])
    if free < needed:
        said = _("there is too little room: {free} MB free, {needed} MB needed. Make room, then plan again")
        yield said.format(free=free, needed=needed)


def going_back(programs: Iterable[Program], before: TargetState, read: Mapping[str, Any]) -> str:
    """Why there is no way back, if there is none: an older version whose installer nobody has."""
    offered: Mapping[str, Mapping[str, str]] = read.get("offered", {})
    for program in programs:
        old = before[program.key]
        if old not in {None, program.version} and old not in offered.get(program.product, {}):
            said = _("{name} {old} is replaced, and its installer is not known here")
            return said.format(name=program.name, old=old)
    return ""
