"""A printer is in Active Directory's list of printers, too: all labs in one network, judged by ldapsearch."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from lab.services import Services
from tests.directory_desk import DirectoryDesk
from tests.labs import NAME, clear_left, skipped_if_impossible
from tests.printer_lab import SECRETS, PrinterLab, comer, technician

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.domain import Domain
    from tests.domains import Session


@pytest.fixture(scope="module")
def services(domain_session: Session) -> Iterator[Services]:
    clear_left(lambda name: Services(name).down(), "services.")
    found = Services(f"{NAME}-joined")
    with skipped_if_impossible():
        found.up(1, unknown=1, controller=domain_session.domain.netns)
    try:
        yield found
    finally:
        found.down()


def test_a_printer_is_listed_with_its_place_and_taken_out_again(
    services: Services, domain: Domain, tmp_path: Path
) -> None:
    site = DirectoryDesk.opened(tmp_path / "desk", domain)
    site.by_hand(f"dn: OU=プリンタ,{domain.base}\nchangetype: add\nobjectClass: organizationalUnit\n")
    text = (services.state / "services.yml").read_text(encoding="utf-8")
    queues = f"queues:\n  directory: OU=プリンタ,{domain.base}\n  default_group: DP_{{name}}\n"
    site.site_file("services.yml", text + queues)
    shutil.copy2(services.state / "ca.crt", site.desk.state / "inventory" / "ca.crt")
    for name in SECRETS:
        site.desk.expect("secret", "set", name, who="sato", typed=f"{services.secret(name)}\n")
    [printer] = services.printers
    with technician(PrinterLab(services, site.desk), printer):
        done = site.whole_way("install_printer", printers=[comer(printer)])
    assert done["outcomes"] == {"changed": 1}, done
    [(dn, found)] = domain.ldapsearch("(objectClass=printQueue)", "uNCName", "location", "serverName")
    assert dn == f"CN={printer.name},OU=プリンタ,{domain.base}"
    assert found["uNCName"] == [rf"\\print.office.example.test\{printer.name}"]
    assert found["location"] == ["本館 1F"]
    assert found["serverName"] == ["print.office.example.test"]
    domain.samba_tool("computer", "create", "PC-1")
    for name in (printer.name, "pr-7"):
        domain.samba_tool("group", "add", f"DP_{name}")
    domain.samba_tool("group", "addmembers", f"DP_{printer.name}", "PC-1$")
    assert using(domain) == {printer.name: ["PC-1"], "pr-7": []}
    gone = site.whole_way("retire_printer", [printer.name], default_printer="pr-7")
    assert gone["outcomes"] == {"changed": 1}, gone
    assert using(domain) == {printer.name: [], "pr-7": ["PC-1"]}
    assert domain.ldapsearch("(objectClass=printQueue)", "cn") == []
    back = site.taken_back(gone["run"])
    assert back["outcomes"] == {"changed": 1}, back
    [(_dn, again)] = domain.ldapsearch("(objectClass=printQueue)", "uNCName", "location", "serverName")
    assert again == found
    assert using(domain) == {printer.name: ["PC-1"], "pr-7": []}


def using(domain: Domain) -> dict[str, list[str]]:
    """Whose default each printer is."""
    groups = domain.ldapsearch("(cn=DP_*)", "cn", "member")
    return {
        found["cn"][0].removeprefix("DP_"): [
            dn.partition(",")[0].removeprefix("CN=") for dn in found.get("member", [])
        ]
        for _dn, found in groups
    }
