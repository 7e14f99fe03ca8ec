"""What ansible-core writes to PowerShell is read as it was meant: made by its own functions here."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from ansible import constants
from ansible.executor.powershell import module_manifest
from ansible.plugins.loader import become_loader, init_plugin_loader

from lab.winrm.payload import NotDecoded, decode

if TYPE_CHECKING:
    from lab.winrm.payload import Payload

MODULE = "ansible_collections.ansible.windows.plugins.modules.win_ping"


@pytest.fixture(scope="module", autouse=True)
def plugins() -> None:
    init_plugin_loader()


def written(**changes: Any) -> Payload:
    source = files("ansible_collections.ansible.windows").joinpath("plugins", "modules", "win_ping.ps1")
    facts: dict[str, Any] = {
        "name": MODULE,
        "module_data": source.read_bytes(),
        "module_path": str(source),
        "module_args": {"data": "日本語", "_ansible_check_mode": True},
        "environment": {"A": "b"},
        "async_timeout": 0,
        "become_plugin": None,
        "substyle": "powershell",
        "task_vars": {},
        "profile": "legacy",
    }
    # The function is internal to ansible-core; if it changes, so does what the endpoint must read.
    return decode(module_manifest._create_powershell_wrapper(**{**facts, **changes}))


def test_a_module_its_arguments_and_its_source() -> None:
    found = written()
    assert (found.form, found.name) == ("module", "ansible.windows.win_ping")
    assert found.arguments == {"data": "日本語"}
    assert found.check
    assert found.environment == {"A": "b"}
    assert found.source.startswith(b"#!powershell")
    assert (found.become, found.asynchronous, found.further) == ("", None, b"")


def test_an_asynchronous_task() -> None:
    found = written(async_timeout=45, environment={"ANSIBLE_ASYNC_DIR": "%TEMP%"})
    assert found.asynchronous is not None
    assert (found.asynchronous.timeout, found.asynchronous.folder) == (45.0, "%TEMP%")
    assert found.asynchronous.job.startswith("j")


def test_become_and_a_password_that_is_not_shown() -> None:
    runas = become_loader.get("runas")
    runas.set_options(direct={"become_user": "AD\\admin", "become_pass": "hush"})
    found = written(become_plugin=runas)
    assert (found.become, found.become_password) == ("AD\\admin", "hush")
    assert "hush" not in repr(found)


def test_a_program_of_the_connection_with_its_input() -> None:
    script, head = module_manifest._bootstrap_powershell_script(
        "winrm_put_file.ps1", {"Path": r"C:\x"}, has_input=True
    )
    assert "`0`0`0`0" in script
    found = decode(head + b"aGVsbG8=\r\n")
    assert (found.form, found.name, found.arguments) == ("program", "winrm_put_file.ps1", {"Path": r"C:\x"})
    assert found.further.strip() == b"aGVsbG8="


@pytest.mark.parametrize("data", [b"", b"{}", b"[]\n\0\0\0\0\n{}", json.dumps({"name": "other"}).encode()])
def test_what_is_something_else_is_not_decoded(data: bytes) -> None:
    with pytest.raises(NotDecoded):
        decode(data)


def test_ansible_is_the_one_that_was_read() -> None:
    assert constants.config.get_config_value("WIN_ASYNC_STARTUP_TIMEOUT") == 5
