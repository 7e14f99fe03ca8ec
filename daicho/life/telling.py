"""Notifications of one check: the site's document, and what is queued on disk beside the check's lock."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from daicho import clock
from daicho.documents import judge, load, read_file
from daicho.errors import UnknownObject
from daicho.i18n import gettext as _
from daicho.ledger.entry import Draft
from daicho.life.baselines import WORK as BASELINE
from daicho.life.checking import folder_of
from daicho.reachability.matters import Kind
from daicho.reachability.notices import Notices
from daicho.reachability.notify import Notifier
from daicho.reachability.outbox import Outbox
from daicho.records.checks import check_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from pathlib import Path

    from daicho.canonical import Json
    from daicho.reachability.verdict import Judgement
    from daicho.site import Site

WORK: Final = "check_connectivity"
_OUTBOX: Final = "outbox.db"


def notices_of(path: Path) -> Notices:
    """The site's document on who is told what.

    Raises:
        DocumentError: Every problem with its field.
    """
    return judge(Notices, load(read_file(path), str(path)), str(path))


class Herald:
    """Tells people what a check finds."""

    def __init__(self, outbox: Outbox, notices: Notices, zone: tzinfo) -> None:
        """Send over these channels; what cannot be sent stays in the outbox."""
        self._outbox = outbox
        self._notifier = Notifier(outbox, notices, zone)

    def tell(self, judgement: Judgement) -> list[dict[str, Json]]:
        """Queue what is new, send what is due."""
        self._notifier.observe(judgement)
        return [each.as_json() for each in self._notifier.deliver(clock.now())]

    def quiet(self) -> bool:
        """Whether nothing is left to be told. What nobody can judge is no fault that could recover."""
        faults = [topic for topic in self._notifier.open_topics() if topic.key != Kind.UNTOLD]
        return not faults and not self._outbox.unsent()

    def patience(self) -> float:
        """Seconds that a recovery still needs until it is told."""
        return self._notifier.patience()


@contextmanager
def herald(site: Site, notices: Notices, *, watching: bool) -> Iterator[Herald]:
    """Whoever tells people for the length of a check. One look alone confirms itself."""
    # A fault is told when it is seen a second time, a recovery after a while: whoever looks once has neither.
    alone = {"confirm_looks": 1, "settle_seconds": 0}
    wanted = notices if watching else notices.model_copy(update=alone)
    with _outbox(site) as outbox:
        _forget_what_is_over(site, outbox)
        yield Herald(outbox, wanted, site.policy.zone)


def _forget_what_is_over(site: Site, outbox: Outbox) -> None:
    """A cause that was told before the newest baseline is not the one of tonight, whatever it is called.

    Without this a switch that failed last year, and whose repair nobody watched, would not be told again.
    """
    recorded = (row.opened_at for row in check_records(site.ledger, BASELINE) if row.recorded is not None)
    newest = next(recorded, None)
    if newest is None:
        return
    with outbox.together():
        for key, topic in outbox.topics().items():
            if topic.detected_at < datetime.fromisoformat(newest):
                outbox.forget(key)


def acknowledge(site: Site, cause: str) -> str:
    """Record that the acting person has taken a cause on: nobody is reminded of it. Its title.

    Raises:
        NotAllowed: They may not operate this work.
        UnknownObject: Nobody was told of such a cause.
    """
    by = site.actor_who_may("operate", WORK)
    newest = next(iter(check_records(site.ledger, WORK, limit=1)), None)
    if newest is None:
        raise UnknownObject(kind=_("cause"), name=cause, listing="daicho check list")
    with _outbox(site) as outbox:
        title = Notifier(outbox, Notices(channels=()), site.policy.zone).acknowledge(cause, by)
    body = {"cause": cause, "title": title}
    site.ledger.append(Draft(kind="check.acknowledged", of=newest.id, by=by, body=body))
    return title


@contextmanager
def _outbox(site: Site) -> Iterator[Outbox]:
    folder = folder_of(site, WORK)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Outbox(folder / _OUTBOX) as outbox:
        yield outbox
