"""Making a domain: provisioned, filled and joined once, for `domain_template` to keep."""

from __future__ import annotations

import json
import secrets
import string
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab import domain_files, domain_ldap, domain_people, ldif
from lab.domain_machine import Machine
from lab.domain_plan import BASE, CONTROLLERS, DNS_DOMAIN, REALM, SERVERS, SERVICE, WORKGROUP
from lab.places import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.domain_places import DomainPlaces
    from lab.domain_tls import Authority
    from lab.process import Progress

_SAMBA: Final = ("etc/samba", "var/lib/samba", "var/cache/samba", "var/log/samba", "etc")
_FOLDERS: Final = {
    "dc1": _SAMBA,
    "dc2": _SAMBA,
    "fs1": (*_SAMBA, "var/lib/samba/private", "srv/home", "srv/dept"),
    "ldap1": ("etc/ldap/slapd.d", "var/lib/ldap", "etc"),
}
_TLS: Final = {
    "dc1": "var/lib/samba/private/tls",
    "dc2": "var/lib/samba/private/tls",
    "ldap1": "var/lib/ldap/tls",
}
_ACCOUNTS: Final = ("administrator", SERVICE, "people", "ldap1")
# Password settings of the domain: 100-ns intervals, and no end, for a template grows old.
_SETTINGS: Final = {
    "minPwdAge": "0",
    "maxPwdAge": "-9223372036854775808",
    "minPwdLength": "8",
    "lockoutThreshold": "5",
}
_RIGHTS: Final = {
    "NT AUTHORITY\\SYSTEM": "OI|CI/FULL",
    f"{WORKGROUP}\\Domain Admins": "OI|CI/FULL",
    "NT AUTHORITY\\Authenticated Users": "0x0/READ",
}
_SEED: Final = Path(__file__).with_name("domain_seed.py")
_LONG_S: Final = 3600
_SIGNS: Final = string.ascii_letters + string.digits


def fresh_passwords(places: DomainPlaces) -> None:
    """New random passwords, one file each."""
    places.secrets.mkdir(mode=0o700)
    for name in _ACCOUNTS:
        # The first signs bring the four classes that a policy may ask for.
        write_private(places.secrets / name, "Aa1-" + "".join(secrets.choice(_SIGNS) for _ in range(20)))


def secret(places: DomainPlaces, name: str) -> str:
    return (places.secrets / name).read_text(encoding="utf-8")


def create_machine(places: DomainPlaces, name: str, machines: Sequence[str]) -> Machine:
    """A machine's empty disk."""
    machine = Machine(places, SERVERS[name])
    for folder in _FOLDERS[name]:
        (machine.root / folder).mkdir(parents=True, exist_ok=True)
    write_names(machine, machines)
    return machine


def write_names(machine: Machine, machines: Sequence[str]) -> None:
    """Which machines there are, as one of them knows it."""
    etc = machine.root / "etc"
    (etc / "hosts").write_text(domain_files.hosts(machines), encoding="utf-8")
    resolver = domain_files.resolv_conf(machines, machine.server.name)
    (etc / "resolv.conf").write_text(resolver, encoding="utf-8")
    (etc / "nsswitch.conf").write_text(domain_files.NSSWITCH, encoding="utf-8")


def first_controller(places: DomainPlaces, authority: Authority, people: int, progress: Progress) -> None:
    """dc1: the domain, its accounts and its people. Nothing of it runs meanwhile."""
    machine = create_machine(places, "dc1", ["dc1"])
    address = machine.server.address
    words = [
        *("samba-tool", "domain", "provision", "--quiet", "--server-role=dc", "--use-rfc2307"),
        *("--dns-backend=SAMBA_INTERNAL", f"--realm={REALM}", f"--domain={WORKGROUP}"),
        *("--host-name=dc1", f"--host-ip={address}"),
        *(f"--option=interfaces={address}/24", "--option=bind interfaces only=yes"),
    ]
    # Without --adminpass it invents one; ours goes in below, not by way of the process list.
    machine.run(words)
    configure(machine, authority)
    progress.say("domain provisioned")
    accounts = domain_people.accounts(people)
    service = {"dn": f"CN={SERVICE},CN=Users,{BASE}", "objectClass": "user", "sAMAccountName": SERVICE}
    upn = {"userPrincipalName": f"{SERVICE}@{DNS_DOMAIN}", "userAccountControl": "512"}
    wanted: dict[str, object] = {
        "settings": _SETTINGS,
        "people_password": secret(places, "people"),
        "objects": [service | upn, *domain_people.objects(accounts)],
        "members": {f"CN=Domain Admins,CN=Users,{BASE}": [service["dn"]], **domain_people.members(accounts)},
        "passwords": {"Administrator": secret(places, "administrator"), SERVICE: secret(places, SERVICE)},
        "names": {"DC1$": _service_names("dc1")},
    }
    seed(machine, wanted)
    progress.say(f"{people} people and {domain_people.group_count(people)} groups in the domain")


