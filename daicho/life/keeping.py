"""Configurations of network devices go into the site's repository, and what is different is recorded.

The entry `configuration.kept` (of a check or a run) holds the digest of every configuration that changed
and git's name for all of them together; it is on disk before the commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daicho.archive import Archive, Message
from daicho.ledger.entry import Draft
from daicho.network.kept import LEFT, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.archive import Staged
    from daicho.site import Site


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Why configurations are kept."""

    of: str
    """The check or run."""
    by: str
    title: str
    """The commit's first line."""
    trailers: Mapping[str, str]
    facts: Mapping[str, object] = field(default_factory=dict)
    """What else the entry says."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What came of it."""

    commit: str | None
    changed: Mapping[str, str]
    """Device → digest, of those whose configuration is not as it was kept before."""


def keep(site: Site, texts: Mapping[str, str], occasion: Occasion) -> Kept:
    """Put configurations (file name → text) into the repository and record what is different.

    Raises:
        NotKept: The repository took nothing.
        LedgerUnwritable: Nothing was committed.
    """
    changed: dict[str, str] = {}

    def record(staged: Staged | None) -> None:
        names = staged.changed if staged else ()
        changed.update({name.removesuffix(".cfg"): digest(texts[name]) for name in names if name in texts})
        body = {"devices": len(texts), "changed": changed, **occasion.facts}
        body |= {"tree": staged.tree} if staged else {}
        site.ledger.append(Draft(kind="configuration.kept", of=occasion.of, by=occasion.by, body=body))

    known = site.policy.person(occasion.by)
    author = (known.display if known and known.display else occasion.by, f"{occasion.by}@{site.policy.site}")
    message = Message(title=occasion.title, trailers=occasion.trailers, author=author)
    commit = Archive(site.settings.configurations).keep(texts, message, record)
    if commit is None:
        record(None)
    return Kept(commit=commit, changed=changed)


def keep_left(site: Site, run: str, change: str, title: str, by: str) -> None:
    """Keep the configurations that a run's engine left in its folder, if it left any.

    Raises:
        NotKept: The repository took nothing.
        LedgerUnwritable: Nothing was committed.
    """
    files = sorted((site.settings.runs / run / LEFT).glob("*.cfg"))
    if not files:
        return
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    trailers = {"Daicho-Run": run, "Daicho-Change": change}
    keep(site, texts, Occasion(of=run, by=by, title=f"{run}: {title}", trailers=trailers))
