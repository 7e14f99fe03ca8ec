"""A work that Ansible does not serve takes the same door: planned, approved, drifted, killed, undone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.credentials import Keys
from tests.doorstep import Doorstep

if TYPE_CHECKING:
    from collections.abc import Iterator

WORK: Final = """\
from daicho.works.work import Inputs, Work

PATCH_ENDPOINTS = Work(
    name="patch_endpoints",
    title="Shelve",
    runner="script",
    craft="daicho.shelf:open_shelf",
    inputs=Inputs,
    kinds=frozenset({"endpoint"}),
)
NOTES = ()
"""
TARGETS: Final = ("pc-1", "pc-2", "pc-3")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Doorstep:
    """A site whose one work is done by the craft of `tests.shelf`."""
    folder = tmp_path_factory.mktemp("shelf") / "site"
    made = Doorstep.make(folder, TARGETS)
    (folder / "lib/daicho/works/patch_endpoints.py").write_text(WORK, encoding="utf-8")
    shutil.copyfile(Path(__file__).parents[1] / "shelf.py", folder / "lib/daicho/shelf.py")
    for sign in ("torn", "die"):
        (folder / sign).mkdir()
    Keys.of(made.settings("sato")).keep_secret("shelf", "open sesame")
    return made


@pytest.fixture
def at(template: Doorstep, tmp_path: Path) -> Iterator[Doorstep]:
    """A copy of it, judged in the end."""
    site = template.copy(tmp_path / "site")
    yield site
    site.judge_ended()


def approved(at: Doorstep, **more: Any) -> str:
    return at.approved(waves=[1, "100%"], **more)


def test_as_approved_and_back_again(at: Doorstep) -> None:
    change = approved(at)
    assert at.run(change)["outcomes"] == dict.fromkeys(TARGETS, "changed")
    assert at.effects() == {name: ["new"] for name in TARGETS}
    assert at.kinds("R1")[:5] == [
        "run.opened",
        "run.wave",
        "task.started",
        "target.intended",
        "target.outcome",
    ]
    assert at.state_of(change) == "done"


def test_an_undo_goes_back_to_what_was_found(at: Doorstep) -> None:
    for name in TARGETS:
        (at.folder / "effects" / name).write_text("old 2026-01-01T00:00:00.000000Z\n", encoding="ascii")
    run = at.run(approved(at))["run"]
    back = at.does("sato", "undo", run)["change"]
    at.does("sato", "plan", back)
    at.does("suzuki", "approve", back)
    assert at.run(back)["outcomes"] == dict.fromkeys(TARGETS, "changed")
    assert at.effects() == {name: ["old", "new", "old"] for name in TARGETS}
    # What the file held at first had no run, so the judge must not ask for its intent.
    for name in TARGETS:
        file = at.folder / "effects" / name
        file.write_text(
            "".join(file.read_text(encoding="ascii").splitlines(keepends=True)[1:]), encoding="ascii"
        )


def test_what_changed_since_the_plan_is_left_alone(at: Doorstep) -> None:
    change = approved(at)
    other = at.folder / "effects/pc-2"
    other.write_text("other 2026-01-01T00:00:00.000000Z\n", encoding="ascii")
    end = at.run(change)
    assert end["outcomes"] == {"pc-1": "changed", "pc-2": "drifted", "pc-3": "changed"}
    assert at.whys("R1")["pc-2"] == "line: None → other"
    assert at.effects()["pc-2"] == ["other"]
    other.unlink()


def test_trouble_with_one_target_is_its_own(at: Doorstep) -> None:
    (at.folder / "torn/pc-1").touch()
    change = at.request(waves=[1, "100%"])
    assert at.does("sato", "plan", change) == {
        "pc-1": ["failed", "patch_endpoints: pc-1 is torn"],
        "pc-2": ["changes", ""],
        "pc-3": ["changes", ""],
    }
    at.does("suzuki", "approve", change)
    (at.folder / "fail/pc-2").touch()
    end = at.run(change)
    assert end["outcomes"] == {"pc-2": "failed", "pc-3": "changed"}
    assert at.whys("R1")["pc-2"] == "patch_endpoints: pc-2 was told to fail"


def test_what_people_have_to_know_of_a_target_that_went_well_is_on_record(at: Doorstep) -> None:
    (at.folder / "say").mkdir()
    (at.folder / "say/pc-2").write_text("it has to be restarted", encoding="utf-8")
    assert at.run(approved(at))["outcomes"] == dict.fromkeys(TARGETS, "changed")
    assert at.whys("R1") == {"pc-1": "", "pc-2": "it has to be restarted", "pc-3": ""}


def test_a_system_that_is_gone_leaves_all_owing(at: Doorstep) -> None:
    change = approved(at)
    (at.folder / "closed").write_text("nobody answers", encoding="utf-8")
    end = at.run(change)
    assert (end["state"], set(end["outcomes"].values())) == ("owing", {"unreachable"})
    (at.folder / "closed").unlink()
    assert at.run(change)["outcomes"] == dict.fromkeys(TARGETS, "changed")


def test_a_secret_that_was_never_set_is_a_sentence(at: Doorstep) -> None:
    change = approved(at)
    Keys.of(at.settings("sato")).forget_secret("shelf")
    end = at.run(change)
    assert set(end["outcomes"].values()) == {"failed"}
    assert at.whys("R1")["pc-1"] == (
        "patch_endpoints: The site has no secret 'shelf'. Set it with `daicho secret set shelf`."
    )


@pytest.mark.parametrize("where", ["look", "begun", "written", "told"])
@pytest.mark.parametrize("target", ["pc-1", pytest.param("pc-3", marks=pytest.mark.slow)])
def test_killed_at_any_step_it_goes_on_and_nothing_happens_twice(
    at: Doorstep, where: str, target: str
) -> None:
    change = approved(at)
    (at.folder / "die" / f"{where}-{target}").touch()
    assert at.run(change) == {"died": 9}
    at.judge()
    again = at.run(change, "--resume")
    assert again["state"] == "done"
    assert again["outcomes"] == dict.fromkeys(TARGETS, "changed")
    assert at.effects() == {name: ["new"] for name in TARGETS}
