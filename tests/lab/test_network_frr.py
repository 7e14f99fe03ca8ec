"""A change reaches simulated switches and real FRR routers alike; vtysh on the router is the witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from daicho.craft import Bench, Target, Trouble
from daicho.errors import DaichoError
from daicho.network.logins import LoginRules
from daicho.network.platforms import PLATFORMS
from daicho.runners.fleet import Entrance, Fleet, device_host
from daicho.runners.network import NetworkCraft
from tests.labs import devices_of
from tests.network_desk import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daicho.door import Intention
    from daicho.plan import TargetState
    from lab.devices import Devices

LINES: Final = {
    "frr": "interface lo\n description 本省\nip prefix-list OFFICE seq 5 permit 10.30.0.0/16\n",
    "cisco_ios": "vlan 30\n name SALES\n",
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Devices]:
    """Two simulated switches and two FRR routers."""
    yield from devices_of("frr", 2, "cisco_ios", minute=0.5)


def craft(lab: Devices, lines: Mapping[str, str], *, undo: bool = False) -> NetworkCraft:
    bench = Bench(
        inputs={"lines": dict(lines), "allow_management": True},
        undo=undo,
        secret=lambda name: "pepper" if name == "vault" else lab.plane.world.secret,
        content=ROOT,
        folder=lab.state,
        key=lab.places.user_key,
        known_hosts=lab.state / "known_hosts",
        language="en",
    )
    return NetworkCraft(bench, minute=0.5)


def routers(lab: Devices, wanted: Mapping[str, TargetState | None]) -> list[Target]:
    return [
        Target(
            name=router.name,
            facts={"ansible_host": router.address, "daicho_item": {"platform": "frr", "login": "root"}},
            wanted=wanted.get(router.name),
        )
        for router in lab.routers
    ]


def plans_of(
    lab: Devices, lines: Mapping[str, str], wanted: Mapping[str, TargetState | None], *, undo: bool = False
) -> dict[str, Intention | Trouble]:
    return lab.inside(lambda: dict(craft(lab, lines, undo=undo).rehearse(routers(lab, wanted))))


def carried_out(
    lab: Devices, plans: Mapping[str, Intention], *, undo: bool = False, lines: Mapping[str, str] = LINES
) -> dict[str, TargetState | Trouble]:
    wanted = {name: plan.after for name, plan in plans.items()}

    def work() -> dict[str, TargetState | Trouble]:
        going = craft(lab, lines, undo=undo).carry_out(
            [target for target in routers(lab, wanted) if target.name in wanted],
            lambda name, state: dict(state) == dict(plans[name].before),
        )
        return dict(going)

    return lab.inside(work)


def test_real_routers_are_changed_saved_and_taken_back(lab: Devices) -> None:
    before = {router.name: lab.router_configuration(router.name) for router in lab.routers}
    plans = {name: plan for name, plan in plans_of(lab, LINES, {}).items() if not isinstance(plan, Trouble)}
    assert set(plans) == {"r1", "r2"}
    done = carried_out(lab, plans)
    assert done == {name: plan.after for name, plan in plans.items()}
    for router in lab.routers:
        running = lab.router_configuration(router.name)
        assert "interface lo\n description 本省\n" in running
        assert "ip prefix-list OFFICE seq 5 permit 10.30.0.0/16\n" in running
    back = plans_of(lab, LINES, {name: plan.inverse for name, plan in plans.items()}, undo=True)  # type: ignore[misc]
    undone = {name: plan for name, plan in back.items() if not isinstance(plan, Trouble)}
    assert carried_out(lab, undone, undo=True) == {name: plan.after for name, plan in undone.items()}
    assert {router.name: lab.router_configuration(router.name) for router in lab.routers} == before


CUT: Final = {"frr": "ip route 10.50.241.5/32 blackhole\n"}
"""What comes back to the operators goes nowhere: they speak to r1 from there."""


def test_a_router_that_cuts_itself_off_comes_back_by_itself(lab: Devices) -> None:
    before = lab.router_configuration("r1")
    plan = plans_of(lab, CUT, {})["r1"]
    assert not isinstance(plan, Trouble)
    said = carried_out(lab, {"r1": plan}, lines=CUT)["r1"]
    assert isinstance(said, Trouble)
    assert str(said).startswith("r1 could not be reached after the change (")
    assert str(said).endswith("It came back by itself and has its old configuration again.")
    assert lab.router_configuration("r1") == before


def test_without_its_dead_man_it_is_not_touched(lab: Devices) -> None:
    login = lab.state / "r1" / "login"
    kept = login.read_text(encoding="ascii")
    before = lab.router_configuration("r1")
    plan = plans_of(lab, CUT, {})["r1"]
    assert not isinstance(plan, Trouble)
    login.write_text(kept.replace("daicho-dead-man ", "nothing "), encoding="ascii")
    try:
        said = carried_out(lab, {"r1": plan}, lines=CUT)["r1"]
    finally:
        login.write_text(kept, encoding="ascii")
    assert str(said) == (
        "r1 was not touched: the change reaches its management path, and it could not be told to come back "
        "by itself (`daicho-dead-man` is not there for this account)."
    )
    assert lab.router_configuration("r1") == before


def test_what_a_command_beside_the_session_says_by_its_end(lab: Devices) -> None:
    login = lab.state / "r1" / "login"
    kept = login.read_text(encoding="ascii")
    router = lab.routers[0]
    entrance = Entrance(
        key=lab.places.user_key,
        known_hosts=lab.state / "known_hosts",
        secret=lambda _name: "",
        logins=LoginRules(),
    )
    host = device_host(router.name, router.address, None, {"platform": "frr", "login": "root"})

    def work() -> tuple[int, str]:
        with Fleet(ROOT, entrance).session(host, PLATFORMS["frr"]) as device:
            # It ends before it has read what it is given, more than fits under way.
            refused: tuple[int, str] = device.fetch("nothing", "x" * 8_000_000)
            login.write_text("#!/bin/sh\nkill -9 $$\n", encoding="ascii")
            with pytest.raises(DaichoError, match="r1 ended the session at `nothing`"):
                device.fetch("nothing")
            return refused

    try:
        assert lab.inside(work) == (1, "")
    finally:
        login.write_text(kept, encoding="ascii")
