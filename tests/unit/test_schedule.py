"""The files that a timer reads, and times in cron's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from daicho.schedule import NotForCron, NoTime, Timetable, cron_time, unit_name

_CHECK = Timetable(
    work="check_connectivity",
    change="C9",
    command=[
        "/opt/daicho/bin/daicho",
        "check",
        "connectivity",
        "--change",
        "C9",
        "--html",
        "/srv/1 号館 100%.html",
    ],
    user="daicho",
    environment={"DAICHO_STATE": "/var/lib/daicho", "DAICHO_AS": "timer"},
    writable=[Path("/var/lib/daicho"), Path("/srv/a b")],
    calendar="Sun 06:00",
    after_boot=True,
)


@pytest.mark.parametrize(
    ("calendar", "fields"),
    [
        ("06:00", "0 6 * * *"),
        ("Sun 06:00", "0 6 * * 0"),
        ("Mon..Fri 23:05", "5 23 * * 1-5"),
        ("mon,wed 6:30:00", "30 6 * * 1,3"),
        ("*-*-* 07:15", "15 7 * * *"),
        ("*-*-01 07:15", "15 7 01 * *"),
        ("daily", "0 0 * * *"),
        ("weekly", "0 0 * * 1"),
    ],
)
def test_a_simple_time_in_the_five_fields_of_cron(calendar: str, fields: str) -> None:
    assert cron_time(calendar) == fields


@pytest.mark.parametrize(
    "calendar", ["quarterly", "06:60", "24:00", "Foo 06:00", "2026-11-21 06:00", "*:0/5"]
)
def test_what_cron_cannot_express_is_refused(calendar: str) -> None:
    with pytest.raises(NotForCron) as raised:
        cron_time(calendar)
    assert str(raised.value) == (
        f"Cron cannot express {calendar!r}. "
        "Write it like '06:00', 'Sun 06:00', 'Mon..Fri 06:30' or '*-*-01 06:00'."
    )


def test_a_timer_without_a_time_is_refused() -> None:
    never = Timetable(
        work="check_connectivity", change="C9", command=["daicho"], user="root", environment={}, writable=[]
    )
    with pytest.raises(NoTime, match="Say when"):
        never.files("systemd")


def test_the_timer_makes_up_for_what_was_missed() -> None:
    files = _CHECK.files("systemd")
    assert sorted(files) == ["daicho-check-connectivity.service", "daicho-check-connectivity.timer"]
    timer = files["daicho-check-connectivity.timer"].splitlines()
    trigger = timer.index("[Timer]")
    assert timer[trigger + 1 : trigger + 5] == [
        "OnCalendar=Sun 06:00",
        "Persistent=true",
        "OnBootSec=30",
        "Unit=daicho-check-connectivity.service",
    ]


def test_words_are_quoted_as_systemd_and_cron_want_them() -> None:
    service = _CHECK.files("systemd")["daicho-check-connectivity.service"].splitlines()
    assert (
        'ExecStart=/opt/daicho/bin/daicho check connectivity --change C9 --html "/srv/1 号館 100%%.html"'
        in service
    )
    assert 'ReadWritePaths=/var/lib/daicho "/srv/a b"' in service
    assert [line for line in service if line.startswith("Environment=")] == [
        "Environment=DAICHO_AS=timer",
        "Environment=DAICHO_STATE=/var/lib/daicho",
    ]
    cron = _CHECK.files("cron")["daicho-check-connectivity"].splitlines()
    command = "/opt/daicho/bin/daicho check connectivity --change C9 --html '/srv/1 号館 100\\%.html'"
    assert cron[-2:] == [f"0 6 * * 0 daicho {command}", f"@reboot daicho sleep 30; exec {command}"]


def test_no_placeholder_is_left() -> None:
    for text in (*_CHECK.files("systemd").values(), *_CHECK.files("cron").values()):
        assert [word for word in text.split() if word.startswith("@") and word.endswith("@")] == []


def test_file_names() -> None:
    assert unit_name("record_baseline") == "daicho-record-baseline"
