"""Ansible against terminals that speak WinRM: what it is given for them, and what it is spared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daicho.craft import Trouble
from daicho.endpoints.site import WindowsFile
from daicho.endpoints.wrong import NotTried
from daicho.runners import winrm
from tests.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.winrm import Windows

WRONG = "not-the-password"


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=6) as made:
        yield made


@pytest.fixture
def site(terminals: Windows) -> WindowsFile:
    return WindowsFile(user=terminals.world.login, ca_file=terminals.ca, port=terminals.world.port)


def served(terminals: Windows) -> dict[str, dict[str, Any]]:
    """Hosts as the door serves them."""
    return {
        each["name"]: {"ansible_host": each["address"], "daicho_item": {"kind": "endpoint", "os": "windows"}}
        for each in terminals.items()
    }


def variables(terminals: Windows, site: WindowsFile, name: str) -> dict[str, Any]:
    """Everything that Ansible knows of a host."""
    known = served(terminals)[name]
    secret = {"ansible_password": terminals.world.password, "inventory_hostname": name}
    return known | winrm.connection_variables(name, known, site) | secret


def test_ansible_never_speaks_without_tls_nor_to_a_stranger(site: WindowsFile) -> None:
    given = winrm.connection_variables("PC-0471.ad.example.test", {"ansible_port": 15986}, site)
    assert given == {
        "ansible_connection": "winrm",
        "ansible_port": 15986,
        "ansible_user": site.user,
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_message_encryption": "always",
        "ansible_winrm_server_cert_validation": "validate",
        "ansible_winrm_ca_trust_path": str(site.ca_file),
        "ansible_winrm_operation_timeout_sec": 20,
        "ansible_winrm_read_timeout_sec": 30,
        "daicho_computer": "PC-0471",
    }


def test_only_windows_machines_are_meant(terminals: Windows) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "pc-1": {"daicho_item": {"os": "Windows 11"}},
        "pc-2": {"daicho_item": {"os": "debian"}},
        "pc-3": {"daicho_item": {}},
    }
    assert winrm.windows_hosts(hosts) == ["pc-1"]
    assert winrm.windows_hosts(served(terminals)) == terminals.names


def test_a_wrong_password_is_tried_on_three_machines_and_no_more(
    terminals: Windows, site: WindowsFile
) -> None:
    with pytest.raises(NotTried):
        winrm.prove(served(terminals), site, WRONG)
    winrm.prove(served(terminals), site, terminals.world.password)


def test_a_machine_that_is_off_does_not_keep_the_password_from_being_proved(
    terminals: Windows, site: WindowsFile
) -> None:
    terminals.fault("pc00001", "off")
    try:
        winrm.prove(served(terminals), site, terminals.world.password)
    finally:
        terminals.clear("pc00001")


def test_our_scripts_are_asked_with_what_ansible_knows(terminals: Windows, site: WindowsFile) -> None:
    told = winrm.ask(
        "get_services",
        {"names": ["spooler", "nobody"]},
        variables(terminals, site, "pc00002"),
        limit_s=20,
    )
    assert told == {"states": {"spooler": "Running", "nobody": "absent"}}
    assert terminals.arrived("pc00002", "script")[-1] == "get_services"


def test_a_machine_that_hangs_is_silent_not_failed(terminals: Windows, site: WindowsFile) -> None:
    terminals.fault("pc00003", "hang", text="get_services")
    with pytest.raises(Trouble) as caught:
        winrm.ask("get_services", {"names": []}, variables(terminals, site, "pc00003"), limit_s=1)
    assert caught.value.unreachable
    assert str(caught.value) == (
        f"{terminals.address('pc00003')} took the question and did not answer within 1 s. Is it overloaded "
        "or hung?"
    )


def test_a_renamed_machine_is_left_alone(terminals: Windows, site: WindowsFile) -> None:
    terminals.set("pc00004", {"system.name": "pc-99"})
    with pytest.raises(Trouble) as caught:
        winrm.ask("get_services", {"names": []}, variables(terminals, site, "pc00004"), limit_s=20)
    assert str(caught.value).startswith(f"Under {terminals.address('pc00004')} answers PC-99, not PC00004.")
    assert terminals.arrived("pc00004", "script") == []
