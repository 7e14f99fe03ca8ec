"""Every machine its own password, in the escrow before it is set: judged by the `openssl` command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from daicho.craft import Target, Trouble
from daicho.door import Intention
from daicho.endpoints.escrow import Escrow
from daicho.endpoints.escrow_file import EscrowFile, NoRecipient
from daicho.endpoints.sealing import open_with
from tests import safe
from tests.safe import FIRST, NONE, craft_of, make_machines, opened_by_openssl, password_of, recipient, rotate

if TYPE_CHECKING:
    from daicho.endpoints.escrow import Kept
    from daicho.plan import TargetState

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site's folder with two recipients."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("safe", "suzuki", "stranger"):
        recipient(folder, name)
    recipient(folder, "old", days=-1)
    (folder / "escrow.yml").write_text("recipients: [safe.pem, suzuki.pem]\nkeep: 3\n", encoding="ascii")
    return folder


@pytest.fixture
def place(tmp_path: Path, keys: Path) -> Path:
    """A folder with three machines and that site."""
    (tmp_path / "site").symlink_to(keys)
    make_machines(tmp_path, ["pc-1", "pc-2", "pc-3"])
    return tmp_path


def opened(place: Path, kept: Kept, who: str = "safe") -> dict[str, object]:
    """What openssl finds in an envelope."""
    found: dict[str, object] = json.loads(opened_by_openssl(kept.envelope, place / "site" / f"{who}.key"))
    return found


def test_each_machine_gets_its_own_and_each_recipient_opens_it(place: Path) -> None:
    told = rotate(place, ["pc-1", "pc-2", "pc-3"], FIRST)

    assert told == dict.fromkeys(("pc-1", "pc-2", "pc-3"), FIRST)
    passwords = [password_of(place, name) for name in ("pc-1", "pc-2", "pc-3")]
    assert len(set(passwords)) == 3
    for name, password in zip(("pc-1", "pc-2", "pc-3"), passwords, strict=True):
        [kept] = Escrow(place / "escrow").of(name)
        said = {"machine": name, "account": "root", "number": 1, "password": password}
        assert opened(place, kept) == opened(place, kept, "suzuki") == said
        assert kept.proven
        with pytest.raises(subprocess.CalledProcessError):
            opened(place, kept, "stranger")
    # 20 characters of all four kinds, and none that looks like another.
    assert all(len(password) == 20 and not set(password) & set("0Oo1lIi5S8B2Z") for password in passwords)
    modes = {path.stat().st_mode & 0o077 for path in (place / "escrow").rglob("*")}
    assert modes == {0}


def test_nothing_of_it_is_readable_without_a_key(place: Path) -> None:
    rotate(place, ["pc-1"], FIRST)
    password = password_of(place, "pc-1").encode()
    files = [path for path in (place / "escrow").rglob("*") if path.is_file()]
    assert len(files) == 3  # an envelope, two certificates
    assert not [path for path in files if password in path.read_bytes()]


def test_the_second_is_not_touched_before_the_first_is_proven(place: Path) -> None:
    (place / "refuse/pc-1").touch()
    told = rotate(place, ["pc-1", "pc-2", "pc-3"], FIRST)
    assert told == {
        "pc-1": (
            "The new password of root was set on pc-1, and a logon with it was refused: Authentication "
            "failure. Passwords 1 and before are in the escrow. No further machine was begun."
        )
    }
    assert [password_of(place, name) for name in ("pc-2", "pc-3")] == ["first", "first"]
    # It was set and never proven; whoever needs it can open it.
    [kept] = Escrow(place / "escrow").of("pc-1")
    assert (opened(place, kept)["password"], kept.proven) == (password_of(place, "pc-1"), "")


@pytest.mark.parametrize(
    "where",
    ["given", "kept", *(pytest.param(each, marks=pytest.mark.slow) for each in ("look", "sealed", "proven"))],
)
def test_killed_at_any_step_the_password_is_in_the_escrow_and_it_goes_on(place: Path, where: str) -> None:
    (place / "die" / f"{where}-pc-1").touch()
    words = [sys.executable, "-m", "tests.safe", str(place), "pc-1", "pc-2"]
    died = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert died.returncode == -9, died.stderr
    has = password_of(place, "pc-1")
    kept = [opened(place, each)["password"] for each in Escrow(place / "escrow").of("pc-1")]
    assert has in ["first", *kept]
    assert len(kept) == (where != "look")

    assert rotate(place, ["pc-1", "pc-2"], FIRST) == dict.fromkeys(("pc-1", "pc-2"), FIRST)
    newest = Escrow(place / "escrow").of("pc-1")[-1]
    assert (newest.number, bool(newest.proven)) == (1, True)
    assert opened(place, newest)["password"] == password_of(place, "pc-1")
    # What was done is not done again; what was cut off is done with a new password.
    assert newest.attempt == (2 if where in {"sealed", "given", "proven"} else 1)
    assert (has == password_of(place, "pc-1")) == (where == "kept")


def plan_of(place: Path, wanted: TargetState | None = None) -> Intention | Trouble:
    [(_name, found)] = craft_of(place).rehearse([Target(name="pc-1", facts={}, wanted=wanted)])
    return found


def test_a_password_that_somebody_else_set_is_seen(place: Path) -> None:
    before = plan_of(place)
    assert isinstance(before, Intention)
    assert (dict(before.before), dict(before.after)) == (NONE, FIRST)
    assert before.notes == (
        "No password of root is in the escrow yet.",
        "Taking it back gives a fresh password too: whoever knew the one before would know it again.",
    )
    rotate(place, ["pc-1"], FIRST)
    (place / "machines/pc-1").write_text("byhand m9\n", encoding="ascii")
    after = plan_of(place)
    assert isinstance(after, Intention)
    assert after.before == FIRST | {"password proven": False}
    assert after.after == FIRST | {"password number": 2}
    assert after.notes[0] == "The password of root was set without daicho since number 1."
    # What was planned before that is not done any more.
    assert rotate(place, ["pc-1"], FIRST) == {"pc-1": FIRST | {"password proven": False}}
    assert password_of(place, "pc-1") == "byhand"


def test_an_undo_gives_a_fresh_one_once(place: Path) -> None:
    planned = plan_of(place)
    rotate(place, ["pc-1"], FIRST)
    assert isinstance(planned, Intention)
    inverse = cast("TargetState", planned.inverse)
    back = plan_of(place, inverse)
    assert isinstance(back, Intention)
    assert (back.before, back.after) == (FIRST, inverse)
    (place / "machines/pc-1").write_text(f"{password_of(place, 'pc-1')} m1\n", encoding="ascii")
    craft = craft_of(place)
    list(craft.carry_out([Target(name="pc-1", facts={}, wanted=inverse)], lambda _name, _state: True))
    again = plan_of(place, inverse)
    assert str(again) == ("its password was changed again since, to number 2; there is nothing to take back")


def test_so_many_are_kept_and_a_machine_put_back_can_be_opened(place: Path) -> None:
    for number in range(1, 6):
        wanted = FIRST | {"password number": number}
        craft = craft_of(place)
        list(craft.carry_out([Target(name="pc-1", facts={}, wanted=wanted)], lambda _name, _state: True))
    assert [(kept.number, bool(kept.proven)) for kept in Escrow(place / "escrow").of("pc-1")] == [
        (3, True),
        (4, True),
        (5, True),
    ]


def test_without_a_place_for_the_new_password_none_is_set(place: Path) -> None:
    (place / "escrow").write_text("no folder", encoding="ascii")
    with pytest.raises(OSError, match="escrow"):
        rotate(place, ["pc-1", "pc-2"], FIRST)
    assert [password_of(place, name) for name in ("pc-1", "pc-2")] == ["first", "first"]


def test_an_envelope_says_what_it_is_for(place: Path) -> None:
    rotate(place, ["pc-1", "pc-2"], FIRST)
    escrow = Escrow(place / "escrow")
    [kept] = escrow.of("pc-1")
    key = (place / "site/safe.key").read_bytes()
    secret = open_with(kept.envelope, key, None, escrow.recipients(kept))
    assert (secret.machine, secret.password) == ("pc-1", password_of(place, "pc-1"))
    assert password_of(place, "pc-1") not in repr(secret) + repr(kept)


def test_a_recipient_who_could_not_open_it_is_refused_before_anything_is_done(
    keys: Path,
) -> None:
    rules = EscrowFile(recipients=(Path("safe.pem"), Path("old.pem")))
    with pytest.raises(NoRecipient) as refused:
        rules.certificates(keys)
    assert str(refused.value).startswith("Passwords cannot be sealed to old.pem: 2")
    with pytest.raises(NoRecipient) as absent:
        EscrowFile(recipients=(Path("nobody.pem"),)).certificates(keys)
    assert str(absent.value) == (
        "Passwords cannot be sealed to nobody.pem: No such file or directory. Put the recipient's "
        "certificate (PEM, RSA, in force) beside escrow.yml, or take it out of `recipients`. "
        "Nothing was changed."
    )


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_machines_each_with_its_own_so_many_at_once(tmp_path: Path, keys: Path, count: int) -> None:
    names = [f"pc-{number:04}" for number in range(count)]
    (tmp_path / "site").symlink_to(keys)
    make_machines(tmp_path, names)
    told = rotate(tmp_path, names, FIRST)
    assert told == dict.fromkeys(names, FIRST)
    assert len({password_of(tmp_path, name) for name in names}) == count
    log = [line.split() for line in (tmp_path / "given").read_text(encoding="ascii").splitlines()]
    moments = sorted((int(moment), bool(proven)) for _name, moment, *proven in log)
    under_way = most = 0
    for _moment, proven in moments:
        under_way += -1 if proven else 1
        most = max(most, under_way)
    assert most <= 20
    # The first alone.
    assert [proven for _moment, proven in moments[:2]] == [False, True]


def test_the_safe_of_these_tests_is_no_toy(place: Path) -> None:
    """A wrong password is refused by what stands for a machine."""
    account = safe.FileAccount(place, "pc-1")
    with pytest.raises(Trouble, match="another password"):
        account.prove("root", "guess")
