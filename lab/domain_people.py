"""The population of the lab's directories: sections, groups and accounts of `lab.population`."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.domain_logins import logins
from lab.domain_plan import BASE, DNS_DOMAIN, SERVERS
from lab.population import SECTIONS, Citizen, Section, population

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

type Entry = dict[str, Any]
"""An object of a directory: `dn`, and its attributes."""

PEOPLE: Final = f"OU=職員,{BASE}"
GROUPS: Final = f"OU=グループ,{BASE}"
DISABLED: Final = f"OU=無効化,{BASE}"
TERMINALS: Final = f"OU=端末,{BASE}"
EVERYBODY: Final = f"CN=全職員,{GROUPS}"
MAIL_DOMAIN: Final = "example.test"

# Global security group; domain-local security group.
_GLOBAL: Final = "-2147483646"
_LOCAL: Final = "-2147483644"
_PER_SECTION: Final = 3
_SEED: Final = 7
_TITLES: Final = {"局": "局長", "官房": "官房長", "部": "部長", "課": "課長", "係": "係長"}
_DISABLED_EVERY: Final = 97


@dataclass(frozen=True)
class Account:
    """A citizen with what the directory adds."""

    citizen: Citizen
    login: str
    section: Section
    title: str
    name: str
    """The common name: the number is added where two of a section are written alike."""

    @property
    def left(self) -> bool:
        """Whether the account is one of the few that are disabled."""
        return int(self.citizen.number) % _DISABLED_EVERY == 0


def accounts(count: int) -> list[Account]:
    """The accounts of so many people, the same ones every time."""
    people = population(count)
    sections = {section.code: section for section in SECTIONS}
    seen: set[tuple[str, str]] = set()
    headed: set[str] = set()
    found = []
    for citizen, login in zip(people, logins(people), strict=True):
        section = sections[citizen.section]
        name = f"{citizen.family} {citizen.given}"
        if (section.code, name) in seen or ("", name) in seen:
            name = f"{name} {citizen.number}"
        seen.add((section.code, name))
        title = "係員" if section.code in headed else _title(section)
        headed.add(section.code)
        account = Account(citizen, login, section, title, name)
        if account.left:
            # All the disabled share one OU.
            seen.add(("", name))
        found.append(account)
    return found


def _title(section: Section) -> str:
    return next(title for ending, title in _TITLES.items() if section.name.endswith(ending))


def unit(section: Section) -> str:
    """The DN of a section's OU, under those of the sections above it."""
    by_code = {each.code: each for each in SECTIONS}
    above = unit(by_code[section.parent]) if section.parent else PEOPLE
    return f"OU={section.name},{above}"


def account_dn(account: Account) -> str:
    return f"CN={account.name},{DISABLED if account.left else unit(account.section)}"


def objects(people: list[Account]) -> Iterator[Entry]:
    """Everything to add to the domain, parents first; groups are still empty."""
    for name in (PEOPLE, GROUPS, DISABLED, TERMINALS):
        yield {"dn": name, "objectClass": "organizationalUnit"}
    for section in SECTIONS:
        yield {"dn": unit(section), "objectClass": "organizationalUnit", "description": section.code}
    for name, (kind, description) in _groups(len(people)).items():
        entry = {"dn": f"CN={name},{GROUPS}", "objectClass": "group", "sAMAccountName": name}
        yield {**entry, "groupType": kind, "description": description}
    for place, account in enumerate(people):
        yield _user(account, place)


def members(people: list[Account]) -> dict[str, list[str]]:
    """Group DN -> DNs of its members: people, and groups of the sections below."""
    chance = random.Random(_SEED)  # noqa: S311 - repeatable on purpose
    active = [account for account in people if not account.left]
    found: dict[str, list[str]] = defaultdict(list)
    found[EVERYBODY] = [account_dn(account) for account in active]
    for account in active:
        found[_section_group(account.section)].append(account_dn(account))
    by_code = {section.code: section for section in SECTIONS}
    for section in SECTIONS:
        if section.parent:
            found[_section_group(by_code[section.parent])].append(_section_group(section))
            found[f"CN=FS_{section.name}_R,{GROUPS}"].append(_section_group(by_code[section.parent]))
        found[f"CN=FS_{section.name}_RW,{GROUPS}"].append(_section_group(section))
    for name in _groups(len(people)):
        if name.startswith("PJ_"):
            chosen = chance.sample(active, min(len(active), chance.randint(3, 40)))
            found[f"CN={name},{GROUPS}"] = [account_dn(account) for account in chosen]
    return found


def _groups(count: int) -> Mapping[str, tuple[str, str]]:
    """Name -> type and description: per section itself, its folder to read and to write; and projects."""
    found = {"全職員": (_GLOBAL, "職員の全員")}
    for section in SECTIONS:
        found[f"SG_{section.name}"] = (_GLOBAL, section.code)
        found[f"FS_{section.name}_RW"] = (_LOCAL, f"\\\\{SERVERS['fs1'].fqdn}\\dept\\{section.name} 更新")
        found[f"FS_{section.name}_R"] = (_LOCAL, f"\\\\{SERVERS['fs1'].fqdn}\\dept\\{section.name} 参照")
    total = group_count(count)
    for number in range(1, total - len(found) + 1):
        found[f"PJ_{number:04}"] = (_GLOBAL, f"プロジェクト {number}")
    return found


def group_count(count: int) -> int:
    """How many groups a population of this size has: 2,000 for 15,000 people."""
    return 1 + _PER_SECTION * len(SECTIONS) + 20 + max(0, count - 300) * 1_634 // 14_700


def _section_group(section: Section) -> str:
    return f"CN=SG_{section.name},{GROUPS}"


def _user(account: Account, place: int) -> Entry:
    citizen = account.citizen
    return {
        "dn": account_dn(account),
        "objectClass": "user",
        "sAMAccountName": account.login,
        "userPrincipalName": f"{account.login}@{DNS_DOMAIN}",
        "userAccountControl": "514" if account.left else "512",
        "sn": citizen.family,
        "givenName": citizen.given,
        "displayName": f"{citizen.family} {citizen.given} ({account.section.name})",
        "msDS-PhoneticLastName": citizen.family_kana,
        "msDS-PhoneticFirstName": citizen.given_kana,
        "msDS-PhoneticDisplayName": f"{citizen.family_kana} {citizen.given_kana}",
        "employeeID": citizen.number,
        "company": "例示省",
        "department": account.section.name,
        "departmentNumber": account.section.code,
        "title": account.title,
        "mail": f"{account.login}@{MAIL_DOMAIN}",
        "telephoneNumber": f"03-5550-{place % 10_000:04}",
        "physicalDeliveryOfficeName": f"{place % 2 + 1}号館{place % 9 + 1}階",
        "homeDrive": "H:",
        "homeDirectory": f"\\\\{SERVERS['fs1'].fqdn}\\home\\{account.login}",
        **({"description": "退職 20260331"} if account.left else {}),
    }
