"""The accounts of a directory as people know each other: by employee number and name. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from daicho.clock import moment
from daicho.directory import state as keys
from daicho.directory.names import common_name, is_under, same_key
from daicho.directory.settings import Flavour
from daicho.people.attributes import attribute_names
from daicho.people.known import Known
from daicho.people.movement import PersonName
from daicho.people.outlook import Office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from daicho.accounts.rules import DirectoryFile
    from daicho.directory.snapshot import Snapshot
    from daicho.directory.state import Account

_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Census:
    """Everybody who has an account, at one moment."""

    snapshot: Snapshot
    rules: DirectoryFile

    @cached_property
    def office(self) -> Office:
        """What movements are judged by."""
        known = [self.known(account) for account in self.snapshot.accounts]
        return Office(policy=self.rules.people, known=known, flavour=self._flavour)

    @property
    def _flavour(self) -> Literal["ad", "ldap"]:
        return "ad" if self.rules.directory.flavour is Flavour.AD else "ldap"

    @cached_property
    def logins(self) -> Mapping[str, str]:
        """The logon name by the key of a distinguished name."""
        login = self.snapshot.login
        return {same_key(each.dn): each.attribute(login) for each in self.snapshot.accounts}

    @cached_property
    def _attributes(self) -> Mapping[str, str]:
        return attribute_names(self._flavour, self.rules.people.attributes)

    def known(self, account: Account) -> Known:
        """What is known of the owner of an account."""
        enabled = bool(account.state.get(keys.ENABLED))
        closed = not enabled and is_under(account.dn, self.rules.directory.disabled)
        return Known(
            number=account.attribute(self.snapshot.number),
            account=account.attribute(self.snapshot.login),
            mail=account.attribute("mail"),
            common_name=common_name(account.dn),
            name=PersonName(
                family=self._fact(account, "family"),
                given=self._fact(account, "given"),
                family_kana=self._fact(account, "family_kana"),
                given_kana=self._fact(account, "given_kana"),
            ),
            post=self._fact(account, "post"),
            section=self._fact(account, "section"),
            enabled=enabled,
            left=closed,
            expires=last_day(account.state.get(keys.EXPIRES), self.rules.time_zone),
            groups=frozenset(account.groups),
        )

    def _fact(self, account: Account, fact: str) -> str:
        name = self._attributes.get(fact, "")
        return next(iter(values(account, name)), "") if name else ""


def values(account: Account, attribute: str) -> tuple[str, ...]:
    """The values of an attribute, whether a state has one key for it or one for each."""
    one = account.attribute(attribute)
    if one:
        return (one,)
    mark = keys.value_key(attribute, "")
    return tuple(key.removeprefix(mark) for key in account.state if key.startswith(mark))


def last_day(stamp: object, zone: str) -> date | None:
    """The last day on which an account that ends at this moment can be used."""
    if not stamp:
        return None
    return (moment(str(stamp)) - _INSTANT).astimezone(ZoneInfo(zone)).date()
