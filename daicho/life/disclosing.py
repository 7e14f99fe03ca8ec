"""Somebody looks at an administrator's password: who and why is on record before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.endpoints.escrow import Escrow, Kept
from daicho.endpoints.sealing import NotOpened, names_of, open_with
from daicho.errors import UnknownObject, UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.ledger.entry import Draft

if TYPE_CHECKING:
    from daicho.site import Site

WORK: Final = "rotate_admin_passwords"
KIND: Final = "password.shown"


class NoReason(UsageError):
    """A password was wanted without saying why."""

    sentence = N_("Say why the password of {machine} is needed: it stands in the ledger. Nothing was opened.")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which password somebody wants to see, and why."""

    machine: str
    why: str
    account: str = ""
    """Empty: the one account whose passwords are kept; of several, the newest."""
    number: int | None = None
    """None: the newest."""


def disclosed(site: Site, wish: Wish) -> Kept:
    """A sealed password; that somebody asked for it, and why, is in the ledger when this returns.

    Raises:
        NotAllowed: The acting person may not operate `rotate_admin_passwords`.
        NoReason: There is none.
        UnknownObject: No such password is kept.
        LedgerUnwritable: Nothing was opened.
    """
    by = site.actor_who_may("operate", WORK)
    if not wish.why.strip():
        raise NoReason(machine=wish.machine)
    kept = _wished(site, wish)
    body = {
        "account": kept.account,
        "number": kept.number,
        "attempt": kept.attempt,
        "run": kept.run,
        "why": wish.why.strip(),
    }
    site.ledger.append(Draft(kind=KIND, of=kept.machine, by=by, body=body))
    return kept


def opened(site: Site, kept: Kept, key: bytes, passphrase: bytes | None) -> str:
    """The password, opened with the private key of a recipient.

    Raises:
        NotOpened: It is not such a key, or what is opened is another machine's.
    """
    certificates = Escrow(site.settings.escrow).recipients(kept)
    to = ", ".join(names_of(certificates))
    try:
        secret = open_with(kept.envelope, key, passphrase, certificates)
    except (ValueError, TypeError) as error:
        why = str(error).rstrip(".")
        raise NotOpened(machine=kept.machine, why=why, to=to) from error
    if (secret.machine, secret.account, secret.number) != (kept.machine, kept.account, kept.number):
        why = _("the envelope is the one of {machine}, {account}, number {number}").format(
            machine=secret.machine, account=secret.account, number=secret.number
        )
        raise NotOpened(machine=kept.machine, why=why, to=to)
    return secret.password


def _wished(site: Site, wish: Wish) -> Kept:
    kept = Escrow(site.settings.escrow).of(wish.machine, wish.account)
    if wish.number is not None:
        kept = [each for each in kept if each.number == wish.number]
    if not kept:
        name = wish.machine if wish.number is None else f"{wish.machine} {wish.number}"
        raise UnknownObject(kind=_("password"), name=name, listing="daicho passwords list")
    return max(kept, key=lambda each: each.at)
