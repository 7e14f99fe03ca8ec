"""Open the directory for a work, from what lies on its bench."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.accounts.rules import SECRET, DirectoryFile
from daicho.craft import as_trouble
from daicho.directory.session import Session
from daicho.directory.wrong import DirectoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.craft import Bench
    from daicho.directory.settings import DirectorySettings


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The directory, open, and the site's rules for it."""

    session: Session
    rules: DirectoryFile


@contextmanager
def open_directory(bench: Bench, *attributes: str) -> Iterator[Opened]:
    """The directory that the site file names, logged on to with the site's secret `directory`.

    Args:
        bench: What the work has.
        attributes: What is read of an account beside the usual.

    Raises:
        Trouble: The directory refuses us, and so all targets.
        Unreachable: None of its servers answers.
        DocumentError: The site file cannot be used.
    """
    rules = DirectoryFile.read(bench.content / "site")
    with (
        as_trouble(DirectoryError),
        Session(settings_of(rules, *attributes), lambda: bench.secret(SECRET)) as session,
    ):
        yield Opened(session=session, rules=rules)


def settings_of(rules: DirectoryFile, *attributes: str) -> DirectorySettings:
    """Where the directory is, with all attributes that the rules speak of among those that are read."""
    named = (*rules.directory.more_attributes, rules.cards.number_attribute, *attributes)
    more = tuple(dict.fromkeys(filter(None, named)))
    return rules.directory.model_copy(update={"more_attributes": more})
