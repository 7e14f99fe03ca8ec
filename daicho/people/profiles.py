"""How an account has to look: the site's rules applied to one person in one section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daicho.people.step import Home, Profile
from daicho.people.template import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.people.movement import PersonName
    from daicho.people.policy import People
    from daicho.people.sections import Entitlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of somebody at one moment of the plan."""

    number: str
    account: str
    name: PersonName
    section: str
    post: str = ""
    new_post: str = ""
    """The post that a movement tells; without one the title stays what it is."""
    phone: str = ""
    room: str = ""
    card: str = ""
    manager: str = ""
    """Account of the superior."""
    mail: str = ""


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Makes profiles by the rules of a site."""

    policy: People
    attributes: Mapping[str, str]
    """Fact → attribute."""

    def whole(self, person: Person, common_name: str | None = None) -> Profile:
        """Everything, for an account that is made or comes back."""
        given = self._entitlement(person.section)
        principal = self.policy.naming.principal
        return Profile(
            account=person.account,
            principal=fill(principal, self._values(person)) if principal else None,
            mail=person.mail or None,
            common_name=common_name,
            container=given.container if given and given.container else None,
            attributes=self._attributes(person, given),
            manager=person.manager or None,
            home=self._home(person, given),
            script=fill(given.script, self._values(person)) if given and given.script else None,
        )

    def moved(self, person: Person, old: str) -> Profile:
        """What another section or post changes; the home folder only if it lies elsewhere or is larger."""
        whole = self.whole(person)
        home = whole.home if whole.home != self._home(person, self._entitlement(old)) else None
        return Profile(
            account=whole.account,
            container=whole.container,
            attributes=whole.attributes,
            manager=whole.manager,
            home=home,
            script=whole.script,
        )

    def renamed(self, person: Person, common_name: str) -> Profile:
        """What another name changes: never the account, the mail address or the principal name."""
        names = ("family", "given", "family_kana", "given_kana", "kana", "display_name")
        mine = {self.attributes[fact] for fact in names if fact in self.attributes}
        attributes = self._attributes(person, self._entitlement(person.section))
        return Profile(
            account=person.account,
            common_name=common_name,
            attributes={name: value for name, value in attributes.items() if name in mine},
        )

    def common_name(self, person: Person) -> str:
        """The common name that is wanted; it may be taken."""
        return fill(self.policy.naming.common_name, self._values(person))

    def mail(self, account: str, number: str) -> str:
        """The mail address of an account for which personnel names none."""
        return fill(self.policy.naming.mail, {"account": account, "number": number})

    def _attributes(self, person: Person, given: Entitlement | None) -> dict[str, str | None]:
        values = self._values(person)
        title = fill(given.title, values) if given and given.title else person.post
        facts = {
            **{key: str(value) for key, value in values.items()},
            "display_name": fill(self.policy.naming.display_name, values),
            "section": person.section,
            "section_name": values["section"],
            "kana": person.name.kana,
            "post": title if person.new_post else "",
            "phone": person.phone,
            "room": person.room,
            "card": person.card,
        }
        return {name: value for fact, name in self.attributes.items() if (value := str(facts.get(fact, "")))}

    def _values(self, person: Person) -> dict[str, object]:
        sections = self.policy.sections
        known = person.section in sections.by_code
        return {
            "family": person.name.family,
            "given": person.name.given,
            "family_kana": person.name.family_kana,
            "given_kana": person.name.given_kana,
            "section": sections.name(person.section),
            "path": " ".join(sections.path(person.section)) if known else person.section,
            "code": person.section,
            "post": person.post,
            "number": person.number,
            "account": person.account,
        }

    def _entitlement(self, section: str) -> Entitlement | None:
        known = section in self.policy.sections.by_code
        return self.policy.sections.entitlement(section) if known else None

    def _home(self, person: Person, given: Entitlement | None) -> Home | None:
        if given is None or not given.home:
            return None
        values = {**self._values(person), "code": given.code, "section": given.section}
        return Home(path=fill(given.home, values), drive=given.drive, quota=given.quota_mb)
