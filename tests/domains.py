"""The lab's directory for tests: one per session, as on the first day for each test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.domain import Domain, require_host
from tests.labs import NAME, clear_left, skipped_if_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator


class Session:
    """A session's directory, and whether a test may have changed it."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.touched = False

    def pristine(self) -> Domain:
        if self.touched:
            self.domain.reset()
        self.touched = True
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
def domain(domain_session: Session) -> Iterator[Domain]:
    """The directory as on its first day. The test runs on its controller: names and addresses resolve.

    So do threads and programs that the test starts. `domain.netns` is where a plain
    `ip netns exec` goes; `domain.environment` has what Kerberos and OpenLDAP's clients must know.
    """
    found = domain_session.pristine()
    with found.visit():
        yield found
