"""Rights on a Linux server, the whole way: judged by what people can really do on the machine."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk import Desk
from tests.labs import machines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
TOP = "/srv/dept/人事課"
KEY = f"rights:{TOP}"
FIRST_DAY = "owner=root, group=root, u::rwx, g::r-x, o::r-x"


@dataclass(frozen=True)
class Server:
    """A machine with a folder of a section, and the desk from which it is changed."""

    lab: Lab
    desk: Desk

    def root(self, command: str) -> str:
        """What a command says as root on the machine."""
        done = self.lab.ssh("ep01", f"sudo sh -c '{command}'")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def may(self, who: str, command: str) -> bool:
        """Whether somebody can do it, really."""
        return self.lab.ssh("ep01", f"sudo setpriv --reuid={who} --init-groups {command}").returncode == 0

    def planned(self, folders: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        """A change, and its plan for the machine."""
        document = {
            "work": "set_posix_permissions",
            "title": "Who may do what",
            "reason": "to see what it does",
            "ticket": "REQ-9",
            "targets": ["ep01"],
            "inputs": {"folders": folders},
        }
        text = json.dumps(document, ensure_ascii=False)
        change = self.desk.expect("request", "-", who="sato", typed=text).out.strip()
        self.desk.daicho("plan", change, who="sato")
        return change, self.plan(change)

    def plan(self, change: str) -> dict[str, Any]:
        """The newest plan for the machine."""
        shown = self.desk.expect("show", change, "--output", "json", who="sato").json
        found: dict[str, Any] = shown["plan"]["targets"][0]
        return found

    def ran(self, change: str) -> dict[str, Any]:
        """Sign and run it; how it ended."""
        self.desk.expect("approve", change, "--key", str(self.desk.key("suzuki")), "--yes", who="suzuki")
        done = self.desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
        assert done.out, done.err
        found: dict[str, Any] = done.json
        return found


@pytest.fixture(scope="module")
def machine() -> Iterator[Lab]:
    """One real machine."""
    yield from machines_of(1, "posix")


@pytest.fixture
def server(machine: Lab, tmp_path: Path) -> Server:
    """A new site; two people, of whom one is in the group."""
    desk = Desk.make(tmp_path / "desk", own_content=True)
    desk.expect("init", "--policy", "policy.yml")
    items = (machine.state / "items.yml").read_text(encoding="utf-8").replace("endpoint", "server")
    (tmp_path / "items.yml").write_text(items, encoding="utf-8")
    desk.expect("item", "import", str(tmp_path / "items.yml"), who="sato")
    (desk.state / "known_hosts").write_bytes((machine.state / "known_hosts").read_bytes())
    machine.trust((desk.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii"))
    typing = desk.within([sys.executable, "-m", "lab", "exec", "--name", machine.name, "--"])
    found = Server(machine, typing)
    found.root(
        f"groupadd -f fs_rw; useradd -G fs_rw inside; useradd outside; mkdir -p {TOP}/old;"
        f"touch {TOP}/old/list; chmod 755 {TOP} {TOP}/old"
    )
    return found


def test_people_can_do_what_the_policy_says_and_nothing_else(server: Server) -> None:
    rights = [{"who": "fs_rw", "may": "modify"}]
    change, plan = server.planned([{"path": TOP, "below": "replace", "rights": rights}])
    assert plan["before"][KEY] == FIRST_DAY
    lists = "u::rwx, g::---, g:fs_rw:rwx, m::rwx, o::---"
    default = "d:u::rwx, d:g::---, d:g:fs_rw:rwx, d:m::rwx, d:o::---"
    assert plan["after"][KEY] == f"owner=root, group=root, {lists}, {default}"
    assert plan["notes"] == [f"{TOP}: 2 files and folders below, of which 2 get other rights."]
    assert server.may("outside", f"ls {TOP}/old")
    ran = server.ran(change)
    assert ran["outcomes"] == {"changed": 1}, ran
    assert server.may("inside", f"touch {TOP}/new {TOP}/old/list")
    assert not server.may("outside", f"ls {TOP}/old")
    again, plan = server.planned([{"path": TOP, "below": "leave", "rights": rights}])
    assert plan["standing"] == "in_order"
    undo = server.desk.expect("undo", ran["run"], "--reason", "it was a trial", who="sato").out.strip()
    server.desk.daicho("plan", undo, who="sato")
    assert server.ran(undo)["outcomes"] == {"changed": 1}
    assert server.may("outside", f"ls {TOP}/old")
    assert not server.may("inside", f"touch {TOP}/old/list")

    change, _plan = server.planned([{"path": TOP, "rights": rights}])
    server.root(f"chmod 700 {TOP}")
    assert server.ran(change)["outcomes"] == {"drifted": 1}
    assert server.root(f"stat -c %a {TOP}") == "700\n"
    assert again


def test_what_such_a_list_cannot_say_is_refused_with_the_reason(server: Server) -> None:
    document = {
        "work": "set_posix_permissions",
        "title": "t",
        "reason": "r",
        "targets": ["ep01"],
        "inputs": {"folders": [{"path": TOP, "rights": [{"who": "fs_rw", "may": "full"}]}]},
    }
    refused = server.desk.daicho("request", "-", who="sato", typed=json.dumps(document))
    assert refused.code == 2
    assert (
        "only the owner may change rights here: write modify, and owner: fs_rw if that is meant"
        in refused.err
    )
    _change, plan = server.planned([{"path": TOP, "rights": [{"who": "nobody there", "may": "read"}]}])
    assert plan["standing"] == "failed"
    assert "this server knows no group and no person called 'nobody there'" in plan["why"]
