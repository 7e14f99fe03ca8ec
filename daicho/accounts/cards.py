"""Logon cards: the account names the certificate of its card, and no other account names it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import TYPE_CHECKING, cast

from daicho.accounts.account_craft import AccountCraft, by_number_or_login, needed, wish
from daicho.accounts.certificates import (
    ATTRIBUTE,
    Certificate,
    UnfitCertificate,
    is_certificate,
    is_strong,
    of_serial,
    read_pem,
)
from daicho.accounts.opening import open_directory
from daicho.clock import now
from daicho.craft import Trouble
from daicho.directory import state as keys
from daicho.directory.names import equals, same_key
from daicho.directory.reading import Reader
from daicho.directory.session import Query
from daicho.directory.settings import Flavour
from daicho.i18n import gettext as _
from daicho.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.accounts.rules import DirectoryFile
    from daicho.craft import Bench, Craft, Target
    from daicho.directory.state import Account
    from daicho.door import Intention
    from daicho.plan import Scalar, TargetState


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per person of the inputs."""
    return [Item(str(card["person"]), "user") for card in _cards(inputs)]


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `register_cards`."""
    with open_directory(bench) as opened:
        if opened.rules.directory.flavour is not Flavour.AD:
            raise Trouble(why=_("only Active Directory ties accounts to certificates"))
        reader = Reader(opened.session)
        purpose = Cards(
            reader=reader,
            rules=opened.rules,
            cards={str(card["person"]): card for card in _cards(bench.inputs)},
            ending=bench.inputs.get("act") == "remove",
        )
        yield AccountCraft(reader=reader, purpose=purpose, find=by_number_or_login(reader))


@dataclass(frozen=True, kw_only=True)
class Cards:
    """A card for each of some accounts, or the end of it."""

    reader: Reader
    rules: DirectoryFile
    cards: Mapping[str, Mapping[str, object]]
    """The cards by the names of their people."""
    ending: bool
    """Whether they are taken away."""
    _holders: dict[str, str] = field(default_factory=dict)

    def intention(self, target: Target, account: Account | None) -> Intention:
        """The mapping is there, or is there no more."""
        its = needed(account, target.name)
        card = self.cards[target.name]
        certificate = self._certificate(card)
        key = keys.value_key(ATTRIBUTE, certificate.mapping)
        wishes: dict[str, Scalar] = {keys.DN: its.dn, key: None if self.ending else keys.PRESENT}
        number = str(card.get("number") or "")
        if self.ending:
            wishes |= self._number(number, None, its)
            return wish(
                target,
                its,
                wishes,
                notes=(
                    _("{name}: the card {number} ends.").format(
                        name=self._name(its), number=number or _("(without a number)")
                    ),
                ),
            )
        self._judge(certificate, its)
        notes = [*self._about(card, certificate, self._name(its))]
        others = _others(its, certificate.mapping)
        if _replaces(card):
            wishes |= dict.fromkeys((keys.value_key(ATTRIBUTE, other) for other in others), None)
            wishes |= self._number(number, number, its)
            notes += [_("An earlier card ends: {mapping}").format(mapping=other) for other in others]
        else:
            notes += [
                _("This account can still be opened by a mapping that others can imitate: {mapping}").format(
                    mapping=other
                )
                for other in others
                if not is_strong(other)
            ]
        return wish(target, its, wishes, notes=tuple(notes))

    def password(self, key: str) -> str:
        """No password is set here."""
        raise AssertionError(key)

    def finish(self, account: Account) -> TargetState:
        """There is nothing besides."""
        del account
        return {}

    def _certificate(self, card: Mapping[str, object]) -> Certificate:
        try:
            if pem := card.get("certificate"):
                return read_pem(str(pem), self.rules.cards.mapping)
            return of_serial(str(card["issuer"]), str(card["serial"]))
        except UnfitCertificate as error:
            raise Trouble(why=str(error)) from error

    def _judge(self, certificate: Certificate, its: Account) -> None:
        if not its.state.get(keys.ENABLED):
            raise Trouble(why=_("the account is closed. Open it with restore_users first"))
        moment = now().astimezone(UTC)
        if certificate.ends and certificate.ends <= moment:
            raise Trouble(why=_("the certificate has ended on {day}").format(day=certificate.ends.date()))
        if not certificate.for_logon and self.rules.cards.require_logon_use:
            raise Trouble(
                why=_("the certificate is not meant for logging on. Register the card's logon certificate")
            )
        login = its.attribute(self.reader.dialect.login)
        holder = self._holders.setdefault(certificate.mapping.casefold(), login)
        if owner := holder if holder != login else self._owner(certificate.mapping, its):
            raise Trouble(why=_("the card is registered for {name}. End it there first").format(name=owner))

    def _owner(self, mapping: str, its: Account) -> str:
        settings = self.reader.session.settings
        query = Query(settings.base, equals(ATTRIBUTE, mapping), (self.reader.dialect.login,))
        for entry in self.reader.session.search(query):
            if same_key(entry.dn) != same_key(its.dn):
                return entry.text(self.reader.dialect.login) or entry.dn
        return ""

    def _name(self, its: Account) -> str:
        login = its.attribute(self.reader.dialect.login)
        return f"{its.attribute('displayName') or login} ({login})"

    def _number(self, number: str, wanted: str | None, its: Account) -> dict[str, Scalar]:
        attribute = self.rules.cards.number_attribute
        if not attribute or not number:
            return {}
        if wanted is None and its.attribute(attribute) != number:
            return {}  # another card's number stands there
        return {keys.attribute_key(attribute): wanted}

    def _about(self, card: Mapping[str, object], certificate: Certificate, name: str) -> Iterator[str]:
        number = str(card.get("number") or _("(without a number)"))
        last = _last_day(card)
        if last:
            yield _(
                "{name}: the temporary card {number}, until {day}; a change of its own takes it away."
            ).format(name=name, number=number, day=last)
        else:
            yield _("{name}: the card {number}.").format(name=name, number=number)
        if certificate.ends:
            yield _("Its certificate is {subject}, until {day}.").format(
                subject=certificate.subject, day=certificate.ends.date()
            )
        if certificate.ends and last and certificate.ends.date() < last:
            yield _("Its certificate ends before the card does.")
        if certificate.begins and certificate.begins > now():
            yield _("Its certificate begins on {day}, not before.").format(day=certificate.begins.date())


def _cards(inputs: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", inputs["cards"])


def _replaces(card: Mapping[str, object]) -> bool:
    given = card.get("replaces")
    return bool(given) if given is not None else _last_day(card) is None


def _last_day(card: Mapping[str, object]) -> date | None:
    until = card.get("until")
    return date.fromisoformat(str(until)) if until else None


def _others(its: Account, mapping: str) -> list[str]:
    held = keys.attributes(its.state).get(ATTRIBUTE, ())
    return [other for other in held if is_certificate(other) and other.casefold() != mapping.casefold()]
