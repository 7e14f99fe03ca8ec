"""The Ansible module on a real domain: check, apply, repeat, back; judged by ldapsearch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from lab.domain_people import PEOPLE
from tests.directory_desk import RULES
from tests.doorstep import ROOT

if TYPE_CHECKING:
    from lab.domain import Domain

pytestmark = pytest.mark.lab
NUMBER: Final = "76000001"


@pytest.fixture
def site(domain: Domain, tmp_path: Path) -> Path:
    text = RULES.format(servers=domain.fqdn("dc1"), base=domain.base, ca=domain.ca)
    (tmp_path / "directory.yml").write_text(text, encoding="utf-8")
    return tmp_path


def play(site: Path, domain: Domain, *words: str, **wanted: Any) -> dict[str, Any]:
    """What `ansible localhost -m directory_user` answers; the arguments come in a file, not in argv."""
    arguments = {"site": str(site), "password": domain.secret(), "number": NUMBER, **wanted}
    task = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        "tasks": [{"directory_user": arguments}],
    }
    (site / "play.yml").write_text(json.dumps([task]), encoding="utf-8")
    environment = {
        "ANSIBLE_LIBRARY": str(ROOT / "plugins/modules"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(site / "ansible"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
    }
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run(
        [playbook, "-i", "localhost,", "-v", *words, str(site / "play.yml")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=site,
    )
    assert domain.secret() not in done.stdout
    line = next((each for each in done.stdout.splitlines() if "=> {" in each), "")
    text = done.stdout[done.stdout.index(line) :].partition("=> ")[2] if line else ""
    assert text, done.stdout + done.stderr
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return found


def test_check_apply_repeat_and_back(site: Path, domain: Domain) -> None:
    wanted: dict[str, Any] = {
        "account": "hanako",
        "dn": f"CN=鈴木\\, 花子,{PEOPLE}",
        "attributes": {"sn": "鈴木", "displayName": "鈴木, 花子"},
        "groups": ["全職員"],
        "enabled": True,
        "initial_password": "Kx7-mWh4+pRtn3",
    }
    query = f"(employeeID={NUMBER})"
    assert play(site, domain, "--check", **wanted)["changed"] is True
    assert domain.ldapsearch(query) == []
    assert play(site, domain, **wanted)["changed"] is True
    ((dn, found),) = domain.ldapsearch(query)
    assert (dn, found["userAccountControl"]) == (f"CN=鈴木\\, 花子,{PEOPLE}", ["512"])
    assert play(site, domain, **wanted)["changed"] is False
    back = play(site, domain, groups_left=["全職員"], enabled=False, attributes={"displayName": ""})
    assert back["changed"] is True
    ((_dn, found),) = domain.ldapsearch(query)
    assert (found["userAccountControl"], "memberOf" in found, "displayName" in found) == (
        ["514"],
        False,
        False,
    )
    refused = play(site, domain, groups=["無いグループ"])
    assert "changed" not in refused or refused["changed"] is False
    assert "無いグループ" in refused["msg"]
