"""A check on a timer: the files that systemd or cron reads. Pure but for finding the program."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from daicho.errors import UsageError
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

type Scheduler = Literal["systemd", "cron"]
FOLDERS: Final[Mapping[str, Path]] = {
    "systemd": Path("/etc/systemd/system"),
    "cron": Path("/etc/cron.d"),
}
"""Where each of them looks."""

BOOT_DELAY: Final = 30
"""Seconds from the start of the machine to the check: until its own links are up."""

_DAYS: Final = {day: number for number, day in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_WORDS: Final = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
}
_TIME: Final = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:(?:,|\.\.)[a-z]{3})*) +)?(?:\*-\*-(?P<day>\*|\d{1,2}) +)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?",
    re.IGNORECASE,
)


class NoTime(UsageError):
    """Nobody said when."""

    sentence = N_("Say when: --on-calendar 'Sun 06:00', --after-boot, or both.")


class NotForCron(UsageError):
    """Cron cannot express this time."""

    sentence = N_(
        "Cron cannot express {calendar!r}. "
        "Write it like '06:00', 'Sun 06:00', 'Mon..Fri 06:30' or '*-*-01 06:00'."
    )


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """What runs when, as whom, with what."""

    work: str
    change: str
    command: Sequence[str]
    """The words of the command line, the program's path first."""
    user: str
    environment: Mapping[str, str]
    writable: Sequence[Path]
    calendar: str | None = None
    """As `systemd.time(7)` writes it."""
    after_boot: bool = False

    @property
    def name(self) -> str:
        """`daicho-check-connectivity`: the files' common name."""
        return unit_name(self.work)

    def files(self, scheduler: Scheduler) -> dict[str, str]:
        """File name → text.

        Raises:
            NoTime: Neither a calendar nor the start of the machine was named.
            NotForCron: Cron cannot express the calendar.
        """
        if not (self.calendar or self.after_boot):
            raise NoTime
        if scheduler == "cron":
            return {self.name: self._cron()}
        return {f"{self.name}.service": self._service(), f"{self.name}.timer": self._timer()}

    def _service(self) -> str:
        return _filled(
            "check.service",
            WORK=self.work,
            CHANGE=self.change,
            USER=self.user,
            ENVIRONMENT="\n".join(
                f"Environment={_word(f'{name}={value}')}" for name, value in sorted(self.environment.items())
            ),
            COMMAND=" ".join(_word(word) for word in self.command),
            WRITABLE=" ".join(_word(str(path)) for path in self.writable),
        )

    def _timer(self) -> str:
        triggers = []
        if self.calendar:
            # What was missed while the machine was off is done when it is on again.
            triggers += [f"OnCalendar={self.calendar}", "Persistent=true"]
        if self.after_boot:
            triggers.append(f"OnBootSec={BOOT_DELAY}")
        return _filled("check.timer", WORK=self.work, UNIT=self.name, TRIGGERS="\n".join(triggers))

    def _cron(self) -> str:
        # A percent sign ends a command in crontab(5) unless it is quoted.
        command = " ".join(shlex.quote(word) for word in self.command).replace("%", "\\%")
        lines = [
            f"# Made by `daicho schedule install`; `daicho schedule remove {self.work}` takes it away.",
            "# cron does not make up for what it missed: the line @reboot does, at every start.",
            "SHELL=/bin/sh",
            *(f"{name}={value}" for name, value in sorted(self.environment.items())),
        ]
        if self.calendar:
            lines.append(f"{cron_time(self.calendar)} {self.user} {command}")
        lines.append(f"@reboot {self.user} sleep {BOOT_DELAY}; exec {command}")
        return "\n".join(lines) + "\n"


def unit_name(work: str) -> str:
    """The name of a work's files."""
    return f"daicho-{work.replace('_', '-')}"


def cron_time(calendar: str) -> str:
    """A simple time of `systemd.time(7)` in the five fields of `crontab(5)`.

    Raises:
        NotForCron: It is not simple enough.
    """
    if word := _WORDS.get(calendar.strip().lower()):
        return word
    found = _TIME.fullmatch(calendar.strip())
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise NotForCron(calendar=calendar)
    days = re.sub(r"[a-z]{3}", lambda day: _day(day[0], calendar), (found["days"] or "*").lower())
    return f"{int(found['minute'])} {int(found['hour'])} {found['day'] or '*'} * {days.replace('..', '-')}"


def _day(name: str, calendar: str) -> str:
    if name not in _DAYS:
        raise NotForCron(calendar=calendar)
    return str(_DAYS[name])


def _filled(template: str, **values: str) -> str:
    text = files("daicho.units").joinpath(template).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], text)


def _word(text: str) -> str:
    """One word of a unit file: quoted where needed, no specifier meant (`systemd.syntax(7)`)."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if re.search(r"[\s\"'\\;]", text) else safe
