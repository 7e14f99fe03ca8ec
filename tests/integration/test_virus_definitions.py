"""Virus definitions of Windows terminals: source after source, judged by the endpoint's state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from daicho.door import Intention
from daicho.works import WORKS
from tests.windows import windows
from tests.windows_bench import WindowsBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows

NAMES = ["pc00001", "pc00002", "pc00003"]
WSUS, SHARE, MICROSOFT = "InternalDefinitionUpdateServer", "FileShares", "MicrosoftUpdateServer"
SITE = "defender:\n  sources: [wsus, share, microsoft]\n  share: \\\\fs1\\defender\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=12) as terminals:
        yield terminals


@pytest.fixture(scope="module")
def fresh(world: Windows) -> Iterator[str]:
    return iter(world.names)


@pytest.fixture
def at(world: Windows, fresh: Iterator[str], tmp_path: Path) -> WindowsBench:
    """A terminal that no test has touched, whose definitions are three days old."""
    site = tmp_path / "content/site"
    site.mkdir(parents=True)
    (site / "definitions.yml").write_text(SITE, encoding="ascii")
    name = next(fresh)
    world.set(name, {"defender.age_s": 3 * 86_400.0})
    return WindowsBench(world, WORKS["update_virus_definitions"], tmp_path, {"hours": 24}, [name])


def defender(at: WindowsBench) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = at.terminals.state(at.names[0])
    return found["defender"] | found["definition_sources"]


def wanted(hours: int = 24) -> dict[str, Any]:
    limit = datetime.now(UTC) - timedelta(hours=hours)
    return {
        "scanner": "Microsoft Defender",
        "definitions not before": f"{limit:%Y-%m-%dT%H:%MZ}",
        "definitions new enough": True,
    }


def test_what_is_too_old_is_renewed_and_then_left_alone(at: WindowsBench) -> None:
    plan = at.plan()
    assert plan.before == {**plan.after, "definitions new enough": False}
    assert plan.irreversible == "older definitions are never put back: they know fewer viruses"
    assert plan.inverse is None
    [note] = plan.notes
    assert note.startswith("Microsoft Defender 1.1.26010.1 has 1.421.100.0 of 20")
    told = at.ran(plan.after)
    assert told.state == plan.after
    assert told.said.startswith("Microsoft Defender 1.1.26010.1 has 1.421.999.0 of 20")
    assert told.said.endswith("Z. It came from wsus.")
    assert defender(at)["definitions"] == "1.421.999.0"
    assert defender(at)["asked"] == [WSUS]
    # The plan of before still holds, and the next one has nothing to do.
    assert at.ran(plan.after) == plan.after
    again = at.plan()
    assert again.before == again.after
    assert at.terminals.arrived(at.names[0], "script").count("update_definitions") == 1


def test_a_stale_source_and_a_silent_one_are_passed_over(at: WindowsBench) -> None:
    at.terminals.set(at.names[0], {"definition_sources.stale": [WSUS], "definition_sources.silent": [SHARE]})
    plan = at.plan()
    assert at.ran(plan.after).state == plan.after
    assert defender(at)["asked"] == [WSUS, SHARE, MICROSOFT]
    assert defender(at)["share"] == "\\\\fs1\\defender"


def test_no_source_at_all_keeps_the_old_ones_and_says_what_each_said(at: WindowsBench) -> None:
    at.terminals.set(
        at.names[0], {"definition_sources.stale": [WSUS, MICROSOFT], "definition_sources.silent": [SHARE]}
    )
    assert at.ran(wanted()) == (
        "No source gave definitions that are new enough (wsus: it has nothing newer; share: "
        "ウイルスとスパイウェアの定義の更新がエラーで完了しました; microsoft: it has nothing newer)."
    )
    assert defender(at)["definitions"] == "1.421.100.0"


def test_what_is_new_enough_is_in_order_and_words_warn(at: WindowsBench) -> None:
    at.terminals.set(
        at.names[0],
        {"defender.age_s": 3600.0, "defender.real_time": False, "system.clock_offset": 7200.0},
    )
    plan = at.plan()
    assert plan.before == plan.after
    assert plan.notes[1] == "Real-time protection is off."
    assert plan.notes[2].startswith("Its clock is 7")


def test_a_terminal_that_is_off_is_its_own_trouble(at: WindowsBench) -> None:
    at.terminals.fault(at.names[0], "off")
    [said] = at.planned().values()
    assert not isinstance(said, Intention)
    assert "does not answer" in said
