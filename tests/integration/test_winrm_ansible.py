"""ansible-playbook, unmodified, with the collection's own modules: updates, reboots, files, async."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.winrm import Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ONE, TWO = "pc00001", "pc00002"
ALL = {"category_names": "*"}


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=2) as found:
        yield found


def play(terminals: Windows, folder: Path, *tasks: dict[str, Any], hosts: str = ONE) -> list[dict[str, Any]]:
    """What the tasks ended with on a host, as Ansible itself writes it down."""
    playbook = [{"hosts": hosts, "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}]
    (folder / "play.json").write_text(json.dumps(playbook))
    (folder / "inventory.json").write_text(json.dumps(terminals.inventory()))
    (folder / "ansible.cfg").write_text("[defaults]\n")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.json", "play.json"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_CALLBACK_PLUGINS": str(_callback(folder)),
            "DAICHO_TEST_RESULTS": str(folder / "results"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    results = folder / "results"
    assert results.exists(), done.stdout + done.stderr
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    results.unlink()
    return [line["result"] for line in lines]


def _callback(folder: Path) -> Path:
    """A callback that writes each result down."""
    place = folder / "callbacks"
    place.mkdir(exist_ok=True)
    (place / "results.py").write_text(
        "import json, os\n"
        "from ansible.plugins.callback import CallbackBase\n"
        "DOCUMENTATION = 'name: results\\ntype: notification\\nshort_description: x\\ndescription: [x]'\n"
        "class CallbackModule(CallbackBase):\n"
        "    CALLBACK_NAME, CALLBACK_TYPE, CALLBACK_NEEDS_ENABLED = 'results', 'notification', True\n"
        "    def _write(self, result, **facts):\n"
        "        with open(os.environ['DAICHO_TEST_RESULTS'], 'a') as file:\n"
        "            file.write(json.dumps({'result': dict(result.result)}, default=str) + '\\n')\n"
        "    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = _write\n"
    )
    return place


def test_it_is_there_and_tells_of_itself(terminals: Windows, tmp_path: Path) -> None:
    pinged, facts = play(terminals, tmp_path, {"ansible.windows.win_ping": {}}, {"ansible.builtin.setup": {}})
    assert pinged["ping"] == "pong"
    assert facts["ansible_facts"]["ansible_hostname"] == "PC00001"
    assert terminals.arrived(ONE)[-2:] == ["ansible.windows.win_ping", "ansible.windows.setup"]


def test_updates_with_the_reboot_that_they_want(terminals: Windows, tmp_path: Path) -> None:
    install = {"ansible.windows.win_updates": {**ALL, "reject_list": ["KB890830"], "reboot": True}}
    searched, installed, again = play(
        terminals,
        tmp_path,
        {"ansible.windows.win_updates": {"category_names": ["SecurityUpdates"], "state": "searched"}},
        install,
        install,
    )
    assert (searched["found_update_count"], len(searched["filtered_updates"])) == (2, 2)
    assert (installed["installed_update_count"], installed["rebooted"]) == (3, True)
    assert (again["changed"], again["rebooted"]) == (False, False)
    state = terminals.state(ONE)["updates"]["offered"]
    assert {each["kb"]: each["state"] for each in state} == {
        "KB5050001": "installed",
        "KB5049622": "installed",
        "KB2267602": "installed",
        "KB890830": "wanted",
    }
    assert terminals.status(ONE)["boots"] == 1


def test_an_update_that_fails_says_why(terminals: Windows, tmp_path: Path) -> None:
    terminals.set(TWO, {"updates.offered.KB5049622.state": "installed"})
    terminals.fault(TWO, "update-fails", text="KB890830=0x80070643")
    install = {
        "ansible.windows.win_updates": {"accept_list": ["KB890830"], "category_names": ["UpdateRollups"]}
    }
    [failed] = play(terminals, tmp_path, install, hosts=TWO)
    assert failed["msg"].startswith("Failed to install all updates - see updates for more information")
    [update] = failed["updates"].values()
    assert update["failure_hresult_code"] == 0x80070643
    assert terminals.clear(TWO) == ["update-fails"]


def test_asynchronous_updates_and_files(terminals: Windows, tmp_path: Path) -> None:
    updates, copied, again, stat = play(
        terminals,
        tmp_path,
        {"ansible.windows.win_updates": {"category_names": ["DefinitionUpdates"]}, "async": 60, "poll": 1},
        {"ansible.windows.win_copy": {"content": "台帳", "dest": "C:\\daicho\\note.txt"}},
        {"ansible.windows.win_copy": {"content": "台帳", "dest": "C:\\daicho\\note.txt"}},
        {"ansible.windows.win_stat": {"path": "C:\\daicho\\note.txt"}},
        hosts=TWO,
    )
    assert updates["installed_update_count"] == 1
    assert (copied["changed"], again["changed"]) == (True, False)
    assert stat["stat"]["size"] == len("台帳".encode())


def test_what_is_wrong_fails_and_passwords_stay_out_of_the_log(terminals: Windows, tmp_path: Path) -> None:
    become = {
        "become": True,
        "become_method": "runas",
        "become_user": "AD\\admin",
        "vars": {"ansible_become_password": "hush-hush-1"},
    }
    unknown, option, pinged, user = play(
        terminals,
        tmp_path,
        {"ansible.windows.win_timezone": {"timezone": "Tokyo Standard Time"}},
        {"ansible.windows.win_ping": {"dat": "x"}},
        {"ansible.windows.win_ping": {}, **become},
        {"ansible.windows.win_user": {"name": "helper", "password": "hush-hush-2"}, "no_log": True},
        hosts=TWO,
    )
    assert unknown["msg"].endswith("the lab cannot run ansible.windows.win_timezone: it has no model of it")
    assert "Unsupported parameters for (win_ping) module: dat." in option["msg"]
    assert pinged["ping"] == "pong"
    assert user["changed"]
    wire = terminals.wire(TWO)
    assert wire[-2]["become"] == "AD\\admin"
    assert wire[-1]["arguments"] == {"name": "helper", "password": "(secret)"}
    assert "hush-hush" not in json.dumps(wire)


def test_a_reboot_that_takes_its_time(terminals: Windows, tmp_path: Path) -> None:
    terminals.fault(TWO, "slow-boot", seconds=1.0)
    given = {"reboot_timeout": 60, "connect_timeout": 1, "msg": "再起動します"}
    terminals.set(TWO, {"system.logged_on": "AD\\k.tanaka"})
    [rebooted] = play(terminals, tmp_path, {"ansible.windows.win_reboot": given}, hosts=TWO)
    assert rebooted["rebooted"]
    state = terminals.state(TWO)["system"]
    assert (state["notices"], state["logged_on"]) == (["再起動します"], "")
