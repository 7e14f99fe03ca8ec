"""What holds the record together from outside: signatures judged again, and the head fixed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from daicho import sshsig
from daicho.approval import NAMESPACE
from daicho.credentials import Keys
from daicho.documents import judge
from daicho.errors import DaichoError
from daicho.i18n import gettext as _
from daicho.ledger import checkpoint
from daicho.policy import Policy
from daicho.times import site_zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.ledger.entry import Entry
    from daicho.ledger.store import Ledger
    from daicho.site import Site


def fix_head(site: Site) -> None:
    """Sign how far the ledger has come, and keep that here and in the second place.

    Nobody is stopped by it: a checkpoint that cannot be made is made by the next run.
    """
    with contextlib.suppress(OSError, DaichoError):
        made = checkpoint.make(site.ledger, Keys.of(site.settings).ledger)
        checkpoint.keep(made, site.settings.checkpoints, site.settings.second)


def unsound_signatures(ledger: Ledger) -> list[str]:
    """What is wrong with approvals and reviews, one sentence each; empty if nothing.

    Each is judged under the policy that was in force when it was given.
    """
    return [
        _("Entry {seq}: the signature of {person} under {what} does not hold: {why}.").format(
            seq=entry.seq, person=entry.by, what=entry.of, why=why
        )
        for entry, policy in _signed(ledger)
        if (why := _fault(entry, policy))
    ]


def _signed(ledger: Ledger) -> Iterator[tuple[Entry, Policy | None]]:
    """Each signed entry with the newest policy before it."""
    kinds = ("policy.adopted", "approval.given", "run.reviewed")
    entries = sorted(
        (entry for kind in kinds for entry in ledger.entries(kind=kind)), key=lambda each: each.seq
    )
    policy = None
    for entry in entries:
        if entry.kind == "policy.adopted":
            body = entry.body["policy"]
            with site_zone(body.get("time_zone", "Asia/Tokyo")):
                policy = judge(Policy, body, f"entry {entry.seq}")
        else:
            yield entry, policy


def _fault(entry: Entry, policy: Policy | None) -> str | None:
    body = entry.body
    if body["approver"] != entry.by:
        return _("it is recorded for {person}").format(person=body["approver"])
    if entry.kind == "approval.given" and f"change: {entry.of}\n" not in body["statement"]:
        return _("the signed text names another change")
    signers = [signer for signer, key in policy.signers(entry.by) if key.key == body["key"]] if policy else []
    if not signers:
        return _("the policy of that time knows no such key of theirs")
    return sshsig.verify(
        body["statement"].encode(), body["signature"], signer=signers[0], namespace=NAMESPACE, at=entry.at
    )
