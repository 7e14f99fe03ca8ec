"""A small site for tests of the core: people with real keys, a policy, changes, plans.

sato asks and operates, suzuki and tanaka approve, ito may do all of it, yamada nothing.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from daicho import canonical, sshsig
from daicho.approval import Approval, Subject, statement
from daicho.change import ChangeDocument, State
from daicho.documents import judge
from daicho.gate import Question
from daicho.ledger.entry import Draft
from daicho.life.planning import plan_drafts
from daicho.life.requesting import request_change
from daicho.plan import Plan, Standing, TargetPlan
from daicho.policy import Policy
from daicho.records.changes import change_record
from daicho.records.runs import next_run
from daicho.settings import Settings
from daicho.site import Site, account_name
from daicho.times import site_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW: Final = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
"""20:00 in Tokyo."""
PEOPLE: Final = ("sato", "suzuki", "tanaka", "ito", "yamada")
_MAY: Final[dict[str, dict[str, Any]]] = {
    "sato": {"request": ["*"], "operate": ["*"], "administer": True},
    "suzuki": {"approve": ["*"]},
    "tanaka": {"approve": ["*"]},
    "ito": {"request": ["*"], "approve": ["*"], "operate": ["*"]},
    "yamada": {},
}


def make_keys(folder: Path) -> dict[str, Path]:
    """One ed25519 key per person."""
    keys = {name: folder / name for name in PEOPLE}
    for name, key in keys.items():
        sshsig.make_key(key, name)
    return keys


def policy_of(keys: dict[str, Path] | None = None, **more: Any) -> Policy:
    """The policy of the site; `more` replaces its fields."""
    principals = [
        {
            "name": name,
            "accounts": [account_name()],
            "may": _MAY[name],
            "keys": [{"key": keys[name].with_suffix(".pub").read_text()}] if keys else [],
        }
        for name in PEOPLE
    ]
    with site_zone("Asia/Tokyo"):
        return judge(Policy, {"site": "test", "principals": principals} | more, "policy.yml")


def document_of(**more: Any) -> ChangeDocument:
    """A change document; `more` replaces its fields, moments are in Tokyo time."""
    given = {
        "work": "patch_endpoints",
        "title": "November's updates",
        "reason": "Because they are out.",
        "targets": ["pc-*"],
    }
    with site_zone("Asia/Tokyo"):
        return judge(ChangeDocument, given | more, "change.yml")


def target_plan(name: str, **more: Any) -> TargetPlan:
    """The plan of a target that gets one newer package."""
    given: dict[str, Any] = {
        "standing": Standing.CHANGES,
        "before": {"package:openssl": "3.0.1"},
        "after": {"package:openssl": "3.0.2"},
        "inverse": {"package:openssl": "3.0.1"},
    }
    return TargetPlan(target=name, **(given | more))


def plan_of(*targets: TargetPlan, change: str = "C1", number: int = 1) -> Plan:
    """A plan; of pc-1 and pc-2 where no target is given."""
    chosen = targets or (target_plan("pc-1"), target_plan("pc-2"))
    return Plan(change=change, number=number, code=canonical.digest({"made": "up"}), targets=chosen)


SUBJECT: Final = Subject.of_plan(document_of(), {}, plan_of(), "nonce")


def approval_of(approver: str, entry: int = 7, **more: Any) -> Approval:
    """An approval of SUBJECT whose signature nobody checks (the gate is told of faults)."""
    given: dict[str, Any] = {
        "change": "C1",
        "at": NOW - timedelta(hours=1),
        "subject": SUBJECT,
        "statement": statement("C1", "November's updates", SUBJECT.digest),
        "signature": "",
        "key": "",
    }
    return Approval(approver=approver, entry=entry, **(given | more))


def asked(**more: Any) -> Question:
    """A question that the gate answers with a permit; `more` spoils it."""
    given: dict[str, Any] = {
        "change": "C1",
        "document": document_of(),
        "state": State.APPROVED,
        "requester": "sato",
        "operator": "sato",
        "policy": policy_of(),
        "now": NOW,
        "last_entry": NOW - timedelta(minutes=1),
        "subject": SUBJECT,
        "targets": ("pc-1", "pc-2"),
        "irreversible": False,
        "approvals": (approval_of("suzuki"),),
    }
    return Question(**(given | more))


@dataclass(frozen=True)
class Bureau:
    """A site on disk with a real ledger; the engine is left out, its entries are written as it would."""

    folder: Path
    keys: dict[str, Path]

    @classmethod
    def make(cls, folder: Path, keys: dict[str, Path], **policy: Any) -> Bureau:
        """A new site."""
        made = cls(folder, keys)
        (folder / "content").mkdir(parents=True)
        Site.create(made.settings("sato"), policy_of(keys, **policy)).ledger.close()
        return made

    def copy(self, folder: Path) -> Bureau:
        """The same site elsewhere."""
        shutil.copytree(self.folder, folder)
        return Bureau(folder, self.keys)

    def settings(self, person: str) -> Settings:
        """The settings of somebody who acts here."""
        return Settings(
            state=self.folder / "state", content=self.folder / "content", language="en", person=person
        )

    def site(self, person: str) -> Site:
        """The site as somebody sees it: a context manager."""
        return Site.open(self.settings(person))

    def request(self, person: str = "sato", **more: Any) -> str:
        """A change asked for; its name."""
        with self.site(person) as site:
            return request_change(site, document_of(**more))

    def plan(self, change: str, *targets: TargetPlan) -> Plan:
        """A plan recorded as `daicho plan` records it."""
        with self.site("sato") as site:
            record = change_record(site.ledger, change)
            number = (record.planned or {}).get("plan", 0) + 1
            plan = plan_of(*targets, change=change, number=number)
            site.ledger.append(*plan_drafts(record, plan, "sato"))
            return plan

    def open_run(self, change: str, targets: Sequence[str] = ("pc-1", "pc-2"), *, by: str = "sato") -> str:
        """A run opened as the launcher opens it."""
        with self.site(by) as site:
            record = change_record(site.ledger, change)
            run = next_run(site.ledger)
            body = {
                "change": change,
                "work": record.document.work,
                "kind": record.document.kind,
                "plan": (record.planned or {}).get("plan", 0),
                "targets": list(targets),
                "nonce": record.subject.nonce if record.subject else secrets.token_hex(16),
            }
            site.ledger.append(Draft(kind="run.opened", of=run, by=by, body=body))
            return run

    def record(self, kind: str, of: str, by: str = "sato", **body: Any) -> None:
        """Any entry."""
        with self.site("sato") as site:
            site.ledger.append(Draft(kind=kind, of=of, by=by, body=body))

    def close_run(self, run: str, change: str, state: str = "done") -> None:
        """A run closed as the launcher closes it."""
        self.record(
            "run.closed", run, change=change, state=state, complete=True, counts={}, left_out=0, stopped=None
        )
