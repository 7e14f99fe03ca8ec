"""The digest of what runs, and the credentials of one run, judged with the shell's own tools."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import daicho
from daicho.code import UnsafeContent, copy_code, read_code
from daicho.credentials import Keys, NoCertificate, issue
from daicho.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {
    "ansible.cfg": "[defaults]\n",
    "playbooks/x.yml": "- hosts: all\n",
    "playbooks/vars_plugins/change_gate.py": "pass\n",
    "roles/x/tasks/main.yml": "- debug:\n",
    "roles/x/molecule/default/molecule.yml": "never runs",
    "plugins/__pycache__/x.cpython-313.pyc": "never runs",
    "scripts/go": "#!/bin/sh\n",
    "README.md": "no content",
}
SITE = {"group_vars/all.yml": "a: 1\n", "host_vars/端末ｱ.yml": "b: 2\n"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small content and a site inventory."""
    here = Settings(state=tmp_path / "state", content=tmp_path / "content", language="en", person=None)
    for folder, files in ((here.content, FILES), (here.site_inventory, SITE)):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    (here.content / "scripts/go").chmod(0o755)
    return here


def own(files: dict[str, str]) -> dict[str, str]:
    """A listing without the package's own files."""
    return {name: entry for name, entry in files.items() if not name.startswith("daicho/")}


def test_it_lists_what_runs_as_sha256sum_and_stat_do(settings: Settings) -> None:
    runs = [
        name for name in FILES if "molecule" not in name and "pycache" not in name and name != "README.md"
    ]
    wanted = {}
    places = {name: settings.content / name for name in runs}
    places |= {f"site/{name}": settings.site_inventory / name for name in SITE}
    for name, path in places.items():
        summed = subprocess.run(["sha256sum", path], capture_output=True, check=True, text=True).stdout
        mode = subprocess.run(["stat", "-c", "%a", path], capture_output=True, check=True, text=True).stdout
        wanted[name] = f"{mode.strip()} {summed.split()[0].lstrip('\\')}"
    assert own(dict(read_code(settings).files)) == wanted


def test_the_package_itself_is_part_of_it(settings: Settings) -> None:
    package = Path(daicho.__file__).parent
    tracked = {f"daicho/{path.relative_to(package)}" for path in package.rglob("*.py")}
    assert tracked <= set(read_code(settings).files)


def _flip(settings: Settings) -> str:
    path = settings.content / "roles/x/tasks/main.yml"
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    return "roles/x/tasks/main.yml"


def _mode(settings: Settings) -> str:
    (settings.content / "scripts/go").chmod(0o644)
    return "scripts/go"


def _add(settings: Settings) -> str:
    (settings.content / "playbooks/vars_plugins/zz.py").write_text("")
    return "playbooks/vars_plugins/zz.py"


def _remove(settings: Settings) -> str:
    (settings.content / "playbooks/vars_plugins/change_gate.py").unlink()
    return "playbooks/vars_plugins/change_gate.py"


def _site(settings: Settings) -> str:
    (settings.site_inventory / "group_vars/all.yml").write_text("a: 2\n")
    return "site/group_vars/all.yml"


def _site_added(settings: Settings) -> str:
    (settings.site_inventory / "host_vars/pc-1.yml").write_text("")
    return "site/host_vars/pc-1.yml"


def _new_folder(settings: Settings) -> str:
    (settings.content / "nornir_tasks").mkdir()
    (settings.content / "nornir_tasks/x.py").write_text("")
    return "nornir_tasks/x.py"


@pytest.mark.parametrize("change", [_flip, _mode, _add, _remove, _site, _site_added, _new_folder])
def test_any_change_is_another_digest_and_is_named(
    settings: Settings, change: Callable[[Settings], str]
) -> None:
    before = read_code(settings)
    name = change(settings)
    after = read_code(settings)
    assert after.digest != before.digest
    assert after.differing(before.files) == (name,)


@pytest.mark.parametrize(
    "name", ["README.md", "roles/x/molecule/default/molecule.yml", "roles/x/tasks/a.pyc"]
)
def test_what_does_not_run_does_not_count(settings: Settings, name: str) -> None:
    before = read_code(settings)
    (settings.content / name).write_text("something else")
    assert read_code(settings).digest == before.digest


def test_a_moved_byte_between_two_files_counts(settings: Settings) -> None:
    before = read_code(settings)
    (settings.content / "playbooks/x.yml").rename(settings.content / "playbooks/y.yml")
    assert read_code(settings).differing(before.files) == ("playbooks/x.yml", "playbooks/y.yml")


