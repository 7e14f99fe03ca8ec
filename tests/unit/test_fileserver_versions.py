"""Which files come back, as people write it; how a list of versions reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.fileserver.contents import Seen
from daicho.fileserver.restoring import aside, shown, way_of
from daicho.fileserver.version_policy import RestoreList
from daicho.i18n import language
from daicho.life.versions import Version, Versions
from daicho.policy import Policy
from daicho.report.versions import VersionsReport

NIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def listed(*files: dict[str, Any]) -> RestoreList:
    given = [{"version": "2026-11-20T12:00:00+09:00"} | each for each in files]
    return judge(RestoreList, {"files": given}, "restore.yml")


def test_paths_and_moments_are_brought_into_one_form() -> None:
    [file] = listed({"path": "\\\\fs1\\dept\\人事課\\名簿.txt"}).files
    assert (file.path, file.version, file.overwrite) == ("//fs1/dept/人事課/名簿.txt", NIGHT, False)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([{"path": "//fs1/dept"}], "'//fs1/dept' is no file of a share"),
        ([{"path": "//fs1/dept/../etc"}], "'//fs1/dept/../etc' is no file of a share"),
        ([{"path": "//fs1/dept/a"}, {"path": "//FS1/dept/A/b"}], "//FS1/dept/A/b is there twice"),
        ([{"path": "//fs1/dept/a", "version": "2026-11-20T12:00:00"}], "version"),
        ([], "files"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(files: list[dict[str, Any]], said: str) -> None:
    with language("en"), pytest.raises(DocumentError) as found:
        listed(*files)
    assert said in str(found.value)


def test_keys_lead_back_to_ways_and_a_part_has_one_name() -> None:
    way = "人事課\\名簿.txt"
    assert way_of(f"file:{shown(way)}") == way
    assert aside(way) == aside(way) != aside("人事課\\名簿2.txt")
    assert aside(way).startswith("人事課\\~daicho-")
    assert "\\" not in aside("名簿.txt")


def test_versions_against_now() -> None:
    def seen(size: int, *, folder: bool = False) -> Seen:
        return Seen(name="a", folder=folder, link=False, size=size, written=NIGHT)

    def states(now: Seen | None, *versions: Version) -> list[object]:
        found = Versions(check="K1", path="//fs1/dept/a", now=now, versions=versions)
        report = VersionsReport(found=found, policy=Policy.model_construct())
        return [row["state"] for row in report.listing().rows]

    file, other = Version(at=NIGHT, seen=seen(3)), Version(at=NIGHT, seen=seen(4))
    absent = Version(at=NIGHT, seen=None)
    assert states(seen(3), file, other, absent) == ["the same", "another", "was not there"]
    assert states(None, file) == ["is not there now"]
    whole = Version(at=NIGHT, seen=seen(0, folder=True))
    lacking = Version(at=NIGHT, seen=seen(0, folder=True), gone=("b",))
    assert states(seen(0, folder=True), whole, lacking) == ["nothing is missing", "something is missing now"]
