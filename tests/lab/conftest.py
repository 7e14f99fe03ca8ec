from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import Lab
from lab.lab import require_host
from lab.life import require_root
from lab.outage import Outage
from tests.labs import NAME, clear_left, skipped_if_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
MACHINES = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here need the lab; the first of them may have to build the base image."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def lab_host() -> str:
    """The name for this session's lab; skips with the reason where the host cannot carry one."""
    with skipped_if_impossible():
        require_host()
    clear_left(lambda name: Lab(name).down())
    return NAME


@pytest.fixture(scope="session")
def lab_machines(lab_host: str) -> Iterator[Lab]:
    """One lab for the whole session, with machines ep01, ep02, ep03. Left as the tests leave it."""
    lab = Lab(lab_host)
    try:
        lab.up(MACHINES)
        yield lab
    finally:
        lab.down()


@pytest.fixture
def fresh_lab(lab_machines: Lab) -> Lab:
    """The session's lab with machines and repository as on their first day."""
    lab_machines.reset()
    return lab_machines


@pytest.fixture(scope="session")
def outage_session() -> Iterator[Outage]:
    """One office network for the whole session."""
    with skipped_if_impossible():
        require_root()
    clear_left(lambda name: Outage(name).down(), "outage.")
    outage = Outage(NAME)
    try:
        outage.up()
        yield outage
    finally:
        outage.down()


@pytest.fixture
def office(outage_session: Outage) -> Iterator[Outage]:
    """The office network with everything on and every cable in."""
    yield outage_session
    outage_session.restore()
    outage_session.power("all", on=True)
    for node in outage_session.truth()["nodes"]:
        for kind in node["faults"]:
            outage_session.fault(node["name"], kind, on=False)
