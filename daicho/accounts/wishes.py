"""What a person's steps mean for the keys of their account's state. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from daicho.accounts.census import values
from daicho.clock import stamp
from daicho.directory import state as keys
from daicho.directory.names import joined, own, parent
from daicho.directory.settings import Flavour
from daicho.people.step import Act

if TYPE_CHECKING:
    from datetime import date

    from daicho.accounts.rules import DirectoryFile
    from daicho.directory.dialect import Dialect
    from daicho.directory.state import Account
    from daicho.people.step import Step
    from daicho.plan import Scalar

MANAGER: Final = "manager"
"""The superior by logon name: a distinguished name changes when the superior moves."""
HOME: Final = "home folder"
"""Who may do what in the home folder on the file server."""
_TRUE: Final = "TRUE"


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Turns steps into wishes, by the rules of a site."""

    rules: DirectoryFile
    dialect: Dialect

    def of(self, step: Step, found: Account | None) -> dict[str, Scalar]:
        """What is to be different; null takes away.

        Args:
            step: All that is due for the person.
            found: The account as it is, if there is one.
        """
        if step.act is Act.DISABLE and step.enabled is False:
            return self._gone(step, found)
        wished: dict[str, Scalar] = {**self._names(step, found), **self._profile(step, found)}
        if found is None or step.act is Act.RESTORE:
            wished[keys.MUST_CHANGE] = True
        if hidden := self._hidden:
            wished |= {keys.attribute_key(hidden): None} if step.act is Act.RESTORE else {}
        if step.enabled is not None:
            wished[keys.ENABLED] = step.enabled
        if step.expiry:
            wished[keys.EXPIRES] = self.end(step.expires)
        wished |= {keys.group_key(group): None for group in step.loses}
        wished |= {keys.group_key(group): keys.MEMBER for group in step.gains}
        return wished

    def put_aside(self, found: Account, day: date) -> dict[str, Scalar]:
        """An account that is closed: without groups, hidden, in the folder of a day."""
        wished: dict[str, Scalar] = {
            keys.ENABLED: False,
            keys.DN: joined(own(found.dn), self.folder(day)),
            **{keys.group_key(group): None for group in found.groups},
        }
        if self._hidden:
            wished[keys.attribute_key(self._hidden)] = _TRUE
        return wished

    def folder(self, day: date) -> str:
        """The place for those who are put aside on a day."""
        return joined(("OU", f"{day:%Y%m%d}"), self.rules.directory.disabled)

    def end(self, last: date | None) -> str | None:
        """The moment at which a last day is over."""
        if last is None:
            return None
        zone = ZoneInfo(self.rules.time_zone)
        return stamp(datetime.combine(last + timedelta(days=1), time.min, zone))

    def place(self, container: tuple[str, ...] | None) -> str:
        """The distinguished name of a place that a section names from the top down."""
        if not container:
            return self.rules.directory.people
        units = tuple(("OU", unit) for unit in reversed(container))
        return joined(*units, self.rules.directory.base)

    @property
    def _hidden(self) -> str:
        its = self.rules.directory
        return its.hidden_attribute if its.flavour is Flavour.AD else ""

    def _gone(self, step: Step, found: Account | None) -> dict[str, Scalar]:
        return self.put_aside(found, step.day) if found else {}

    def _names(self, step: Step, found: Account | None) -> dict[str, Scalar]:
        profile = step.profile
        if found is None:
            common = profile.common_name or profile.account
            plain = self.rules.directory.flavour is not Flavour.AD
            name = (self.dialect.login, profile.account) if plain else ("CN", common)
            made: dict[str, Scalar] = {
                keys.DN: joined(name, self.place(profile.container)),
                keys.attribute_key(self.dialect.login): profile.account,
                keys.attribute_key(self.rules.directory.number): step.number,
            }
            return made | ({keys.attribute_key("cn"): common} if plain else {})
        moves = profile.container is not None or step.act is Act.RESTORE
        under = self.place(profile.container) if moves else parent(found.dn)
        if profile.common_name is None:
            return {keys.DN: joined(own(found.dn), under)}
        if not own(found.dn).casefold().startswith("cn="):
            return {keys.DN: joined(own(found.dn), under), keys.attribute_key("cn"): profile.common_name}
        return {keys.DN: joined(("CN", profile.common_name), under)}

    def _profile(self, step: Step, found: Account | None) -> dict[str, Scalar]:
        profile = step.profile
        wished: dict[str, Scalar] = {}
        for name, value in profile.attributes.items():
            wished |= self._attribute(name, value, found)
        told = {"mail": profile.mail}
        if self.rules.directory.flavour is Flavour.AD:
            home = profile.home
            told |= {
                "userPrincipalName": profile.principal,
                "homeDirectory": home.path if home else None,
                "homeDrive": home.drive or None if home else None,
                "scriptPath": profile.script,
            }
        for name, value in told.items():
            if value is not None:
                wished |= self._attribute(name, value, found)
        if profile.manager is not None:
            wished[MANAGER] = profile.manager
        return wished

    def _attribute(self, name: str, value: str | None, found: Account | None) -> dict[str, Scalar]:
        """An attribute with one value, in whichever form the state of this directory has it."""
        if name not in self.dialect.multiple:
            return {keys.attribute_key(name): value}
        now = values(found, name) if found else ()
        wished: dict[str, Scalar] = {keys.value_key(name, each): None for each in now}
        if value is not None:
            wished[keys.value_key(name, value)] = keys.PRESENT
        return wished
