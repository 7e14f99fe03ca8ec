"""Where definitions may come from, what headers of databases say, and what SSH says when nobody is there."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from daicho.documents import judge
from daicho.endpoints.clamav import ClamAvMachine, NoScanner, NotUpdated
from daicho.endpoints.definitions_file import ClamAv, DefinitionsFile
from daicho.endpoints.linux import Linux, LinuxSilent, ProgramFailed, is_windows
from daicho.errors import DocumentError

if TYPE_CHECKING:
    from daicho.endpoints.definitions import Held

MIRROR, OWN = "http://mirror.example.test", "http://mirror.example.test/site.cud"


def header(seconds: int, version: str) -> str:
    text = f"ClamAV-VDB:21 Nov 2026 13-49 +0000:{version}:3:216:db38:X:lab:{seconds}"
    return text.ljust(512)


@dataclass
class Told:
    """A machine that says what a test wants."""

    name: str = "sv-1"
    said: str = ""
    error: tuple[int, str] | None = None
    given: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def run(self, what: str, _program: str, *words: str, given: str = "", limit_s: float = 60) -> str:
        assert limit_s >= 60
        self.given.append((words, given))
        if self.error:
            code, said = self.error
            raise ProgramFailed(machine=self.name, what=what, code=code, said=said)
        return self.said


def held(said: str, **rules: Any) -> Held:
    machine = cast("Linux", Told(said=said))
    return ClamAvMachine(machine=machine, rules=judge(ClamAv, rules, "definitions.yml")).look()


def test_the_oldest_of_the_wanted_databases_counts() -> None:
    said = "\n".join(
        (
            "ClamAV 1.4.6/27500/Sat Nov 21 08:00:00 2026",
            f"daily.cvd {header(1_795_000_000, '27500')}",
            f"daily.cld {header(1_795_100_000, '27501')}",
            f"site.cud {header(1_795_050_000, '3')}",
        )
    )
    found = held(said, mirror=MIRROR, files=[OWN])
    assert (found.engine, found.version) == ("1.4.6", "daily.cld 27501, site.cud 3")
    assert found.made == datetime.fromtimestamp(1_795_050_000, UTC)
    assert found.told() == "ClamAV 1.4.6 has daily.cld 27501, site.cud 3 of 2026-11-19T01:00Z."


@pytest.mark.parametrize(
    "line",
    ["", "site.cud", "site.cud garbage", f"site.cud {header(1, '1')[:40]}", "site.cud ClamAV-VDB:::::::::"],
)
def test_what_is_absent_or_no_database_is_not_new_enough(line: str) -> None:
    found = held(f"ClamAV 1.4.6\n{line}", files=[OWN])
    assert (found.made, found.since(datetime(2000, 1, 1, tzinfo=UTC))) == (None, False)
    assert found.told() == "ClamAV 1.4.6 has no definitions."


def test_freshclam_gets_our_sources_and_no_others() -> None:
    machine = Told()
    rules = judge(ClamAv, {"files": [OWN]}, "definitions.yml")
    ClamAvMachine(machine=cast("Linux", machine), rules=rules).update()
    [(words, settings)] = machine.given
    assert words == ("--update-db=custom",)
    assert "DatabaseMirror" not in settings
    assert [line for line in settings.splitlines() if "://" in line] == [
        f"PrivateMirror {MIRROR}",
        f"DatabaseCustomURL {OWN}",
    ]


def test_no_scanner_and_no_update_are_words() -> None:
    rules = judge(ClamAv, {"mirror": MIRROR}, "definitions.yml")
    absent = ClamAvMachine(machine=cast("Linux", Told(error=(3, "freshclam is not installed"))), rules=rules)
    with pytest.raises(NoScanner) as none:
        absent.look()
    assert str(none.value) == (
        "sv-1 has no ClamAV (freshclam is not installed). Install clamav-freshclam there."
    )
    broken = ClamAvMachine(machine=cast("Linux", Told(error=(8, "Test failed"))), rules=rules)
    with pytest.raises(NotUpdated) as kept:
        broken.update()
    assert str(kept.value) == (
        "The definitions stay as they were: what its mirror has is broken: it could not be loaded. "
        "freshclam: Test failed"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"defender": {"sources": ["share"]}}, r"say which, `share: \\SERVER\FOLDER`"),
        ({"defender": {"sources": []}}, "defender.sources"),
        ({"clamav": {}}, "name a `mirror` or `files`: no machine may ask ClamAV's servers itself"),
        ({"clamav": {"files": ["http://m/x.ndb"]}}, "clamav.files"),
        ({"clamav": {"mirror": 'http://m/" x'}}, "clamav.mirror"),
        ({"clamav": {"mirror": MIRROR, "folder": "relative"}}, "clamav.folder"),
    ],
)
def test_a_site_file_that_cannot_work_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as refused:
        judge(DefinitionsFile, given, "definitions.yml")
    assert said in str(refused.value)


def test_a_machine_that_does_not_answer_is_told_apart(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        machine = Linux(
            name="sv-1",
            address="127.0.0.1",
            port=port,
            user="daicho",
            key=tmp_path / "id",
            known_hosts=Path("/dev/null"),
        )
        with pytest.raises(LinuxSilent) as silent:
            machine.run("look", "true")
    assert str(silent.value).startswith("sv-1 cannot be reached over SSH: ")
    assert "Connection refused" in str(silent.value)
    assert silent.value.unreachable


def test_the_system_is_what_the_item_says() -> None:
    assert is_windows({"daicho_item": {"os": "Windows 11"}})
    assert not is_windows({"daicho_item": {"os": "debian"}})
    assert not is_windows({})
