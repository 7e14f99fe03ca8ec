"""The lab's directory for tests: one per session, as on the first day for each test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.domain import Domain, require_host
from tests.labs import NAME, clear_left, skipped_if_impossible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MACHINES = ("dc1", "dc2", "fs1", "ldap1")


class Session:
    """A session's directory, and which of its machines a test may have changed."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._changed = set[str]()

    def pristine(self, changes: Iterable[str]) -> Domain:
        """The directory as on the first day, for a test that changes these machines."""
        if self._changed:
            self.domain.reset({*MACHINES} if self._changed - {"ldap1"} else self._changed)
        self._changed = set(changes)
        return self.domain


@pytest.fixture(scope="session")
def domain_session() -> Iterator[Session]:
    """dc1, dc2, fs1 and ldap1 with 300 people; skips with the reason where the host cannot carry them."""
    with skipped_if_impossible():
        require_host()
    clear_left(lambda name: Domain(name).down(), "domain.")
    domain = Domain(NAME)
    try:
        domain.up(300, ("dc2", "fs1", "ldap1"))
        yield Session(domain)
    finally:
        domain.down()


@pytest.fixture
def domain(domain_session: Session, request: pytest.FixtureRequest) -> Iterator[Domain]:
    """The directory as on its first day. The test runs on its controller: names and addresses resolve.

    So do threads and programs that the test starts. `domain.netns` is where a plain
    `ip netns exec` goes; `domain.environment` has what Kerberos and OpenLDAP's clients must know.

    A test that changes only ldap1, or nothing, says so with `pytest.mark.changes("ldap1")` or
    `pytest.mark.changes`: to put everything back takes seconds.
    """
    marked = request.node.get_closest_marker("changes")
    found = domain_session.pristine(marked.args if marked else MACHINES)
    with found.visit():
        yield found
