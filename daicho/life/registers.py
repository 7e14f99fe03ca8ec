"""The directory is read and compared as a whole: who asked and what was counted is on record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from daicho.accounts.opening import settings_of
from daicho.accounts.rules import SECRET, DirectoryFile
from daicho.accounts.terminal_compare import compare
from daicho.accounts.user_list import Criteria, attributes, list_users
from daicho.clock import now
from daicho.credentials import Keys
from daicho.directory.dialect import Kind
from daicho.directory.reading import Reader
from daicho.directory.session import Session
from daicho.items.item import natural_key
from daicho.items.record import all_items
from daicho.life.checking import recorded
from daicho.works import work_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daicho.accounts.terminal_compare import Difference
    from daicho.accounts.user_list import ListedUser
    from daicho.site import Site

USERS: Final = "list_users"
TERMINALS: Final = "update_terminals_master"


@dataclass(frozen=True, kw_only=True)
class UserList:
    """Every account of a person at one moment."""

    check: str
    users: Sequence[ListedUser]
    counts: Mapping[str, int]
    """How many accounts there are, and how many for each finding."""


@dataclass(frozen=True, kw_only=True)
class TerminalComparison:
    """How the ledger and the directory differ about terminals."""

    check: str
    differences: Sequence[Difference]


def read_users(site: Site, given: Mapping[str, object]) -> UserList:
    """List the users, as a recorded check.

    Args:
        site: Whose directory.
        given: The inputs of `list_users`; what is left out has its default.

    Raises:
        NotAllowed: The acting person may not operate this work.
        DirectoryError: The directory cannot be asked.
    """
    inputs = work_named(USERS).judge_inputs(given, USERS)
    rules = DirectoryFile.read(site.settings.site_inventory)
    with recorded(site, USERS, inputs) as (check, told):
        criteria = Criteria(
            now=now(),
            stale_days=int(str(inputs["stale_days"])),
            expiring_days=int(str(inputs["expiring_days"])),
            privileged=rules.privileged,
        )
        settings = settings_of(rules, *attributes(rules.directory.flavour))
        with Session(settings, partial(Keys.of(site.settings).secret, SECRET)) as session:
            users = sorted(list_users(Reader(session), criteria), key=lambda user: natural_key(user.login))
        counts = Counter(finding.value for user in users for finding in user.findings)
        told.update({"accounts": len(users)} | counts)
    return UserList(check=check, users=users, counts=dict(told))


def compare_terminals(site: Site) -> TerminalComparison:
    """Compare the ledger's terminals with the directory's, as a recorded check.

    Raises:
        NotAllowed: The acting person may not operate `update_terminals_master`.
        DirectoryError: The directory cannot be asked.
    """
    rules = DirectoryFile.read(site.settings.site_inventory)
    with recorded(site, TERMINALS, {}) as (check, told):
        with Session(settings_of(rules), partial(Keys.of(site.settings).secret, SECRET)) as session:
            reader = Reader(session, Kind.COMPUTER)
            aside = rules.terminals.retired or rules.directory.disabled
            found = compare(all_items(site.ledger), reader.everyone(), reader.dialect.login, aside)
        told.update(Counter(each.gap.value for each in found))
    return TerminalComparison(check=check, differences=found)
