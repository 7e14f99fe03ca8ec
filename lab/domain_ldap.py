"""The plain LDAP directory on ldap1: OpenLDAP's configuration and its people."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from lab import domain_people, ldif
from lab.domain_plan import LDAP_BASE, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.domain_people import Account
    from lab.ldif import Entry

PEOPLE: Final = f"ou=people,{LDAP_BASE}"
GROUPS: Final = f"ou=groups,{LDAP_BASE}"
SERVICE_DN: Final = f"cn={SERVICE},ou=services,{LDAP_BASE}"
NOBODY: Final = f"cn=nobody,ou=services,{LDAP_BASE}"
"""The member of groups that have none: a groupOfNames may not be empty."""
POLICY: Final = f"cn=default,ou=policies,{LDAP_BASE}"
_FIRST_ID: Final = 10_001
_GROUP_ID: Final = 10_000

# Whoever does not ask in pages gets 1,000 entries, as Windows gives.
CONFIGURATION: Final = f"""\
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: /run/slapd/slapd.pid
olcArgsFile: /run/slapd/slapd.args
olcLogLevel: none
olcSecurity: simple_bind=128
olcTLSCACertificateFile: /var/lib/ldap/tls/ca.crt
olcTLSCertificateFile: /var/lib/ldap/tls/server.crt
olcTLSCertificateKeyFile: /var/lib/ldap/tls/server.key

dn: cn=module{{0}},cn=config
objectClass: olcModuleList
cn: module{{0}}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb
olcModuleLoad: ppolicy

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif

include: file:///etc/ldap/schema/cosine.ldif

include: file:///etc/ldap/schema/nis.ldif

include: file:///etc/ldap/schema/inetorgperson.ldif

dn: olcDatabase={{-1}}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {{-1}}frontend
olcAccess: to dn.base="" by * read
olcAccess: to dn.base="cn=Subschema" by * read
olcSizeLimit: 1000

dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {LDAP_BASE}
olcDbDirectory: /var/lib/ldap
olcDbMaxSize: 1073741824
olcDbNoSync: TRUE
olcDbIndex: objectClass,uid,cn,employeeNumber,uidNumber,gidNumber,member,mail,entryCSN,entryUUID eq
olcLimits: dn.exact="{SERVICE_DN}" size.soft=1000 size.hard=1000 size.pr=1000 size.prtotal=unlimited
olcAccess: to attrs=userPassword,shadowLastChange
  by dn.exact="{SERVICE_DN}" manage
  by self write
  by anonymous auth
  by * none
olcAccess: to *
  by dn.exact="{SERVICE_DN}" manage
  by users read
  by * none

dn: olcOverlay={{0}}ppolicy,olcDatabase={{1}}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: {{0}}ppolicy
olcPPolicyDefault: {POLICY}
olcPPolicyHashCleartext: TRUE
"""


def entries(people: Sequence[Account], service_password: str, people_password: str) -> Iterator[Entry]:
    """What `slapadd` reads: the tree, the service account, the password policy, people, groups."""
    yield _entry(LDAP_BASE, "dcObject organization", o="例示省", dc="example")
    for name in ("people", "groups", "services", "policies"):
        yield _entry(f"ou={name},{LDAP_BASE}", "organizationalUnit", ou=name)
    service = hashed(service_password)
    classes = "organizationalRole simpleSecurityObject"
    yield _entry(SERVICE_DN, classes, cn=SERVICE, userPassword=service)
    yield _entry(NOBODY, "organizationalRole", cn="nobody")
    # Without pwdLockout the overlay lets a locked account in.
    policy = {
        "pwdAttribute": "userPassword",
        "pwdMinLength": "8",
        "pwdCheckQuality": "1",
        "pwdLockout": "TRUE",
    }
    yield _entry(POLICY, "device pwdPolicy", cn="default", **policy)
    shared = hashed(people_password)
    for place, account in enumerate(people):
        yield _person(account, place, shared)
    yield _entry(f"cn=users,{GROUPS}", "posixGroup", cn="users", gidNumber=str(_GROUP_ID))
    yield from _groups(people)


def configuration() -> str:
    return CONFIGURATION


def hashed(password: str) -> str:
    """A password as OpenLDAP stores it by default."""
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(password.encode() + salt).digest()  # noqa: S324 - {SSHA}: OpenLDAP's own
    return "{SSHA}" + base64.b64encode(digest + salt).decode("ascii")


def person_dn(account: Account) -> str:
    return f"uid={account.login},{PEOPLE}"


def _person(account: Account, place: int, password: str) -> Entry:
    citizen = account.citizen
    attributes = {
        "uid": account.login,
        "cn": account.name,
        "sn": citizen.family,
        "sn;lang-ja-Kana": citizen.family_kana,
        "givenName": citizen.given,
        "givenName;lang-ja-Kana": citizen.given_kana,
        "displayName": f"{citizen.family} {citizen.given} ({account.section.name})",
        "employeeNumber": citizen.number,
        "departmentNumber": account.section.code,
        "ou": account.section.name,
        "title": account.title,
        "mail": f"{account.login}@{domain_people.MAIL_DOMAIN}",
        "uidNumber": str(_FIRST_ID + place),
        "gidNumber": str(_GROUP_ID),
        "homeDirectory": f"/home/{account.login}",
        "loginShell": "/bin/bash",
        "userPassword": password,
    }
    if account.left:
        # A password policy takes this time as: locked until an administrator says otherwise.
        attributes |= {"pwdAccountLockedTime": "000001010000Z", "shadowExpire": "1"}
    return _entry(person_dn(account), "inetOrgPerson posixAccount shadowAccount", **attributes)


def _groups(people: Sequence[Account]) -> Iterator[Entry]:
    ours = {domain_people.account_dn(account): person_dn(account) for account in people}
    everything = domain_people.members(list(people))
    names = {member for members in everything.values() for member in members} - ours.keys()
    groups = dict.fromkeys([*everything, *names])
    ours |= {group: _group_dn(group) for group in groups}
    for group in groups:
        within = [ours[member] for member in everything.get(group, [])] or [NOBODY]
        yield (
            _group_dn(group),
            {"objectClass": ["groupOfNames"], "cn": [_common_name(group)], "member": within},
        )


def _common_name(group: str) -> str:
    return ldif.first_value(group)


def _group_dn(group: str) -> str:
    return f"cn={_common_name(group)},{GROUPS}"


def _entry(name: str, classes: str, **attributes: str) -> Entry:
    return name, {"objectClass": classes.split(), **{key: [value] for key, value in attributes.items()}}
