"""Many machines at once: what comes of each, in the language of whoever asked."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from daicho.concurrent import several
from daicho.craft import Trouble
from daicho.i18n import gettext as _
from daicho.i18n import language
from daicho.times import aware, site_zone

MACHINES = [SimpleNamespace(name=f"pc-{number}") for number in range(8)]


def test_each_thread_speaks_the_language_of_whoever_asked() -> None:
    with language("ja"):
        said = dict(several(MACHINES, lambda _machine: _("default queues"), 4))
        here = _("default queues")

    assert here != "default queues"
    assert said == {machine.name: here for machine in MACHINES}


def test_each_thread_reads_moments_in_the_sites_zone() -> None:
    noon = datetime(2026, 11, 21, 12)  # noqa: DTZ001 -- as a person writes it
    with site_zone("Asia/Tokyo"):
        read = dict(several(MACHINES, lambda _machine: aware(noon), 4))

    assert set(read.values()) == {noon.replace(tzinfo=ZoneInfo("Asia/Tokyo"))}
    assert read["pc-0"].astimezone(UTC).hour == 3  # type: ignore[union-attr]


def test_one_that_hangs_holds_up_nobody_but_itself() -> None:
    over = Event()

    def ask(machine: SimpleNamespace) -> str:
        if machine.name == "pc-0":
            over.wait(20)
        return "answered"

    told = []
    for name, _outcome in several(MACHINES, ask, 2):
        told.append(name)
        if len(told) == len(MACHINES) - 1:
            over.set()

    assert told[-1] == "pc-0"
    assert len(told) == len(MACHINES)


def test_trouble_with_one_is_told_and_a_defect_ends_it_all() -> None:
    def ask(machine: SimpleNamespace) -> str:
        if machine.name == "pc-3":
            raise Trouble(why="no paper")
        return "printed"

    def fail(_machine: SimpleNamespace) -> str:
        raise LookupError("a defect")

    told = dict(several(MACHINES, ask, 4))

    assert str(told.pop("pc-3")) == "no paper"
    assert set(told.values()) == {"printed"}
    with pytest.raises(LookupError, match="a defect"):
        list(several(MACHINES, fail, 4))


def test_who_only_reads_leaves_off_without_waiting_and_no_more_are_begun() -> None:
    asked, over, ended = list[str](), Event(), Event()

    def ask(machine: SimpleNamespace) -> None:
        asked.append(machine.name)
        if machine.name == "pc-1":
            over.wait(20)
            ended.set()

    answers = several(MACHINES, ask, 1, only_reads=True)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    over.set()

    assert ended.wait(20)
    assert asked == ["pc-0", "pc-1"]
