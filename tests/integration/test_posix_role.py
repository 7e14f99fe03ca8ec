"""The role of POSIX lists in real Ansible, judged by getfacl."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away"),
]


def played(folder: Path, **variables: Any) -> str:
    """What ansible-playbook said of a run of the role, without a door."""
    play = [{"hosts": "localhost", "gather_facts": False, "roles": [{"role": "set_posix_permissions"}]}]
    (folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    (folder / "hosts").write_text("localhost ansible_connection=local daicho_door=none\n", encoding="utf-8")
    (folder / "ansible.cfg").touch()
    places = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
        "ANSIBLE_LIBRARY": str(ROOT / "plugins/modules"),
        "ANSIBLE_MODULE_UTILS": str(ROOT / "plugins/module_utils"),
        "ANSIBLE_ACTION_PLUGINS": str(ROOT / "plugins/action"),
        "ANSIBLE_INJECT_FACT_VARS": "false",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "hosts")]
    given = json.dumps(
        {"ansible_become": False, "ansible_python_interpreter": sys.executable} | variables,
        ensure_ascii=False,
    )
    done = subprocess.run(
        [*command, str(folder / "play.yml"), "--extra-vars", given],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listed(path: Path) -> list[str]:
    """What getfacl shows, by numbers."""
    command = ["getfacl", "--numeric", "--omit-header", "--no-effective", "--absolute-names", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_a_folder_and_what_is_below_get_their_lists_and_give_them_back(tmp_path: Path) -> None:
    top = tmp_path / "人事課"
    (top / "古い").mkdir(parents=True)
    (top / "古い/名簿.txt").touch()
    (top / "link").symlink_to("/etc/passwd")
    top.chmod(0o755)
    (top / "古い/名簿.txt").chmod(0o644)
    before = {path: listed(path) for path in (top, top / "古い/名簿.txt", Path("/etc/passwd"))}
    rights = [{"who": "group:2", "may": "modify", "on": ["folder", "subfolders", "files"]}]
    policy = [{"path": str(top), "below": "replace", "rights": rights}]

    assert "changed=1" in played(tmp_path, set_posix_permissions_folders=policy)
    assert listed(top) == [
        *("user::rwx", "group::---", "group:2:rwx", "mask::rwx", "other::---"),
        *("default:user::rwx", "default:group::---", "default:group:2:rwx", "default:mask::rwx"),
        "default:other::---",
    ]
    assert listed(top / "古い/名簿.txt") == [
        "user::rw-",
        "group::---",
        "group:2:rwx",
        "mask::rw-",
        "other::---",
    ]
    assert listed(Path("/etc/passwd")) == before[Path("/etc/passwd")]
    (top / "古い/新しい.txt").touch()
    assert "group:2:rwx" in listed(top / "古い/新しい.txt")
    (top / "古い/新しい.txt").unlink()
    assert "changed=0" in played(tmp_path, set_posix_permissions_folders=policy)

    plain = "owner=root, group=root, u::{}, g::{}, o::{}"
    wanted = {
        f"rights:{top}": plain.format("rwx", "r-x", "r-x"),
        f"rights:{top}/古い/名簿.txt": plain.format("rw-", "r--", "r--"),
    }
    played(tmp_path, set_posix_permissions_undo=True, set_posix_permissions_wanted=wanted)
    assert {path: listed(path) for path in before} == before