@pytest.mark.parametrize("target", ["/etc/passwd", "x.yml", "/nowhere", "/etc"])
def test_a_link_is_refused_wherever_it_leads(settings: Settings, target: str) -> None:
    link = settings.content / "playbooks/link.yml"
    link.symlink_to(target)
    for read in (read_code, lambda given: copy_code(given, settings.state / "copy")):
        with pytest.raises(UnsafeContent) as refusal:
            read(settings)
        assert str(refusal.value) == (
            f"{link} is neither a plain file nor a folder. Replace the link by what it points to."
        )


def test_a_linked_site_inventory_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.site_inventory.rename(tmp_path / "elsewhere")
    settings.site_inventory.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeContent):
        read_code(settings)


def test_a_pipe_is_refused_and_not_waited_for(settings: Settings) -> None:
    os.mkfifo(settings.content / "roles/x/pipe")
    with pytest.raises(UnsafeContent):
        read_code(settings)


@pytest.mark.parametrize("name", [b"\x8b\x40.yml", "\U0002f80c.yml".encode()])
def test_a_name_that_has_no_canonical_form_is_a_sentence(settings: Settings, name: bytes) -> None:
    path = os.fsencode(settings.site_inventory) + b"/" + name
    Path(os.fsdecode(path)).write_text("")
    with pytest.raises(UnsafeContent) as refusal:
        read_code(settings)
    assert str(refusal.value) == f"The name {os.fsdecode(path)!r} cannot be recorded. Rename it."


def test_names_that_people_use_are_no_trouble(settings: Settings) -> None:
    for name in ("本省　別館.yml", "ﾌﾟﾘﾝﾀ.yml", "a b'c\"d.yml"):
        (settings.site_inventory / name).write_text("")
        assert f"site/{name}" in read_code(settings).files


def test_the_copy_is_what_was_hashed_and_nobody_else_reads_it(settings: Settings, tmp_path: Path) -> None:
    copied = copy_code(settings, tmp_path / "copy")
    assert copied == read_code(settings)
    for name, entry in copied.files.items():
        mode, digest = entry.split()
        command = ["sha256sum", "--", str(tmp_path / "copy" / name)]
        summed = subprocess.run(command, capture_output=True, check=True)
        assert summed.stdout.split()[0].decode().lstrip("\\") == digest
        wanted = 0o500 if mode == "755" else 0o400
        assert stat.S_IMODE((tmp_path / "copy" / name).stat().st_mode) == wanted
    there = {
        str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert there == set(copied.files)
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700


# Credentials


@pytest.fixture
def site_keys(settings: Settings) -> Keys:
    """The keys of a new site."""
    made = Keys.of(settings)
    made.make("test")
    return made


def shown(certificate: Path) -> str:
    """What `ssh-keygen -L` says of a certificate."""
    return subprocess.run(
        ["ssh-keygen", "-L", "-f", certificate], capture_output=True, check=True, text=True, env={"TZ": "UTC"}
    ).stdout


def test_a_run_s_certificate_names_the_run_and_lasts_hours(site_keys: Keys, tmp_path: Path) -> None:
    key = issue(site_keys.ssh_ca, "R7", tmp_path)
    said = shown(tmp_path / "id-cert.pub")
    assert 'Key ID: "daicho-R7"' in said
    assert re.search(r"Principals: \n +daicho\n", said)
    authority = subprocess.run(
        ["ssh-keygen", "-l", "-f", site_keys.ssh_ca], capture_output=True, check=True, text=True
    )
    assert authority.stdout.split()[1] in said
    span = re.search(r"Valid: from (\S+) to (\S+)", said)
    assert span
    begin, end = (datetime.fromisoformat(text) for text in span.groups())
    assert end - begin == timedelta(hours=12, minutes=5)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_each_wave_has_a_key_of_its_own(site_keys: Keys, tmp_path: Path) -> None:
    first = issue(site_keys.ssh_ca, "R7", tmp_path).read_bytes()
    assert issue(site_keys.ssh_ca, "R7", tmp_path).read_bytes() != first
    assert sorted(path.name for path in tmp_path.glob("id*")) == ["id", "id-cert.pub", "id.pub"]


def test_without_the_authority_there_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(NoCertificate) as refusal:
        issue(tmp_path / "absent", "R7", tmp_path / "place")
    assert str(refusal.value) == (
        f"No SSH certificate could be made with {tmp_path}/absent: "
        f'Load key "{tmp_path}/absent": No such file or directory. '
        "`daicho init` makes the site's CA."
    )


def test_the_site_s_secrets_are_the_owner_s_alone_and_made_once(site_keys: Keys) -> None:
    assert stat.S_IMODE(site_keys.folder.stat().st_mode) == 0o700
    secret = (site_keys.ledger, site_keys.ssh_ca, site_keys.vault)
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    before = [path.read_bytes() for path in secret]
    site_keys.make("test")
    assert [path.read_bytes() for path in secret] == before
    assert len(site_keys.vault.read_text().strip()) >= 43
