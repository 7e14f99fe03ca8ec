"""The directory of a site, opened outside a run: to look, never to write."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from daicho.accounts.people_craft import Desk
from daicho.accounts.rules import SECRET, DirectoryFile
from daicho.accounts.terminal_logons import last_logons
from daicho.credentials import Keys
from daicho.directory.reading import Reader
from daicho.directory.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daicho.accounts.terminal_logons import Logons
    from daicho.site import Site


@contextmanager
def looking(site: Site) -> Iterator[Desk]:
    """The directory that the site file names.

    Raises:
        DocumentError: The site file is absent or cannot be used.
        NoSecret: The password was never set.
        DirectoryError: The directory cannot be asked.
    """
    rules = DirectoryFile.read(site.settings.site_inventory)
    with _session(site, rules) as session:
        yield Desk(rules=rules, reader=Reader(session))


def logons_of(site: Site, items: Iterable[str]) -> Logons:
    """When terminals last logged on, as the servers that the site file names have seen.

    Raises:
        As `looking`.
    """
    return last_logons(_session(site, DirectoryFile.read(site.settings.site_inventory)), items)


def _session(site: Site, rules: DirectoryFile) -> Session:
    return Session(rules.directory, partial(Keys.of(site.settings).secret, SECRET))
