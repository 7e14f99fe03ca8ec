"""What was approved is what runs: content that changes after the approval, before the run or during it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doorstep import Doorstep

if TYPE_CHECKING:
    from pathlib import Path

DONE = {"pc-1": ["new"], "pc-2": ["new"]}
FILES = {
    "playbooks/patch_endpoints.yml": "content/playbooks/patch_endpoints.yml",
    "playbooks/vars_plugins/change_gate.py": "content/playbooks/vars_plugins/change_gate.py",
    "roles/any/tasks/main.yml": "content/roles/any/tasks/main.yml",
    "plugins/callback/daicho_ledger.py": "content/plugins/callback/daicho_ledger.py",
    "plugins/action/daicho_intend.py": "content/plugins/action/daicho_intend.py",
    "plugins/vault/daicho-vault-client": "content/plugins/vault/daicho-vault-client",
    "ansible.cfg": "content/ansible.cfg",
    "daicho/runners/wire.py": "lib/daicho/runners/wire.py",
    "daicho/gate.py": "lib/daicho/gate.py",
    "site/group_vars/all.yml": "state/inventory/group_vars/all.yml",
    "site/host_vars/pc-1.yml": "state/inventory/host_vars/pc-1.yml",
}
"""As the refusal names it → where it lies."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Doorstep:
    """A site with a role and variables of its own, whose change C1 over pc-1 and pc-2 is approved."""
    made = Doorstep.make(tmp_path_factory.mktemp("template") / "site")
    for file in ("content/roles/any/tasks/main.yml", FILES["site/group_vars/all.yml"]):
        (made.folder / file).parent.mkdir(parents=True)
        (made.folder / file).write_text("---\n", encoding="ascii")
    assert made.approved() == "C1"
    return made


def refusal(name: str) -> dict[str, str]:
    return {
        "error": "GateRefused",
        "sentence": f"The code is not what was approved: {name}. Restore it, or plan and approve again.\n"
        "C1 needs 1 approver and has 0 (-). Others approve with `daicho approve C1`.",
    }


def change(file: Path) -> bytes | None:
    """Add one harmless line, or the file."""
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(b"# one more line\n")
    return before


@pytest.mark.parametrize("name", FILES)
def test_what_changed_after_the_approval_is_refused_by_its_name(at: Doorstep, name: str) -> None:
    change(at.folder / FILES[name])

    assert at.run("C1") == refusal(name)
    assert at.effects() == {}
    assert at.kinds("R1") == []
    at.judge_ended()


def test_what_is_put_back_runs(at: Doorstep) -> None:
    file = at.folder / FILES["playbooks/patch_endpoints.yml"]
    before = change(file)
    refused = at.run("C1")
    assert before is not None
    file.write_bytes(before)

    assert refused == refusal("playbooks/patch_endpoints.yml")
    assert at.run("C1")["state"] == "done"
    assert at.effects() == DONE


def test_one_bit_of_a_mode_counts(at: Doorstep) -> None:
    (at.folder / FILES["plugins/vault/daicho-vault-client"]).chmod(0o644)
    assert at.run("C1") == refusal("plugins/vault/daicho-vault-client")


def test_a_link_is_no_content(at: Doorstep) -> None:
    link = at.content / "roles/any/tasks/more.yml"
    link.symlink_to("/etc/hostname")
    assert at.run("C1") == {
        "error": "UnsafeContent",
        "sentence": f"{link} is neither a plain file nor a folder. Replace the link by what it points to.",
    }
    assert at.effects() == {}


def test_nothing_that_changes_during_a_run_reaches_it(at: Doorstep) -> None:
    """The first wave's intent is written; then everything that could run is overwritten."""
    launched = at.start("sato", "run", "C1", "--at", "4", "--when", "after")
    launched.reached()
    playbook = at.content / "playbooks/patch_endpoints.yml"
    playbook.write_text(playbook.read_text().replace("approved.after.line }}", "approved.after.line }}-evil"))
    for name in ("plugins/action/daicho_confirm.py", "playbooks/vars_plugins/change_gate.py"):
        (at.content / name).write_text("raise SystemExit(1)\n", encoding="ascii")
    (at.folder / "lib/daicho/runners/wire.py").write_text("raise SystemExit(1)\n", encoding="ascii")
    (at.folder / FILES["site/group_vars/all.yml"]).write_text(
        "ansible_connection: nowhere\n", encoding="ascii"
    )
    launched.go_on()

    # The second wave, a new ansible-playbook, runs what was approved as well.
    assert launched.end()["outcomes"] == {"pc-1": "changed", "pc-2": "changed"}
    assert at.effects() == DONE
    at.judge_ended()


def test_a_resume_runs_what_was_approved_or_nothing(at: Doorstep) -> None:
    assert at.run("C1", "--at", "12", "--signal", "KILL") == {"died": 9}
    at.wait_for_quiet()
    file = at.folder / FILES["roles/any/tasks/main.yml"]
    before = change(file)
    refused = at.run("C1", "--resume")
    assert before is not None
    file.write_bytes(before)

    assert refused == refusal("roles/any/tasks/main.yml")
    assert at.run("C1", "--resume")["state"] == "done"
    assert at.effects() == DONE
    at.judge_ended()


def test_hosts_in_the_sites_own_inventory_do_not_join_the_targets(template: Doorstep, tmp_path: Path) -> None:
    at = template.copy(tmp_path / "site")
    (at.state / "inventory/hosts").write_text("pc-1\nintruder\n", encoding="ascii")
    change = at.approved(["pc-1"])

    assert at.run(change)["outcomes"] == {"pc-1": "changed"}
    assert at.effects() == {"pc-1": ["new"]}
    log = (at.state / "runs/R1/ansible.log").read_text(encoding="utf-8")
    assert "intruder" not in log
