"""What an approver signs, and what a signature has to be to count. Pure but for the check itself.

The signed text is short and readable, and anybody with OpenSSH can check it:
`ssh-keygen -Y verify -n daicho-approval`. Its digest binds everything that could differ
between what was shown and what runs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from daicho import canonical, sshsig
from daicho.clock import stamp
from daicho.plan import targets_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from daicho.change import ChangeDocument
    from daicho.plan import Plan
    from daicho.policy import Policy

NAMESPACE: Final = "daicho-approval"
type Decision = Literal["approve", "review"]
_LINES: Final = ("decision", "change", "title", "digest")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Everything that an approval is bound to, part by part."""

    document: str
    """Digest of the whole change document."""
    inputs: str
    """Digest of the inputs after their schema filled in what was left out."""
    targets: str
    """Digest of the resolved target list; of the selectors for a standard change."""
    window: str
    """The window as text, empty when there is none."""
    code: str
    """Digest of the content that will run; empty for a standard change."""
    plan: str
    """Digest of the plan; empty for a standard change."""
    nonce: str
    """Random per plan: it is burnt when a run starts."""

    @classmethod
    def of_plan(
        cls, document: ChangeDocument, inputs: Mapping[str, object], plan: Plan, nonce: str
    ) -> Subject:
        """What the approval of a planned change is bound to."""
        names = [target.target for target in plan.taking_part]
        return cls(
            document=canonical.digest(document.as_json()),
            inputs=canonical.digest(dict(inputs)),
            targets=targets_digest(names),
            window=_window(document),
            code=plan.code,
            plan=plan.digest,
            nonce=nonce,
        )

    @classmethod
    def of_pattern(cls, document: ChangeDocument, inputs: Mapping[str, object], nonce: str) -> Subject:
        """What the approval of a standard change is bound to: its bounds, not one plan."""
        selectors = [list(document.targets), list(document.exclude)]
        return cls(
            document=canonical.digest(document.as_json()),
            inputs=canonical.digest(dict(inputs)),
            targets=canonical.digest(selectors),
            window=_window(document),
            code="",
            plan="",
            nonce=nonce,
        )

    @classmethod
    def from_json(cls, body: Mapping[str, str]) -> Subject:
        """The subject as the ledger keeps it."""
        return cls(**{part.name: body[part.name] for part in fields(cls)})

    def as_json(self) -> dict[str, str]:
        """The parts for the ledger."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def digest(self) -> str:
        """The one number that stands for all parts."""
        return canonical.digest(self.as_json())

    def differing(self, other: Subject) -> tuple[str, ...]:
        """The names of the parts that differ."""
        mine, theirs = self.as_json(), other.as_json()
        return tuple(part for part in mine if mine[part] != theirs[part])


def statement(change: str, title: str, digest: str, decision: Decision = "approve") -> str:
    """The text that is signed, line by line."""
    return f"daicho {decision}\nchange: {change}\ntitle: {title}\ndigest: {digest}\n"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One person's recorded signature under a change."""

    change: str
    approver: str
    at: datetime
    subject: Subject
    statement: str
    signature: str
    key: str
    """The public key line that made it."""
    entry: int
    """The ledger entry that holds it."""


def signature_fault(approval: Approval, policy: Policy) -> str | None:
    """Why an approval's signature does not count under this policy, or None when it does.

    A key that has expired since still counts for what it signed while valid; a revoked one does not.
    """
    if not _names(approval):
        return "the signed text is not the one for this change and digest"
    mine = [(signer, key) for signer, key in policy.signers(approval.approver) if key.key == approval.key]
    if not mine:
        return "the key is not one of the approver's keys in the policy"
    signer, key = mine[0]
    if key.revoked:
        return f"the key was revoked on {key.revoked}"
    return sshsig.verify(
        approval.statement.encode(), approval.signature, signer=signer, namespace=NAMESPACE, at=approval.at
    )


def _names(approval: Approval) -> bool:
    # Whole lines at their places: a title could hold the digest of something else.
    begin, end = (
        f"daicho approve\nchange: {approval.change}\ntitle: ",
        f"\ndigest: {approval.subject.digest}\n",
    )
    text = approval.statement
    return text.startswith(begin) and text.endswith(end) and len(text.splitlines()) == len(_LINES)


def _window(document: ChangeDocument) -> str:
    window = document.window
    return f"{stamp(window.begin)}/{stamp(window.end)}" if window else ""