def configure(machine: Machine, authority: Authority) -> None:
    """Our smb.conf instead of the generated one, and the certificate."""
    conf = machine.root / "etc/samba/smb.conf"
    conf.write_text(domain_files.smb_conf(machine.server), encoding="utf-8")
    if machine.server.name in _TLS:
        authority.certify(machine.server, machine.root / _TLS[machine.server.name])


def seed(machine: Machine, wanted: dict[str, object]) -> None:
    """Put objects into the database of a domain controller that is off."""
    machine.run(["/usr/bin/python3", "-I", _SEED], text=json.dumps(wanted), timeout=_LONG_S)


def _service_names(name: str) -> list[str]:
    """Provisioning gives HOST/ only; Kerberos over LDAP asks for these."""
    fqdn, short = SERVERS[name].fqdn, name.upper()
    return [
        *(f"ldap/{fqdn}", f"ldap/{short}", f"ldap/{fqdn}/{DNS_DOMAIN}", f"ldap/{fqdn}/{WORKGROUP}"),
        f"GC/{fqdn}/{DNS_DOMAIN}",
    ]


def join(places: DomainPlaces, authority: Authority, name: str, machines: Sequence[str]) -> None:
    """dc2 or fs1 joins the domain; dc1 runs."""
    machine = create_machine(places, name, machines)
    # Samba's tools take these from the environment; the password itself is in neither that nor in argv.
    login = [
        *("env", "USER=Administrator", f"DOMAIN={WORKGROUP}"),
        f"PASSWD_FILE={places.secrets / 'administrator'}",
    ]
    if name in CONTROLLERS:
        _join_controller(machine, authority, login)
    else:
        _join_member(machine, authority, login)


def _join_controller(machine: Machine, authority: Authority, login: list[str]) -> None:
    address = machine.server.address
    words = [*login, "samba-tool", "domain", "join", DNS_DOMAIN, "DC", "--dns-backend=SAMBA_INTERNAL"]
    names = [f"--option=netbios name={machine.server.name.upper()}", "--option=bind interfaces only=yes"]
    machine.run([*words, f"--option=interfaces={address}/24", *names], timeout=_LONG_S)
    configure(machine, authority)


def _join_member(machine: Machine, authority: Authority, login: list[str]) -> None:
    configure(machine, authority)
    (machine.root / "etc/samba/user.map").write_text(domain_files.USER_MAP, encoding="utf-8")
    machine.run([*login, "net", "ads", "join", "--no-dns-updates"])


def replicate(places: DomainPlaces) -> None:
    """Both domain controllers run: let them know each other, by name and by replication link, and agree."""
    controllers = [Machine(places, SERVERS[name]) for name in CONTROLLERS]
    for machine in controllers:
        machine.run(["samba_dnsupdate", "--use-samba-tool"])
        machine.run(["samba_spnupdate"])
        machine.run(["samba_kcc", "-H", "/var/lib/samba/private/sam.ldb"])
    contexts = [
        f"{zone}{BASE}" for zone in ("", "CN=Configuration,", "DC=DomainDnsZones,", "DC=ForestDnsZones,")
    ]
    for source, target in (CONTROLLERS, CONTROLLERS[::-1]):
        for context in contexts:
            controllers[0].run(["samba-tool", "drs", "replicate", target, source, context])


def open_shares(places: DomainPlaces) -> None:
    """fs1 runs: its shares belong to the administrators, and everybody may look at what is in them."""
    machine = Machine(places, SERVERS["fs1"])
    rights = (f"ACL:{who}:ALLOWED/{what}" for who, what in _RIGHTS.items())
    descriptor = ",".join(["REVISION:1", "OWNER:BUILTIN\\Administrators", *rights])
    with login_file(places, "Administrator", "administrator") as login:
        for share in ("home", "dept"):
            # Only the NT rights count; the file system itself lets everybody in.
            (machine.root / "srv" / share).chmod(0o777)
            place = [f"//{machine.server.fqdn}/{share}", "/"]
            machine.run(["smbcacls", *place, f"--authentication-file={login}", "-S", descriptor])


@contextmanager
def login_file(places: DomainPlaces, user: str, password: str) -> Iterator[Path]:
    """What smbclient and its like read a user's name and password from; `password` names a secret."""
    path = places.secrets / f"login-{uuid.uuid4().hex}"
    words = {"username": user, "password": secret(places, password), "domain": WORKGROUP}
    try:
        write_private(path, "".join(f"{key}={value}\n" for key, value in words.items()))
        yield path
    finally:
        path.unlink(missing_ok=True)


def plain_directory(places: DomainPlaces, authority: Authority, people: int) -> None:
    """ldap1: OpenLDAP with the same people."""
    machine = create_machine(places, "ldap1", ["ldap1"])
    authority.certify(machine.server, machine.root / _TLS["ldap1"])
    machine.run(["slapadd", "-n0", "-F", "/etc/ldap/slapd.d"], text=domain_ldap.configuration())
    accounts = domain_people.accounts(people)
    entries = domain_ldap.entries(accounts, secret(places, "ldap1"), secret(places, "people"))
    words = ["slapadd", "-q", "-n1", "-F", "/etc/ldap/slapd.d"]
    machine.run(words, text=ldif.write(entries), timeout=_LONG_S)
