"""A reading over the real protocol: what is new is recorded, what is as before is only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daicho.credentials import Keys
from daicho.door import Unwatched
from daicho.errors import ExitCode
from daicho.items.item import Item
from daicho.items.record import import_items
from daicho.life.checking import Order
from daicho.life.compliance import compliance
from daicho.life.endpoints import WORK, ReadEnd, read_endpoints
from daicho.records.endpoints import READ, sightings
from tests.windows import site_file, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.winrm import Windows
    from tests.bureau import Bureau


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=4) as made:
        yield made


def opened(bureau: Bureau, terminals: Windows) -> None:
    fixed = {"name", "kind", "address"}
    items = [
        Item(row["name"], row["kind"], row["address"], {k: str(v) for k, v in row.items() if k not in fixed})
        for row in terminals.items()
    ]
    settings = bureau.settings("sato")
    site_file(terminals, settings.site_inventory)
    Keys.of(settings).keep_secret("windows", terminals.world.password)
    with bureau.site("sato") as site:
        import_items(site.ledger, items, "sato", "terminals")


def read(bureau: Bureau, **inputs: Any) -> ReadEnd:
    with bureau.site("sato") as site:
        return read_endpoints(site, Order(work=WORK, inputs=inputs), Unwatched())


def test_readings_are_recorded_as_what_is_new(bureau: Bureau, terminals: Windows) -> None:
    opened(bureau, terminals)
    terminals.power("pc00004", on=False)
    first = read(bureau)
    assert (sorted(first.changed), first.same, sorted(first.off)) == (
        ["pc00001", "pc00002", "pc00003"],
        0,
        ["pc00004"],
    )
    assert first.exit_code is ExitCode.DONE  # one that is off is nothing strange

    terminals.set("pc00002", {"system.pending_reboot": True})
    terminals.fault("pc00003", "renamed", text="pc00099")
    second = read(bureau, what=["patches"])
    assert {name: sorted(states) for name, states in second.changed.items()} == {"pc00002": ["patches"]}
    assert second.same == 1
    assert second.unread["pc00003"].startswith("Under ") or "certificate" in second.unread["pc00003"]
    assert second.exit_code is ExitCode.INCOMPLETE
    terminals.clear("pc00003")
    terminals.power("pc00004", on=True)

    with bureau.site("sato") as site:
        bodies = [entry.body for entry in site.ledger.entries(kind=READ)]
        assert [
            (body["what"], len(body["states"]), len(body["same"]), len(body["unread"])) for body in bodies
        ] == [
            ("patches", 3, 0, 1),
            ("definitions", 3, 0, 1),
            ("patches", 1, 1, 2),
        ]
        assert set(sightings(site.ledger)) == {"pc00001", "pc00002", "pc00003"}
        board = {each.item.name: each for each in compliance(site).terminals}
        site.ledger.rebuild()
        assert {each.item.name: each for each in compliance(site).terminals} == board
    assert (board["pc00002"].restart, board["pc00001"].restart) == (True, False)
    assert board["pc00004"].patches is None
    # The user who sits there is told by the terminal and recorded nowhere.
    assert terminals.state("pc00001")["system"]["logged_on"] == "AD\\user00001"
    assert "user00001" not in bureau.settings("sato").ledger.read_bytes().decode("latin-1")
    assert terminals.world.password not in bureau.settings("sato").ledger.read_bytes().decode("latin-1")
