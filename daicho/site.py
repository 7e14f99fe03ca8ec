"""One site on this machine: its settings, its ledger, the policy in force, and who is acting."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from daicho.credentials import Keys
from daicho.documents import judge
from daicho.errors import LedgerError, NotAllowed, UsageError
from daicho.i18n import N_
from daicho.items.projection import ItemsProjection
from daicho.ledger.entry import Draft
from daicho.ledger.store import Ledger
from daicho.policy import Policy
from daicho.records.changes import ChangeTable
from daicho.records.checks import CheckTable
from daicho.records.debts import DebtTable
from daicho.records.endpoints import EndpointTable
from daicho.records.runs import RunTable
from daicho.times import site_zone
from daicho.works import CUMULATIVE

if TYPE_CHECKING:
    from types import TracebackType

    from daicho.ledger.projection import Projection
    from daicho.policy import Act, Principal
    from daicho.settings import Settings

POLICY = "policy"


class NobodyHere(UsageError):
    """The policy does not know this login account."""

    sentence = N_(
        "The account {account!r} is nobody in the policy in force. Add it to a principal's accounts: "
        "`daicho policy adopt`."
    )


class WhoAreYou(UsageError):
    """The account may act as several people."""

    sentence = N_("The account {account!r} may act as {names}. Say which: `--as NAME` or DAICHO_AS.")


class NoPolicy(LedgerError):
    """The ledger holds no policy: it was never initialised."""

    sentence = N_("The ledger {path} holds no policy. `daicho init` makes a new site.")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that a command needs. Use it as a context manager."""

    settings: Settings
    ledger: Ledger
    policy: Policy

    @classmethod
    def open(cls, settings: Settings, *, read_only: bool = False) -> Self:
        """The site whose state these settings name.

        Raises:
            LedgerError: There is none yet, or it cannot be read.
        """
        ledger = Ledger.open(settings.ledger, projections(), read_only=read_only)
        policy = adopted_policy(ledger)
        if policy is None:
            ledger.close()
            raise NoPolicy(path=str(settings.ledger))
        return cls(settings=settings, ledger=ledger, policy=policy)

    @classmethod
    def create(cls, settings: Settings, policy: Policy) -> Self:
        """A new site: folders, keys, an empty ledger, and its first policy as the first entry."""
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.runs.mkdir(mode=0o700, exist_ok=True)
        settings.site_inventory.mkdir(mode=0o700, exist_ok=True)
        ledger = Ledger.create(settings.ledger, projections())
        Keys.of(settings).make(policy.site)
        account = account_name()
        mine = policy.people_of(account)
        by = mine[0].name if mine else account
        ledger.append(Draft(kind="policy.adopted", of=POLICY, by=by, body=policy_body(policy)))
        return cls(settings=settings, ledger=ledger, policy=policy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()

    def actor(self) -> Principal:
        """The person who is acting: the one that the login account stands for.

        Raises:
            NobodyHere: The policy does not know the account.
            WhoAreYou: It stands for several people and none was named.
            NotAllowed: It does not stand for the person that was named.
        """
        account, wanted = account_name(), self.settings.person
        people = self.policy.people_of(account)
        if wanted:
            for person in people:
                if person.name == wanted:
                    return person
            raise NotAllowed(
                N_("The account {account!r} may not act as {person!r}."), account=account, person=wanted
            )
        if not people:
            raise NobodyHere(account=account)
        if len(people) > 1:
            raise WhoAreYou(account=account, names=", ".join(person.name for person in people))
        return people[0]

    def actor_who_may(self, act: Act, work: str) -> str:
        """The acting person's name, if the policy allows them this act for this work.

        Raises:
            NotAllowed: It does not.
        """
        person = self.actor()
        if not self.policy.may(person.name, act, work):
            raise NotAllowed(person=person.name, act=act, work=work)
        return person.name

    def administrator(self, act: str) -> str:
        """The acting person's name, if they may administer.

        Raises:
            NotAllowed: They may not.
        """
        person = self.actor()
        if not person.may.administer:
            raise NotAllowed(person=person.name, act="administer", work=act)
        return person.name


def projections() -> tuple[Projection, ...]:
    """Every table that stands beside the chain."""
    return (
        *(ChangeTable(), RunTable(), ItemsProjection(), CheckTable()),
        *(EndpointTable(), DebtTable(CUMULATIVE)),
    )


def adopted_policy(ledger: Ledger) -> Policy | None:
    """The policy last adopted."""
    for entry in ledger.entries(kind="policy.adopted", limit=1, reverse=True):
        body = entry.body["policy"]
        with site_zone(body.get("time_zone", "Asia/Tokyo")):
            return judge(Policy, body, f"entry {entry.seq}")
    return None


def adopt_policy(site: Site, policy: Policy) -> int:
    """Put a policy in force; the number of its entry.

    Raises:
        NotAllowed: The acting person may not administer.
    """
    by = site.administrator("policy")
    entry = site.ledger.append(Draft(kind="policy.adopted", of=POLICY, by=by, body=policy_body(policy)))[0]
    return entry.seq


def policy_body(policy: Policy) -> dict[str, object]:
    """A policy as an entry holds it."""
    return {"policy": policy.as_json(), "digest": policy.digest}


def account_name() -> str:
    """The login account; behind sudo, the one that typed it."""
    behind = os.environ.get("SUDO_UID") if os.geteuid() == 0 else None
    return pwd.getpwuid(int(behind) if behind else os.getuid()).pw_name
