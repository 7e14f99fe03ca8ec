"""The logon names by employee number, learnt once and kept up to date.

Employee numbers are not indexed in a directory unless somebody has seen to it: a filter of 200 numbers
costs as much as half a pass over everybody. So there is one light pass, and after it only what has
been written since is asked for, by Active Directory's sequence number, which is indexed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.directory.names import every, present
from daicho.directory.session import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.directory.session import Session


class Numbers:
    """Which employee number has which logon name, in Active Directory."""

    def __init__(self, session: Session, accounts: str, login: str) -> None:
        """Nothing is read yet.

        Args:
            session: An open session.
            accounts: A filter for the accounts that count.
            login: The attribute of the logon name.
        """
        self._session = session
        self._accounts = accounts
        self._asked = (session.settings.number, login)
        self._known: dict[str, str] = {}
        self._server = ""
        self._seen = 0

    def logins(self) -> Mapping[str, str]:
        """The logon names by number; of an account that has gone or was given another number, the old one.

        Whoever looks an account up by it compares the number.
        """
        number, login = self._asked
        session = self._session
        highest = session.one("", ("highestCommittedUSN",)).number("highestCommittedUSN")
        server = session.server
        wanted = [self._accounts, present(number)]
        if server == self._server:  # each server counts by itself
            wanted.append(f"(uSNChanged>={self._seen + 1})")
        for entry in session.search(Query(session.settings.base, every(*wanted), self._asked)):
            self._known[entry.text(number)] = entry.text(login)
        self._seen = highest
        self._server = server if session.server == server else ""
        return self._known
