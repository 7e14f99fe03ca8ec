"""Moments, languages, settings, errors and outcomes: what everything else leans on."""

from __future__ import annotations

import ast
import importlib
import string
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

import daicho
from daicho import clock, errors, i18n
from daicho.change import State
from daicho.errors import DaichoError, ExitCode
from daicho.outcome import Outcome
from daicho.plan import Standing
from daicho.settings import Settings
from daicho.times import shown
from tests.bureau import NOW, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(daicho.__file__).parent
ZONES = st.just(UTC) | st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(timezones=ZONES).filter(lambda moment: 1 < moment.year < 9999)


@given(MOMENTS, MOMENTS)
def test_the_order_of_stamps_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    assert (clock.stamp(one) < clock.stamp(other)) == (one < other)
    assert len(clock.stamp(one)) == 27
    assert clock.moment(clock.stamp(one)) == one


def test_a_moment_without_a_zone_is_not_recorded() -> None:
    with pytest.raises(ValueError, match="a moment without a time zone cannot be recorded"):
        clock.stamp(NOW.replace(tzinfo=None))


def test_people_read_moments_in_their_own_zone() -> None:
    assert shown(NOW, policy_of().zone) == "2026-11-21 20:00 JST"


# Languages


@pytest.fixture
def japanese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of two words (tests/repo sees to the real one)."""
    folder = tmp_path / "locale/ja/LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog(locale="ja")
    catalogue.add("withdrawn", "取下げ")
    catalogue.add(errors.NotAllowed.sentence, "{person}は{work!r}を{act}できません。")
    with (folder / "daicho.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(i18n, "__file__", str(tmp_path / "i18n.py"))
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("japanese")
def test_the_language_is_chosen_where_a_word_is_shown() -> None:
    with i18n.language("ja"):
        assert i18n.gettext(State.WITHDRAWN.label) == "取下げ"
        with i18n.language("en"):
            assert i18n.gettext(State.WITHDRAWN.label) == "withdrawn"
        assert i18n.gettext("no such message") == "no such message"
    assert i18n.gettext(State.WITHDRAWN.label) == "withdrawn"


def test_two_readers_in_one_process_do_not_disturb_each_other() -> None:
    def japanese_reader() -> str:
        i18n.use_language("ja")
        return i18n.current_language()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(japanese_reader).result() == "ja"
    assert i18n.current_language() == "en"


def test_an_unknown_language_is_english() -> None:
    with i18n.language("tlh"):
        assert i18n.current_language() == "en"


@pytest.mark.parametrize("kind", [Outcome, State, Standing])
def test_every_word_has_a_label_of_its_own(kind: type[Outcome | State | Standing]) -> None:
    assert len({word.label for word in kind}) == len(kind)


# Settings


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
        ({"LC_MESSAGES": "ja_JP", "LANG": "en_US"}, "ja"),
        ({"LC_ALL": "en_US.UTF-8", "DAICHO_LANG": "ja"}, "ja"),
        ({"DAICHO_LANG": "fr"}, "en"),
    ],
)
def test_the_language_is_daicho_s_own_setting_else_the_locale(
    environment: dict[str, str], wanted: str
) -> None:
    assert Settings.read(environment).language == wanted


def test_places_come_from_the_environment(tmp_path: Path) -> None:
    settings = Settings.read({"DAICHO_STATE": str(tmp_path), "DAICHO_CONTENT": "/c", "DAICHO_AS": "sato"})
    assert (settings.state, settings.content, settings.person) == (tmp_path, Path("/c"), "sato")
    assert settings.ledger.is_relative_to(tmp_path)
    assert settings.keys.is_relative_to(tmp_path)
    assert settings.runs.is_relative_to(tmp_path)


def test_an_empty_variable_is_an_absent_one() -> None:
    settings = Settings.read({"DAICHO_STATE": "", "DAICHO_AS": "", "DAICHO_CONTENT": ""})
    assert settings.person is None
    assert settings.state.is_absolute()
    assert (settings.content / "playbooks").is_dir()


# Errors


def _classes(root: type[DaichoError]) -> Iterator[type[DaichoError]]:
    yield root
    for child in root.__subclasses__():
        yield from _classes(child)


def _modules() -> list[str]:
    """All modules of the package but what belongs to a command line of its own."""
    return sorted(
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if path.name not in {"__init__.py", "__main__.py"}
    )


def _fields(template: str) -> set[str]:
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_error_is_raised_with_the_facts_of_its_sentence() -> None:
    """A fact that is missing would make a KeyError out of a refusal, where it is shown."""
    wrong, looked_at = [], 0
    for name in _modules():
        module = importlib.import_module(name)
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args):
                continue
            cls = getattr(module, node.func.id, None)
            if not (isinstance(cls, type) and issubclass(cls, DaichoError) and "__init__" not in vars(cls)):
                continue
            looked_at += 1
            given_ = {keyword.arg for keyword in node.keywords}
            if None not in given_ and (missing := _fields(cls.sentence) - {str(each) for each in given_}):
                wrong.append(f"{name}:{node.lineno} {cls.__name__} without {sorted(missing)}")
    assert wrong == []
    assert looked_at > 50


def test_the_tree_at_the_top_of_errors_is_the_tree() -> None:
    drawn = [
        (
            line[: len(line) - len(line.lstrip("│├└─ "))].replace("─", " ").rstrip(),
            *line.lstrip("│├└─ ").split(),
        )
        for line in str(errors.__doc__).splitlines()
        if line.startswith(("├", "│", "└", "    ├", "    └"))
    ]
    for _, name, *rest in drawn:
        cls = getattr(errors, name)
        if rest and rest[0].isdigit():
            assert cls.exit_code == int(rest[0]), name
    assert {name for _, name, *_ in drawn} == {
        cls.__name__
        for cls in _classes(DaichoError)
        if cls.__module__ == "daicho.errors" and cls is not DaichoError
    }


def test_schedulers_may_rely_on_exit_codes() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "INTERNAL": 1,
        "USAGE": 2,
        "INCOMPLETE": 3,
        "FAILED": 4,
        "REFUSED": 5,
        "NOTHING_MATCHED": 6,
        "INTERRUPTED": 130,
    }


@pytest.mark.usefixtures("japanese")
def test_an_error_speaks_the_language_of_whoever_reads_it() -> None:
    error = errors.NotAllowed(person="sato", act="approve", work="patch_endpoints")
    english = (
        "sato may not approve 'patch_endpoints'. The policy in force lists who may: `daicho policy show`."
    )
    assert str(error) == english
    with i18n.language("ja"):
        assert str(error) == "satoは'patch_endpoints'をapproveできません。"


# Outcomes


def test_each_outcome_is_settled_or_owed_or_an_end_that_is_neither() -> None:
    assert {outcome for outcome in Outcome if outcome.settled} == {Outcome.CHANGED, Outcome.UNCHANGED}
    assert {outcome for outcome in Outcome if outcome.owed} == {
        Outcome.UNREACHABLE,
        Outcome.SKIPPED,
        Outcome.UNKNOWN,
    }
