"""A change is asked for, or taken back before it runs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Literal

from daicho.approval import Subject
from daicho.change import ChangeDocument
from daicho.documents import judge, load
from daicho.errors import DocumentError, NotAllowed
from daicho.i18n import gettext as _
from daicho.ledger.entry import Draft
from daicho.records.changes import Taken, change_record, next_change
from daicho.times import site_zone
from daicho.works import WORKS, work_named

if TYPE_CHECKING:
    from daicho.site import Site

_ATTEMPTS: Final = 5


def read_change(site: Site, text: str, name: str) -> ChangeDocument:
    """The change document in a YAML text, checked against the work's inputs.

    Args:
        site: Whose time zone its moments are in.
        text: The YAML.
        name: Where it came from, for messages.

    Raises:
        DocumentError: Every problem with its field.
    """
    with site_zone(site.policy.time_zone):
        document = judge(ChangeDocument, load(text, name), name)
    if document.undo_of:
        problem = _("At undo_of: only `daicho undo RUN` sets it.")
        raise DocumentError(document=name, problems=problem)
    if document.work not in WORKS:
        known = ", ".join(sorted(WORKS))
        problem = _("At work: there is no work {work!r}. There are: {known}.")
        raise DocumentError(document=name, problems=problem.format(work=document.work, known=known))
    WORKS[document.work].judge_inputs(document.inputs, name)
    if not WORKS[document.work].writes and document.kind != "standard":
        problem = _(
            "At class: {work} only reads and needs no approval; only a schedule has a change: `standard`."
        )
        raise DocumentError(document=name, problems=problem.format(work=document.work))
    return document


def request_change(site: Site, document: ChangeDocument) -> str:
    """Record a change as asked for by the acting person; its name, such as `C7`.

    Raises:
        NotAllowed: The policy does not let them request this work.
        LedgerUnwritable: Nothing was recorded.
    """
    by = site.actor_who_may("request", document.work)
    inputs = work_named(document.work).judge_inputs(document.inputs, document.title)
    body: dict[str, object] = {"document": document.as_json(), "inputs": inputs}
    if document.kind == "standard":
        # A pattern is approved by its bounds, so what is signed exists from the request on.
        nonce = secrets.token_hex(16)
        body["subject"] = Subject.of_pattern(document, inputs, nonce).as_json()
    for attempt in range(_ATTEMPTS):
        change = next_change(site.ledger)
        try:
            site.ledger.append(Draft(kind="change.requested", of=change, by=by, body=body))
        except Taken:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return change
    raise AssertionError("unreachable")


def close_change(site: Site, change: str, act: Literal["rejected", "withdrawn"], why: str) -> None:
    """Reject a change as one who may approve it, or withdraw it as its requester.

    Raises:
        NotAllowed: The acting person may not.
        IllegalMove: It is running or over.
    """
    record = change_record(site.ledger, change)
    if act == "rejected":
        by = site.actor_who_may("approve", record.document.work)
    else:
        by = site.actor().name
        if by != record.requester:
            raise NotAllowed(person=by, act="withdraw", work=change)
    site.ledger.append(Draft(kind=f"change.{act}", of=change, by=by, body={"why": why}))
