"""Administrators' passwords through the door, and how somebody looks at one: nothing is in the clear."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from daicho.endpoints.escrow import Escrow
from daicho.endpoints.sealing import NotOpened
from daicho.errors import NotAllowed, UnknownObject
from daicho.items.item import Item
from daicho.items.record import import_items
from daicho.life.disclosing import NoReason, Wish, disclosed, opened
from daicho.site import Site
from tests.doorstep import ROOT, Doorstep
from tests.safe import make_machines, password_of, recipient

if TYPE_CHECKING:
    from pathlib import Path

    from daicho.endpoints.escrow import Kept

TARGETS = ("pc-1", "pc-2", "pc-3")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Doorstep:
    """A site whose machines are files, and which has one recipient."""
    folder = tmp_path_factory.mktemp("safe") / "site"
    made = Doorstep.make(folder, TARGETS)
    works = folder / "lib/daicho/works"
    text = (works / "rotate_admin_passwords.py").read_text(encoding="utf-8")
    craft = "daicho.endpoints.admin_craft:open_craft"
    assert craft in text
    (works / "rotate_admin_passwords.py").write_text(
        text.replace(craft, "daicho.safe:open_safe"), encoding="utf-8"
    )
    shutil.copyfile(ROOT / "tests/safe.py", folder / "lib/daicho/safe.py")
    make_machines(folder, list(TARGETS))
    recipient(made.state / "inventory", "safe")
    shutil.move(made.state / "inventory/safe.key", folder / "safe.key")
    (made.state / "inventory/escrow.yml").write_text("recipients: [safe.pem]\n", encoding="ascii")
    return made


@pytest.fixture
def at(template: Doorstep, tmp_path: Path) -> Doorstep:
    """A copy of it."""
    return template.copy(tmp_path / "site")


def approved(at: Doorstep, **more: Any) -> str:
    return at.approved(work="rotate_admin_passwords", waves=[1, "100%"], **more)


def shown(at: Doorstep, machine: str, why: str = "INC-4711", who: str = "sato") -> str:
    """The password, as `daicho passwords show` gives it."""
    key = (at.folder / "safe.key").read_bytes()
    with Site.open(at.settings(who)) as site:
        return opened(site, disclosed(site, Wish(machine=machine, why=why)), key, None)


def looks(at: Doorstep) -> list[dict[str, Any]]:
    return at.rows(
        "SELECT of, text ->> '$.by' AS by, text ->> '$.body.why' AS why, "
        "text ->> '$.body.number' AS number FROM entry WHERE kind = 'password.shown' ORDER BY seq"
    )


def test_changed_shown_and_nowhere_in_the_clear(at: Doorstep) -> None:
    change = approved(at)
    end = at.run(change)
    assert end["outcomes"] == dict.fromkeys(TARGETS, "changed")
    at.judge_ended()

    passwords = {name: password_of(at.folder, name) for name in TARGETS}
    assert {name: shown(at, name) for name in TARGETS} == passwords
    assert looks(at) == [{"of": name, "by": "sato", "why": "INC-4711", "number": 1} for name in TARGETS]
    # Everything that was written, but for what stands for the machines.
    dump = subprocess.run(["sqlite3", at.ledger, ".dump"], capture_output=True, check=True).stdout
    written = [path for path in at.state.rglob("*") if path.is_file()]
    for password in passwords.values():
        assert len(password) == 20
        assert [str(path) for path in written if password.encode() in path.read_bytes()] == []
        assert password.encode() not in dump + str(end).encode()
    assert len(dump) > 10_000
    _refusals_stay_refusals(at)


def _refusals_stay_refusals(at: Doorstep) -> None:
    """Who may not, who says no reason, what is not there: nothing is recorded as shown."""
    before = looks(at)
    with Site.open(at.settings("suzuki")) as site, pytest.raises(NotAllowed):
        disclosed(site, Wish(machine="pc-1", why="curious"))
    with Site.open(at.settings("sato")) as site:
        with pytest.raises(NoReason) as silent:
            disclosed(site, Wish(machine="pc-1", why="  "))
        with pytest.raises(UnknownObject) as absent:
            disclosed(site, Wish(machine="pc-9", why="INC-1"))
    assert str(silent.value) == (
        "Say why the password of pc-1 is needed: it stands in the ledger. Nothing was opened."
    )
    assert str(absent.value) == "There is no password 'pc-9'. `daicho passwords list` lists them."
    assert looks(at) == before

    key = (at.folder / "safe.key").read_bytes()
    with Site.open(at.settings("sato")) as site:
        kept, other = (disclosed(site, Wish(machine=name, why="audit")) for name in ("pc-1", "pc-2"))
        assert not_opened(site, replace(kept, envelope=other.envelope), key).startswith(
            "The password of pc-1 was not opened: the envelope is the one of pc-2, root, number 1."
        )
        assert not_opened(site, kept, b"no key").startswith("The password of pc-1 was not opened: ")


def not_opened(site: Site, kept: Kept, key: bytes) -> str:
    with pytest.raises(NotOpened) as refused:
        opened(site, kept, key, None)
    return str(refused.value)


@pytest.mark.slow
def test_two_items_with_one_address_are_refused(at: Doorstep) -> None:
    items = [Item(name, "endpoint", "192.0.2.7") for name in ("pc-1", "pc-2")]
    with Site.open(at.settings("sato")) as site:
        import_items(site.ledger, items, "sato", "items")
    change = at.request(work="rotate_admin_passwords", waves=["100%"])
    said = at.does("sato", "plan", change)
    assert said["error"] == "OneAddress"
    assert "192.0.2.7: pc-1, pc-2" in said["sentence"]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["look", "sealed", "given", "proven", "kept"])
def test_killed_at_any_step_it_is_resumed_and_taken_back(at: Doorstep, where: str) -> None:
    change = approved(at)
    (at.folder / "die" / f"{where}-pc-2").touch()
    assert at.run(change) == {"died": 9}
    at.judge()
    has = password_of(at.folder, "pc-2")
    kept = Escrow(at.state / "escrow").of("pc-2")
    assert has == "first" or has in [secret(at, each) for each in kept]

    again = at.run(change, "--resume")
    assert (again["state"], again["outcomes"]) == ("done", dict.fromkeys(TARGETS, "changed"))
    assert {name: shown(at, name) for name in TARGETS} == {
        name: password_of(at.folder, name) for name in TARGETS
    }
    before = {name: password_of(at.folder, name) for name in TARGETS}
    back = at.does("sato", "undo", "R1")["change"]
    at.does("sato", "plan", back)
    at.does("suzuki", "approve", back)
    assert at.run(back)["outcomes"] == dict.fromkeys(TARGETS, "changed")
    after = {name: password_of(at.folder, name) for name in TARGETS}
    assert not set(before.values()) & set(after.values())
    assert {name: shown(at, name) for name in TARGETS} == after
    at.judge_ended()


def secret(at: Doorstep, kept: Kept) -> str:
    with Site.open(at.settings("sato")) as site:
        return opened(site, kept, (at.folder / "safe.key").read_bytes(), None)
