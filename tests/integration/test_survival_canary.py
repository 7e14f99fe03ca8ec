"""Secrets that a run uses are nowhere in the clear but in the folder of the keys.

Canaries stand in the site's vaulted variables, in the vault's password and in the CA's key. A change is
planned, approved, run with a failure, and taken back; then every file that was written, every process's
arguments and environment seen meanwhile, and everything that was said is searched for them.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import names_in, watching
from tests.doorstep import PLAYBOOK, Doorstep

BIN = Path(sys.executable).parent
BECOME = "canary-become-7f3a91"
TOKEN = "canary-token-55c02e"  # noqa: S105 -- a bird
INLINE = "canary-inline-d81b44"

USES = """
    - name: Use the token on its way
      ansible.builtin.shell:
        cmd: sha256sum > {{ place }}/effects/../used-{{ inventory_hostname }}
        stdin: "{{ token }}{{ inline }}"
        stdin_add_newline: false
      changed_when: true
      when: not ansible_check_mode

    - name: Become with a password
      ansible.builtin.command: id -un
      become: true
      changed_when: false

    - name: Fail with a secret in hand
      ansible.builtin.command:
        argv: [sh, -c, "cat > /dev/null; exit 7"]
        stdin: "{{ token }}"
      when: not ansible_check_mode and (place ~ '/fail/later-' ~ inventory_hostname) is exists
      changed_when: true

    - name: Fail with a secret in the message
      ansible.builtin.fail:
        msg: "wrong password {{ token }}"
      no_log: true
      when: not ansible_check_mode and (place ~ '/fail/told-' ~ inventory_hostname) is exists
"""


def vault(at: Doorstep, *arguments: str, text: str | None = None) -> str:
    """What `ansible-vault` says, with the site's own password."""
    return subprocess.run(
        [BIN / "ansible-vault", *arguments, "--vault-password-file", at.state / "keys/vault"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env=at.environment(),
    ).stdout


@pytest.fixture
def at(tmp_path: Path) -> Doorstep:
    """A site with secrets."""
    made = Doorstep.make(tmp_path / "site", ["pc-1", "pc-2", "pc-3"])
    (made.content / "playbooks/patch_endpoints.yml").write_text(PLAYBOOK + USES, encoding="utf-8")
    group, host = made.state / "inventory/group_vars/all.yml", made.state / "inventory/host_vars/pc-1.yml"
    group.parent.mkdir()
    host.parent.mkdir()
    group.write_text(
        f"ansible_become_password: {BECOME}\ntoken: {TOKEN}\ninline: of the group\n", encoding="ascii"
    )
    vault(made, "encrypt", str(group))
    encrypted = vault(made, "encrypt_string", "--stdin-name", "inline", text=INLINE)
    host.write_text(encrypted, encoding="ascii")
    return made


def canaries_of(at: Doorstep) -> dict[str, bytes]:
    """All that must not be seen, by name."""
    key = (at.state / "keys/ssh_ca").read_text(encoding="ascii").splitlines()
    found = {
        "become password": BECOME,
        "token": TOKEN,
        "inline": INLINE,
        "vault password": (at.state / "keys/vault").read_text(encoding="ascii").strip(),
        "CA key": key[-2],
    }
    assert all(len(canary) >= 16 for canary in found.values())
    return {name: canary.encode() for name, canary in found.items()}


def test_the_searcher_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing proves something only if it could have."""
    with watching({"token": TOKEN.encode()}) as watcher:
        subprocess.run(["sleep", "0.2"], env={"PASSWORD": TOKEN}, check=True)
        subprocess.run(["sh", "-c", f"sleep 0.2; : {TOKEN}"], check=True)
    (tmp_path / "log").write_text(f"all is {TOKEN} well", encoding="ascii")

    assert {re.sub(r"\d+", "N", each.split(": ")[0]) for each in watcher.found} == {
        "token in /proc/N/environ",
        "token in /proc/N/cmdline",
    }
    assert names_in((tmp_path / "log").read_bytes(), {"token": TOKEN.encode()}) == ["token"]


def test_the_secrets_of_a_run_are_nowhere_in_the_clear(at: Doorstep) -> None:
    (at.folder / "fail/later-pc-2").touch()
    (at.folder / "fail/told-pc-3").touch()
    canaries, said = canaries_of(at), []
    with watching(canaries) as watcher:
        change = at.request(waves=["100%"])
        said += [at.does("sato", "plan", change), at.does("suzuki", "approve", change)]
        run = at.run(change)
        undone = at.does("sato", "undo", "R1")
        back = undone["change"]
        said += [run, undone, at.does("sato", "plan", back), at.does("suzuki", "approve", back)]
        (at.folder / "fail/later-pc-2").unlink()
        (at.folder / "fail/told-pc-3").unlink()
        said.append(taken := at.run(back))
        at.does("sato", "run", change)

    # The secrets were really used, and the failure really happened.
    used = {name: (at.folder / f"used-pc-{name[-1]}").read_text().split()[0] for name in ("pc-1", "pc-2")}
    assert used == {
        "pc-1": hashlib.sha256(f"{TOKEN}{INLINE}".encode()).hexdigest(),
        "pc-2": hashlib.sha256(f"{TOKEN}of the group".encode()).hexdigest(),
    }
    # The effect was confirmed before these tasks failed, so the outcome stands.
    assert (run["state"], taken["state"]) == ("done", "done")
    failed = at.rows(
        "SELECT text ->> '$.body.failed' AS failed FROM entry "
        "WHERE kind = 'task.ended' AND failed IS NOT NULL"
    )
    assert len(failed) == 2

    # Everything that was seen, said or written.
    assert len(watcher.processes) > 50
    assert any(file.endswith("/id-cert.pub") for file in watcher.files)
    assert watcher.found == set()
    assert names_in(str(said).encode(), canaries) == []
    keys, written = at.state / "keys", [file for file in at.folder.rglob("*") if file.is_file()]
    assert sum("ansible.log" in file.name for file in written) == 4
    clear = {file: names_in(file.read_bytes(), canaries) for file in written if not file.is_relative_to(keys)}
    assert {str(file): names for file, names in clear.items() if names} == {}
    dump = subprocess.run(["sqlite3", at.ledger, ".dump"], capture_output=True, check=True).stdout
    assert names_in(dump, canaries) == []
    assert len(dump) > 10_000
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in keys.iterdir() if file.suffix != ".pub"}
    assert modes == {"ledger": "0o600", "ssh_ca": "0o600", "vault": "0o600"}
    assert oct(keys.stat().st_mode & 0o777) == "0o700"
    at.judge_ended()


def test_without_the_door_vaulted_variables_stay_closed(at: Doorstep) -> None:
    """Ansible with the site's inventory, by hand and round the gate: no password, no variables."""
    done = subprocess.run(
        [BIN / "ansible", "all", "-i", "pc-1,", "-m", "debug", "-a", "var=token"],
        cwd=at.state / "inventory",
        env=at.environment() | {"ANSIBLE_CONFIG": "", "ANSIBLE_INVENTORY": str(at.state / "inventory")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Attempting to decrypt but no vault secrets found" in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
