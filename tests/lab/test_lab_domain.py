"""The lab's directory, judged by ldapsearch, kinit, smbclient, samba-tool, dig and openssl."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from lab import LabError
from lab.domain import Domain
from lab.domain_people import group_count
from lab.errors import CommandError
from lab.population import population

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = 300
DISABLED = 3
TANAKA = "(sAMAccountName=k.tanaka)"
TANAKA_DN = (
    "CN=田中 香織,OU=復興庶務係,OU=復興課,OU=災害対策部,OU=地域振興局,OU=職員,DC=ad,DC=example,DC=test"
)


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def rename(domain: Domain, title: str, server: str = "dc1") -> subprocess.CompletedProcess[str]:
    """Change a person's title with OpenLDAP's own client."""
    change = f"dn: {TANAKA_DN}\nchangetype: modify\nreplace: title\ntitle: {title}\n"
    login = ["-x", "-D", domain.bind_dn, "-y", str(domain.secret_file())]
    return domain.execute(["ldapmodify", "-H", domain.uri(server), *login], text=change)


def title(domain: Domain, server: str = "dc1") -> str:
    return domain.ldapsearch(TANAKA, "title", server=server)[0][1]["title"][0]


def has_title(domain: Domain, wanted: str, server: str) -> bool:
    return title(domain, server) == wanted


@pytest.mark.changes
def test_the_population_is_there(domain: Domain) -> None:
    people = domain.ldapsearch("(&(objectCategory=person)(employeeID=*))", "userAccountControl")
    groups = domain.ldapsearch("(objectClass=group)", "cn", base=f"OU=グループ,{domain.base}")
    everybody = domain.ldapsearch("(cn=全職員)", "member")[0][1]["member"]
    [(name, tanaka)] = domain.ldapsearch(TANAKA)
    first = population(PEOPLE)[0]

    assert (len(people), len(groups), len(everybody)) == (PEOPLE, group_count(PEOPLE), PEOPLE - DISABLED)
    assert [found["userAccountControl"] for _dn, found in people].count(["514"]) == DISABLED
    assert name == TANAKA_DN
    assert tanaka["employeeID"] == [first.number]
    assert tanaka["msDS-PhoneticDisplayName"] == ["タナカ カオリ"]
    assert tanaka["homeDirectory"] == ["\\\\fs1.ad.example.test\\home\\k.tanaka"]
    assert "k.tanaka" in domain.samba_tool("user", "list").splitlines()


@pytest.mark.changes
def test_groups_are_nested_as_the_sections_are(domain: Domain) -> None:
    found = domain.ldapsearch(f"(member:1.2.840.113556.1.4.1941:={TANAKA_DN})", "cn")
    names = {attributes["cn"][0] for _dn, attributes in found}
    above = {"復興庶務係", "復興課", "災害対策部", "地域振興局"}

    assert {name.removeprefix("SG_") for name in names if name.startswith("SG_")} == above
    assert {name[3:-3] for name in names if name.endswith("_RW")} == above
    assert {"FS_復興企画係_R", "FS_防災課_R", "FS_地域部_R"} <= names
    assert "FS_防災庶務係_R" not in names


@pytest.mark.changes
@pytest.mark.parametrize("server", ["dc1", "dc2", "ldap1"])
def test_certificates_are_verified_by_name_and_address(domain: Domain, server: str) -> None:
    where = f"{domain.address(server)}:636"
    verify = ["openssl", "s_client", "-connect", where, "-CAfile", str(domain.ca), "-verify_return_error"]
    for name in (["-verify_hostname", domain.fqdn(server)], ["-verify_ip", domain.address(server)]):
        assert "Verification: OK" in domain.execute([*verify, *name], text="").stdout
    wrong = domain.execute([*verify, "-verify_hostname", "dc9.ad.example.test"], text="")
    plain = ["ldapsearch", "-x", "-H", f"ldaps://{domain.fqdn(server)}", "-b", "", "-s", "base"]
    distrusting = domain.execute(["env", "LDAPTLS_CACERT=/dev/null", *plain])

    assert wrong.returncode == 1
    assert distrusting.returncode == 255
    assert distrusting.stderr == "ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)\n"


@pytest.mark.changes
@pytest.mark.parametrize(("server", "refusal"), [("dc1", 8), ("ldap1", 13)])
def test_passwords_go_through_tls_only(domain: Domain, server: str, refusal: int) -> None:
    plain = server == "ldap1"
    who, secret = (domain.ldap_bind_dn, "ldap1") if plain else (domain.bind_dn, "svc-daicho")
    search = ["ldapsearch", "-x", "-LLL", "-H", f"ldap://{domain.fqdn(server)}", "-D", who]
    search += ["-y", str(domain.secret_file(secret)), "-s", "base", "-b", who, "cn"]
    with_tls = domain.execute([*search, "-ZZ"])

    assert domain.execute(search).returncode == refusal
    assert with_tls.stdout == f"dn: {who}\ncn: svc-daicho\n\n"


def test_kerberos_from_password_to_ldap_and_file_server(domain: Domain) -> None:
    cache = str(domain.state / "test-ccache")
    kinit = ["kinit", "-c", cache, "k.tanaka@AD.EXAMPLE.TEST"]
    ticket = domain.execute(kinit, text=domain.secret("people") + "\n")
    wrong = domain.execute([*kinit[:2], f"{cache}-2", kinit[3]], text="wrong\n")
    within = ["env", f"KRB5CCNAME={cache}"]
    search = ["ldapsearch", "-LLL", "-Y", "GSSAPI", "-H", f"ldap://{domain.fqdn('dc2')}"]
    found = domain.execute([*within, *search, "-b", domain.base, TANAKA, "employeeID"])
    share = ["smbclient", f"//{domain.fqdn('fs1')}/home", "-c", "ls"]
    listed = domain.execute([*within, *share, "--use-kerberos=required", f"--use-krb5-ccache={cache}"])

    assert (ticket.returncode, wrong.returncode, found.returncode) == (0, 1, 0), ticket.stderr + found.stderr
    assert "employeeID: 11000001\n" in found.stdout
    assert listed.returncode == 0, listed.stdout + listed.stderr


def test_home_folders_belong_to_the_administrators(domain: Domain) -> None:
    domain.smbclient("home", "mkdir k.tanaka")
    with pytest.raises(CommandError) as refused:
        domain.smbclient("home", "mkdir mine", "k.tanaka", "people")

    assert "k.tanaka" in domain.smbclient("home", "ls", "k.tanaka", "people")
    assert refused.value.output == "NT_STATUS_ACCESS_DENIED making remote directory \\mine"


def test_domain_controllers_replicate_both_ways(domain: Domain) -> None:
    for server in ("dc1", "dc2"):
        assert domain.samba_tool("drs", "showrepl", "--summary", on=server) == "[ALL GOOD]\n"
    for source, target in (("dc1", "dc2"), ("dc2", "dc1")):
        assert rename(domain, f"by {source}", source).returncode == 0
        assert eventually(partial(has_title, domain, f"by {source}", target))


@pytest.mark.changes
def test_names_of_both_controllers_are_served(domain: Domain) -> None:
    for server in ("dc1", "dc2"):
        asked = ["dig", "+short", f"@{domain.address(server)}", "SRV", "_ldap._tcp.ad.example.test"]
        answer = set(domain.execute(asked).stdout.splitlines())
        assert answer == {"0 100 389 dc1.ad.example.test.", "0 100 389 dc2.ad.example.test."}


@pytest.mark.changes("ldap1")
def test_the_plain_directory_counts_in_pages_and_keeps_a_password_policy(domain: Domain) -> None:
    people = domain.ldapsearch("(objectClass=inetOrgPerson)", "uid", server="ldap1")
    [(name, _tanaka)] = domain.ldapsearch("(uid=k.tanaka)", server="ldap1")
    login = ["-x", "-H", domain.uri("ldap1"), "-D", name, "-y", str(domain.secret_file("people"))]
    change = ["ldappasswd", *login, "-s"]

    assert len(people) == PEOPLE
    assert domain.execute(["ldapwhoami", *login]).stdout == f"dn:{name}\n"
    assert domain.execute([*change, "short"]).returncode == 1
    assert domain.execute([*change, "long-enough-1"]).returncode == 0
    assert domain.execute(["ldapwhoami", *login]).returncode == 49


def test_a_stopped_controller_refuses_and_a_dead_one_is_silent(domain: Domain) -> None:
    where = (domain.address("dc1"), 636)
    domain.stop("dc1")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=2)
    domain.start("dc1")
    domain.kill("dc1")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=2)
    domain.power_off("dc1")
    with pytest.raises(OSError, match=r"timed out|No route to host"):
        socket.create_connection(where, timeout=2)
    assert title(domain, "dc2") == "係長"
    domain.start("dc1")
    assert has_title(domain, "係長", "dc1")


def test_what_a_controller_missed_comes_with_replication(domain: Domain) -> None:
    domain.power_off("dc2")
    assert rename(domain, "課長").returncode == 0
    domain.start("dc2")

    assert eventually(partial(has_title, domain, "課長", "dc2"), 60)


def test_reset_brings_the_first_day_back_within_seconds(domain: Domain) -> None:
    assert rename(domain, "課長").returncode == 0
    domain.smbclient("home", "mkdir left")
    domain.power_off("dc2")
    began = time.monotonic()
    domain.reset()
    took = time.monotonic() - began

    assert (title(domain), title(domain, "dc2")) == ("係長", "係長")
    assert "left" not in domain.smbclient("home", "ls")
    # Three seconds where nothing else runs; the machine may be busy.
    assert took < 15


@pytest.mark.changes
def test_secrets_are_for_their_owner_only(domain: Domain) -> None:
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in domain.places.secrets.iterdir()}
    keys = [path for path in domain.state.rglob("*.key") if path.is_file()]
    written = b"".join(path.read_bytes() for path in domain.state.rglob("*") if path.name == "console.log")

    assert found == dict.fromkeys(["administrator", "svc-daicho", "people", "ldap1"], 0o600)
    assert stat.S_IMODE(domain.state.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert not any(domain.secret(name).encode() in written for name in found)


def test_down_takes_everything_away_also_after_a_killed_up(domain: Domain) -> None:
    name = f"{domain.name}-killed"
    words = [sys.executable, "-m", "lab", "domain", "up", "--name", name, "--with", "dc2,fs1,ldap1"]
    other = Domain(name)
    up = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert eventually(lambda: other.places.machine("dc2").exists())
    time.sleep(0.3)
    up.kill()
    up.wait()
    assert other.down()
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout

    left = (other.state, other.places.group, other.places.controller_files)
    assert f"domain.{name}." not in listed
    assert not any(path.exists() for path in left)
    with pytest.raises(LabError) as gone:
        other.describe()
    assert str(gone.value) == (
        f"The domain {name!r} is not up. `python -m lab domain up --name {name}` brings it up."
    )


def test_the_commands_as_they_are_typed(domain: Domain) -> None:
    def lab(*words: str) -> str:
        command = [sys.executable, "-m", "lab", "domain", words[0], "--name", domain.name, *words[1:]]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    lab("power-off", "dc2")
    lab("stop", "ldap1")
    listed = lab("status")
    lab("start", "ldap1")
    there = lab("exec", "--", "ldapwhoami", "-x", "-H", domain.uri("ldap1"))
    on_dc1 = lab("exec", "--at", "dc1", "--", "hostname")
    lab("reset")

    assert (
        listed
        == f"""\
