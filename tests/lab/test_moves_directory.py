"""What a move changes in the directory: where the account is, whose default a printer is; a logon as proof.

Judged by ldapsearch, kinit and lpstat; Kea, BIND, CUPS, the switches and the domain are in one network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.directories import join, log_on
from tests.directory_desk import RULES
from tests.move_lab import RULES as MOVES
from tests.move_lab import MoveLab, lab_of, why
from tests.move_site import items, moving, plans, ran
from tests.network_site import approved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.domain import Domain
    from tests.desk import Desk
    from tests.domains import Session

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
TERMINALS: Final = ("pc-1", "pc-2", "pc-3")
NEAR, FAR = "pr-0001", "pr-0002"
HEAR: Final = ["-E", "-h", "10.79.0.4:631"]


@pytest.fixture(scope="module")
def office(domain_session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoveLab]:
    there = domain_session.domain
    rules = {**MOVES, "directory": True}
    folder = tmp_path_factory.mktemp("moves")
    with lab_of(folder, len(TERMINALS), printers=2, controller=there.netns, rules=rules, minute=6) as lab:
        for printer in lab.services.printers:
            lab.queue(printer)
        site = lab.desk.state / "inventory"
        text = RULES.format(servers=there.fqdn("dc1"), base=there.base, ca=there.ca)
        (site / "directory.yml").write_text(text, encoding="utf-8")
        services = (site / "services.yml").read_text(encoding="utf-8")
        (site / "services.yml").write_text(
            services + "queues: {default_group: 'DP_{name}'}\n", encoding="utf-8"
        )
        lab.desk.expect("secret", "set", "directory", who="sato", typed=there.secret() + "\n")
        yield lab


@pytest.fixture
def desk(office: MoveLab, domain: Domain) -> Desk:
    """The desk on the controller; its terminals have accounts, and the first printer has a group."""
    for name in TERMINALS:
        join(domain, name)
    domain.samba_tool("group", "add", f"DP_{NEAR}")
    return office.desk.within(())


def in_group(domain: Domain, printer: str) -> set[str]:
    """Whose default a printer is."""
    [(_dn, found)] = domain.ldapsearch(f"(sAMAccountName=DP_{printer})", "member")
    return {dn.partition(",")[0].removeprefix("CN=").lower() for dn in found.get("member", [])}


def accounts(domain: Domain) -> list[object]:
    """All that the directory says of terminals and of the printers' groups."""
    found = domain.ldapsearch(
        "(|(cn=PC-*)(cn=DP_*))", *("description", "location", "member", "memberOf", "userAccountControl")
    )
    return sorted(found, key=str)


def undone(desk: Desk, run: str) -> None:
    """Take a run back."""
    change = desk.expect("undo", run, "--reason", "a trial", who="sato").out.split()[0]
    back = ran(desk, change)
    assert set(back.json["outcomes"]) == {"changed"}, why(back)


def test_a_terminal_gets_the_printer_of_its_new_floor_and_its_logon_proves_it(
    desk: Desk, domain: Domain, tmp_path: Path
) -> None:
    before = accounts(domain)
    change = moving(desk, {"item": "pc-1", "outlet": "4F-1"}, {"item": "pc-2", "outlet": "4F-2"})
    done = ran(desk, change)
    assert done.out, done.err + str(plans(desk, change))
    assert done.json["outcomes"] == {"changed": 2}, why(done)
    assert in_group(domain, NEAR) == {"pc-1", "pc-2"}
    [(_dn, its)] = domain.ldapsearch("(cn=PC-1)", "location")
    assert its["location"] == ["本館/4階/401"]
    verify = ("move", "verify", change, "--output", "json")
    assert [each["logon"] for each in desk.daicho(*verify, who="tanaka").json["moves"]] == ["not_yet"] * 2
    log_on(domain, "pc-1", "dc1", tmp_path)
    found = desk.daicho(*verify, who="tanaka").json["moves"]
    assert {each["item"]: each["logon"] for each in found} == {"pc-1": "proven", "pc-2": "not_yet"}
    undone(desk, done.json["run"])
    assert accounts(domain) == before


def test_two_printers_near_are_a_question_that_the_plan_answers(desk: Desk, domain: Domain) -> None:
    domain.samba_tool("group", "add", f"DP_{FAR}")
    change = moving(desk, {"item": "pc-3", "outlet": "4F-3"})
    desk.daicho("plan", change, who="sato")
    found = plans(desk, change)["pc-3"]
    assert not [key for key in found["after"] if key.startswith("default:")]
    asked = "Which printer is to be its default? At 本館/4階/401 there are pr-0001, pr-0002: say "
    assert f"{asked}`default_printer:`" in found["notes"]
    wish = {"item": "pc-3", "outlet": "4F-3", "default_printer": "pr-0003"}
    wrong = moving(desk, wish)
    desk.daicho("plan", wrong, who="sato")
    assert plans(desk, wrong)["pc-3"]["why"].endswith("the ledger has no other printer pr-0003")
    done = ran(desk, moving(desk, wish | {"default_printer": FAR}))
    assert done.json["outcomes"] == {"changed": 1}, why(done)
    assert (in_group(domain, NEAR), in_group(domain, FAR)) == (set(), {"pc-3"})
    undone(desk, done.json["run"])
    assert in_group(domain, FAR) == set()


def test_who_stays_behind_gets_another_printer_and_who_had_none_gets_the_one_that_comes(
    office: MoveLab, desk: Desk, domain: Domain
) -> None:
    moved = ran(desk, moving(desk, {"item": "pc-1", "outlet": "4F-1"}))
    assert in_group(domain, NEAR) == {"pc-1"}
    domain.samba_tool("group", "add", f"DP_{FAR}")
    office.services.execute(["lpadmin", *HEAR, "-d", NEAR])
    before = accounts(domain), office.lpstat("-d")
    wish = {"item": NEAR, "switch": "sw0001", "port": "Gi0/12", "floor": "本館3階", "room": "304"}
    change = moving(desk, wish | {"default_printer": FAR}, work="relocate_printers")
    done = ran(desk, change)
    assert done.json["outcomes"] == {"changed": 1}, why(done)
    assert in_group(domain, FAR) == {"pc-1"}
    assert in_group(domain, NEAR) == {"pc-2", "pc-3"}
    assert office.lpstat("-d") == f"system default destination: {FAR}\n"
    shown = json.dumps(plans(desk, change)[NEAR], ensure_ascii=False)
    assert '"default:pc-1": "pr-0001"' in shown
    undone(desk, done.json["run"])
    assert (accounts(domain), office.lpstat("-d")) == before
    undone(desk, moved.json["run"])


def test_a_directory_that_is_down_leaves_the_terminal_where_it_is(
    office: MoveLab, desk: Desk, domain: Domain
) -> None:
    change = approved(desk, moving(desk, {"item": "pc-2", "outlet": "4F-2"}))
    before, here = office.everything(), items(desk, ["pc-2"])
    domain.stop("dc1")
    try:
        done = desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
    finally:
        domain.start("dc1")
    assert done.json["outcomes"] == {"unreachable": 1}, done.err
    assert (office.everything(), items(desk, ["pc-2"])) == (before, here)
    assert in_group(domain, NEAR) == set()
