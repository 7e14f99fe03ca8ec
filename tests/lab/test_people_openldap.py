"""People join, move, leave and come back in a plain OpenLDAP; judged by ldapsearch and by logging on."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.people_desk import RULES, PeopleDesk, joining

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain
    from lab.ldif import Entry

pytestmark = [pytest.mark.changes("ldap1"), pytest.mark.timeout(600)]
DIRECTORY = """\
directory:
  flavour: ldap
  servers: [{server}]
  base: {base}
  ca_file: {ca}
  bind_name: {who}
  people: ou=people,{base}
  groups: ou=groups,{base}
  disabled: ou=disabled,{base}
people: {people}
"""
ONE, TWO = "71000001", "71000002"


@pytest.fixture
def desk(domain: Domain, tmp_path: Path) -> PeopleDesk:
    everyone = {"groups": ["SG_{section}", "全職員"], "title": "{post}"}
    rules: dict[str, Any] = {**RULES, "sections": {**RULES["sections"], "everyone": everyone}}
    rules["naming"] = {**RULES["naming"], "principal": ""}
    made = PeopleDesk.at_work(tmp_path / "site", domain)
    base, logon = domain.ldap_base, ["-x", "-D", domain.ldap_bind_dn, "-y", str(domain.secret_file("ldap1"))]
    text = f"dn: ou=disabled,{base}\nobjectClass: organizationalUnit\nou: disabled\n"
    done = domain.execute(["ldapadd", "-H", domain.uri("ldap1"), *logon], text=text)
    assert done.returncode == 0, done.stderr
    told = {"server": domain.fqdn("ldap1"), "base": base, "ca": domain.ca, "who": domain.ldap_bind_dn}
    people = json.dumps(rules, ensure_ascii=False)
    made.site_file("directory.yml", DIRECTORY.format(people=people, **told))
    made.desk.expect("secret", "set", "directory", who="sato", typed=domain.secret("ldap1") + "\n")
    return made


def found(domain: Domain, number: str) -> Entry:
    """Everything of one person."""
    (entry,) = domain.ldapsearch(
        f"(employeeNumber={number})", "*", "pwdReset", "pwdAccountLockedTime", server="ldap1"
    )
    return entry


def groups(domain: Domain, dn: str) -> set[str]:
    """The groups that somebody is in."""
    return {each["cn"][0] for _dn, each in domain.ldapsearch(f"(member={dn})", "cn", server="ldap1")}


def logs_on(domain: Domain, dn: str, password: str) -> bool:
    done = domain.execute(["ldapwhoami", "-x", "-H", domain.uri("ldap1"), "-D", dn, "-w", password])
    return done.returncode == 0


def password_on(slip: Path) -> str:
    text = subprocess.run(["pdftotext", "-layout", slip, "-"], capture_output=True, text=True, check=True)
    return next(line.split()[-1] for line in text.stdout.splitlines() if line.startswith("Password "))


def test_somebody_joins_moves_leaves_and_comes_back(desk: PeopleDesk, domain: Domain) -> None:
    def done(kind: str, on: str, work: str, **more: str) -> dict[str, Any]:
        file = desk.file(f"{work}.csv", joining(ONE, TWO, kind=kind, **more))
        end = desk.carried_out(desk.requested_by_file(file, on)[work])
        assert end["outcomes"] == {"changed": 2}, end["targets"]
        return end

    joined = done("採用", "2027-04-01", "onboard_users")
    dn, its = found(domain, ONE)
    assert dn == f"uid={its['uid'][0]},ou=people,{domain.ldap_base}"
    assert its["cn"] == ["試験 亜亜亜加"]
    assert (its["sn"], its["departmentNumber"], its["title"]) == (["試験"], ["011101"], ["係員"])
    assert its["pwdReset"] == ["TRUE"]
    assert groups(domain, dn) == {"SG_総務庶務係", "全職員"}
    password = password_on(desk.desk.state / "runs" / joined["run"] / "slips" / f"{ONE}.pdf")
    assert logs_on(domain, dn, password)

    moved = done("異動", "2027-04-01", "transfer_users", section="011201")
    there, its = found(domain, ONE)
    assert (there, its["departmentNumber"]) == (dn, ["011201"])
    # The old section's group stays for the hand-over.
    assert groups(domain, dn) > {"SG_総務庶務係", "全職員"}
    assert desk.taken_back(moved["run"])["outcomes"] == {"changed": 2}
    assert groups(domain, dn) == {"SG_総務庶務係", "全職員"}

    before = found(domain, ONE)
    left = done("退職", "2027-04-02", "offboard_users")
    gone, its = found(domain, ONE)
    assert gone.endswith(f",ou=disabled,{domain.ldap_base}")
    assert "pwdAccountLockedTime" in its
    assert groups(domain, gone) == groups(domain, dn) == set()
    assert not logs_on(domain, gone, password)
    back = desk.taken_back(left["run"])
    assert back["outcomes"] == {"changed": 2}, back["targets"]
    slips = desk.desk.state / "runs" / back["run"] / "slips"
    assert without_password(found(domain, ONE)) == without_password(before)
    # Its sessions were ended by another password, so who comes back gets a new one on a slip.
    assert not logs_on(domain, dn, password)
    assert logs_on(domain, dn, password_on(slips / f"{ONE}.pdf"))


def without_password(entry: Entry) -> Entry:
    dn, values = entry
    return dn, {name: each for name, each in values.items() if name != "userPassword"}