MACHINE  NAME                   ADDRESS      SERVERS  CABLE
dc1      dc1.ad.example.test    10.78.0.11   on       in
dc2      dc2.ad.example.test    10.78.0.12   off      pulled
fs1      fs1.ad.example.test    10.78.0.21   on       in
ldap1    ldap1.example.test     10.78.0.31   off      in
300 people; state: {domain.state}; network namespace: domain.{domain.name}.ctl
"""
    )
    assert (there, on_dc1) == ("anonymous\n", "dc1\n")
    assert all(machine["running"] and machine["connected"] for machine in domain.describe()["machines"])


@pytest.mark.changes
def test_what_it_has_not_is_said(domain: Domain) -> None:
    with pytest.raises(LabError) as size:
        domain.up(17)
    with pytest.raises(LabError) as part:
        domain.up(300, ["dc3"])
    with pytest.raises(LabError) as other:
        domain.up(300)
    with pytest.raises(LabError) as machine:
        domain.stop("dc3")

    down = f"python -m lab domain down --name {domain.name}"
    assert [str(error.value) for error in (size, part, other, machine)] == [
        "A domain has 300, 3000, 15000 people, not 17.",
        "The domain has no part dc3. There are: dc2, fs1, ldap1.",
        f"The domain {domain.name!r} is up with dc1, dc2, fs1, ldap1 and 300 people. `{down}` removes it.",
        f"The domain {domain.name!r} has no 'dc3'. It has: dc1, dc2, fs1, ldap1.",
    ]
