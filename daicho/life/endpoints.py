"""The Windows endpoints are asked what they have and miss; what is as before is only counted as such.

Past Ansible: one session with each endpoint, many at once, all scripts in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from daicho import clock
from daicho.craft import Trouble, Unreachable
from daicho.credentials import Keys
from daicho.endpoints.fleet import each
from daicho.endpoints.patch_state import DEFINITIONS, PATCHES, SCRIPTS, definition_state, patch_state
from daicho.endpoints.script import run_all
from daicho.endpoints.session import Access, item_endpoint
from daicho.endpoints.site import SECRET, WindowsFile, runs_windows
from daicho.endpoints.wrong import NotDone
from daicho.errors import DaichoError, ExitCode
from daicho.i18n import gettext as _
from daicho.ledger.entry import Draft
from daicho.life.checking import NothingToCheck, alone, close_check, close_orphans, grant, open_check
from daicho.life.knocking import absent
from daicho.records.endpoints import READ, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from daicho.door import Watch
    from daicho.endpoints.session import Session
    from daicho.items.item import Item
    from daicho.life.checking import Grant, Order
    from daicho.site import Site

WORK: Final = "read_endpoints"
_BATCH: Final = 500
"""Endpoints in one entry: what a process that dies may lose."""
_JUDGES: Final[Mapping[str, Callable[[Mapping[str, object], datetime], dict[str, Any]]]] = {
    PATCHES: patch_state,
    DEFINITIONS: definition_state,
}

type _Ask = Callable[[Session], _Answer]
type Reading = Mapping[str, dict[str, Any]]
"""What was asked → what the endpoint says."""


@dataclass(frozen=True, kw_only=True)
class ReadEnd:
    """What a reading of the endpoints brought."""

    check: str
    asked: int
    changed: Mapping[str, Reading]
    """Endpoint → what is not as at the reading before."""
    same: int
    """Endpoints of which everything is as before."""
    unread: Mapping[str, str]
    """Endpoint → why nothing or not all could be read."""
    off: frozenset[str]
    """Those of them that did not answer."""

    @property
    def exit_code(self) -> ExitCode:
        """Whether every endpoint that answers could be read: one that is off is nothing strange."""
        return ExitCode.INCOMPLETE if set(self.unread) - self.off else ExitCode.DONE


def read_endpoints(site: Site, order: Order, watch: Watch) -> ReadEnd:
    """Ask every Windows endpoint that is meant, and record what it says.

    Raises:
        GateRefused, NotAllowed, NothingMatched: See `daicho.life.checking.grant`.
        DocumentError: `windows.yml` is absent or cannot be used.
        AlreadyChecking: Another process is at it.
    """
    given = grant(site, order)
    items = [item for item in given.items if runs_windows(item.attributes.get("os"))]
    if not items:
        raise NothingToCheck(kinds="endpoint (os: windows)")
    rules = WindowsFile.read(site.settings.site_inventory)
    access = Access(site=rules, password=Keys.of(site.settings).secret(SECRET))
    with alone(site, WORK):
        close_orphans(site, WORK)
        name = open_check(site, given, deadline=None, baseline=None)
        code, facts = ExitCode.INTERRUPTED, dict[str, object]()
        try:
            end = _read(given, _Errand(site, name, items, access, watch))
            code, facts = end.exit_code, {"read": _numbers(end)}
        finally:
            close_check(site, name, given.operator, code, facts)
    return end


@dataclass(frozen=True)
class _Errand:
    site: Site
    check: str
    items: Sequence[Item]
    access: Access
    watch: Watch


def _read(given: Grant, errand: _Errand) -> ReadEnd:
    asked = tuple(str(each) for each in given.inputs["what"])
    errand.watch.phase(_("asking the endpoints"), len(errand.items))
    book = _Book(errand.site, errand.check, given.operator, asked)
    ask = partial(_ask, asked=asked, arguments={PATCHES: {"online": given.inputs["online"]}})
    # Who does not answer is asked once more at the end: it may be starting, or the network was full.
    silent = _asked(errand, errand.items, ask, book)
    again = [item for item in errand.items if item.name in silent]
    if again and len(again) < len(errand.items):
        silent = _asked(errand, again, ask, book)
    book.take(silent.items())
    book.flush()
    return ReadEnd(
        check=errand.check,
        asked=len(errand.items),
        changed=book.changed,
        same=book.same,
        unread=book.unread,
        off=frozenset(silent),
    )


def _asked(errand: _Errand, items: Sequence[Item], ask: _Ask, book: _Book) -> dict[str, Trouble]:
    """Ask those that answer a knock, and let the book have what they say; who did not answer."""
    silent: dict[str, Trouble] = {
        name: Unreachable(why=why) for name, why in absent(errand.site, items).items()
    }
    going = [item_endpoint(item) for item in items if item.name not in silent]
    for name, found in each(going, ask, errand.access):
        if isinstance(found, Trouble) and found.unreachable:
            silent[name] = found
            continue
        book.take([(name, found)])
        errand.watch.target(name, _("asked"), str(found) if isinstance(found, Trouble) else "")
    return silent


@dataclass
class _Answer:
    """What one endpoint said; a script that fails there spoils only its own part."""

    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)


def _ask(session: Session, asked: Sequence[str], arguments: Mapping[str, Mapping[str, object]]) -> _Answer:
    answer = _Answer()
    found = run_all(session, {SCRIPTS[what]: arguments.get(what, {}) for what in asked})
    for what in asked:
        result = found[SCRIPTS[what]]
        if isinstance(result, NotDone):
            answer.troubles[what] = str(result)
            continue
        try:
            answer.states[what] = _JUDGES[what](result, clock.now())
        except DaichoError as error:  # what came back has not the shape of our scripts
            raise Trouble(why=str(error)) from error
    return answer


class _Book:
    """Records answers in batches: what is new, what is as before, what could not be read."""

    def __init__(self, site: Site, check: str, by: str, asked: Sequence[str]) -> None:
        self._site, self._check, self._by, self._asked = site, check, by, asked
        self._before = {what: texts_of(site.ledger, what) for what in asked}
        self._bodies = self._empty()
        self._waiting = 0
        self.changed: dict[str, Reading] = {}
        self.unread: dict[str, str] = {}
        self.same = 0

    def take(self, answers: Iterable[tuple[str, _Answer | Trouble]]) -> None:
        for name, found in answers:
            if isinstance(found, Trouble):
                self._failed(name, found)
            else:
                self._said(name, found)
            self._waiting += 1
            if self._waiting >= _BATCH:
                self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._site.ledger.append(*self._drafts())
        self._bodies, self._waiting = self._empty(), 0

    def _failed(self, name: str, found: Trouble) -> None:
        self.unread[name] = str(found)
        for what in self._asked:
            self._bodies[what]["unread"][name] = str(found)[:1000]

    def _said(self, name: str, found: _Answer) -> None:
        new = {
            what: state
            for what, state in found.states.items()
            if self._before[what].get(name) != text_of(state)
        }
        for what, state in found.states.items():
            if what in new:
                self._bodies[what]["states"][name] = state
            else:
                self._bodies[what]["same"].append(name)
        for what, why in found.troubles.items():
            self._bodies[what]["unread"][name] = why[:1000]
            self.unread[name] = why
        if new:
            self.changed[name] = new
        elif not found.troubles:
            self.same += 1

    def _drafts(self) -> Iterator[Draft]:
        for what, body in self._bodies.items():
            if body["states"] or body["same"] or body["unread"]:
                yield Draft(kind=READ, of=self._check, by=self._by, body={"what": what, **body})

    def _empty(self) -> dict[str, dict[str, Any]]:
        return {what: {"states": {}, "same": [], "unread": {}} for what in self._asked}


def _numbers(end: ReadEnd) -> dict[str, int]:
    found = Counter({"asked": end.asked, "changed": len(end.changed), "same": end.same})
    found["off"] = len(end.off)
    found["unread"] = len(set(end.unread) - end.off)
    return dict(found)
