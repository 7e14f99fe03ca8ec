"""The state before the outage is recorded, judged (may the power go off?), and signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho import sshsig
from daicho.errors import ExitCode, Refused
from daicho.i18n import N_
from daicho.ledger.entry import Draft
from daicho.life.approving import needed_key, signed
from daicho.life.checking import alone, close_check, close_orphans, grant, open_check
from daicho.life.looking import Eyes, items_asked, look, neighbours_of, standpoint
from daicho.reachability.answers import Pace
from daicho.reachability.baseline import Baseline, Objection, is_go, objections, record
from daicho.reachability.boot import BootTimes, Return, learn
from daicho.reachability.wiring import wire
from daicho.records.checks import check_record, check_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daicho.door import Watch
    from daicho.ledger.entry import Entry
    from daicho.life.checking import Grant, Order
    from daicho.site import Site

WORK: Final = "record_baseline"
NAMESPACE: Final = "daicho-baseline"


class NoBaseline(Refused):
    """Without a baseline nobody can say what should be there."""

    sentence = N_(
        "There is no baseline to compare with. Before an outage: `daicho baseline record`. Now, to see at "
        "least what answers: `daicho check connectivity --without-baseline`."
    )


class NotABaseline(Refused):
    """The check is no baseline, or did not get as far."""

    sentence = N_("{check} holds no baseline. `daicho baseline list` names those that do.")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A baseline as the ledger holds it."""

    check: str
    baseline: Baseline
    objections: Sequence[Objection]
    notes: tuple[str, ...]
    operator: str
    entry: Entry
    signers: tuple[str, ...]

    @property
    def go(self) -> bool:
        """Whether the power may be switched off."""
        return is_go(self.objections)


def record_baseline(site: Site, order: Order, plugged_into: Sequence[str], watch: Watch) -> Recorded:
    """Look at everything known and record it as what to compare with after the outage.

    Raises:
        NothingMatched: There is nothing to look at.
        NotAllowed: The acting person may not operate this work.
        AlreadyChecking: Another process is recording one.
    """
    given = grant(site, order)
    with alone(site, WORK):
        close_orphans(site, WORK)
        name = open_check(site, given, deadline=None, baseline=None)
        code = ExitCode.INTERRUPTED
        try:
            code = _record(site, given, name, plugged_into, watch)
        finally:
            close_check(site, name, given.operator, code)
    return recorded(site, name)


def _record(site: Site, given: Grant, name: str, plugged_into: Sequence[str], watch: Watch) -> ExitCode:
    items, mute = items_asked(given.items, given.work.kinds)
    place = standpoint(given.everything, plugged_into)
    eyes = Eyes(
        site=site,
        name=name,
        items=[item for item in items if item.name != place.name],
        pace=Pace(packets_per_second=given.inputs["pace"]),
        devices=given.inputs["devices"],
        watch=watch,
    )
    glance = look(eyes)
    topology, gaps = wire(items, place, neighbours_of(glance.look))
    earlier = newest_baseline(site)
    made = record(glance.look, topology, boot_times(site), earlier.baseline if earlier else None)
    found = objections(made)
    body: dict[str, object] = {
        "baseline": made.as_json(),
        "topology": topology.digest,
        "objections": [{"kind": each.kind, "names": list(each.names)} for each in found],
        "go": is_go(found),
        "notes": [*glance.notes, *map(str, gaps)],
        "without_address": [item.name for item in mute],
    }
    site.ledger.append(Draft(kind="baseline.recorded", of=name, by=given.operator, body=body))
    return ExitCode.DONE if is_go(found) else ExitCode.FAILED


def recorded(site: Site, check: str) -> Recorded:
    """A baseline by its check's name.

    Raises:
        UnknownObject: There is no such check.
        NotABaseline: It is another kind of check, or was interrupted.
    """
    row = check_record(site.ledger, check)
    if row.recorded is None:
        raise NotABaseline(check=check)
    entry = site.ledger.entry(row.recorded)
    body = entry.body
    return Recorded(
        check=check,
        baseline=Baseline.of_json(body["baseline"]),
        objections=[Objection(each["kind"], tuple(each["names"])) for each in body["objections"]],
        notes=tuple(body["notes"]),
        operator=entry.by,
        entry=entry,
        signers=tuple(row.signers.split()),
    )


def newest_baseline(site: Site) -> Recorded | None:
    """The baseline that was recorded last."""
    found = (row.id for row in check_records(site.ledger, WORK) if row.recorded is not None)
    newest = next(found, None)
    return recorded(site, newest) if newest else None


def boot_times(site: Site) -> BootTimes:
    """What earlier outages show about how long items take."""
    closed = site.ledger.entries(kind="check.closed")
    return learn(Return(*row) for entry in closed for row in entry.body.get("returns", ()))


def baseline_text(found: Recorded) -> str:
    """The text that is signed under a baseline."""
    verdict = "go" if found.go else "no-go"
    return f"daicho baseline\ncheck: {found.check}\nverdict: {verdict}\ndigest: sha256:{found.entry.hash}\n"


def sign_baseline(
    site: Site, check: str, *, key: Path | None = None, signature: str | None = None
) -> Recorded:
    """Record the acting person's signature under a baseline.

    Raises:
        NotAllowed: They may not approve this work.
        BadSignature: No key of theirs made this signature.
    """
    found = recorded(site, check)
    by = site.actor_who_may("approve", WORK)
    text = baseline_text(found)
    armoured = signature or sshsig.sign(text.encode(), key=needed_key(key), namespace=NAMESPACE)
    body = signed(site, by, text, armoured, NAMESPACE)
    site.ledger.append(Draft(kind="baseline.signed", of=check, by=by, body=body | {"signer": by}))
    return recorded(site, check)
