"""The machines, judged by OpenSSH's client, journalctl, ping and Ansible."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from lab.process import run

if TYPE_CHECKING:
    import pytest

    from lab import Lab


def said(lab: Lab, machine: str, command: str) -> str:
    done = lab.ssh(machine, command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_ssh_reaches_a_real_debian_with_systemd(lab_machines: Lab) -> None:
    report = said(
        lab_machines, "ep01", "hostname; id -un; sudo id -u; cat /proc/1/comm; . /etc/os-release; echo $ID"
    )

    assert report.split() == ["ep01", "daicho", "0", "systemd", "debian"]
    assert said(lab_machines, "ep01", "systemctl is-system-running") == "running"
    assert said(lab_machines, "ep01", "systemctl --failed --plain --no-legend") == ""


def test_no_two_machines_share_an_identity(lab_machines: Lab) -> None:
    sources = "/etc/machine-id /proc/sys/kernel/random/boot_id /etc/ssh/ssh_host_ed25519_key.pub"
    command = f"cat {sources} | cut -d' ' -f1,2"
    reports = [said(lab_machines, machine.name, command).split("\n") for machine in lab_machines.machines()]

    for column in zip(*reports, strict=True):
        assert len(set(column)) == 3


def test_known_hosts_holds_every_machine_by_name_and_address(lab_machines: Lab) -> None:
    known = lab_machines.state / "known_hosts"
    for machine in lab_machines.machines():
        shown = said(lab_machines, machine.name, "cat /etc/ssh/ssh_host_ed25519_key.pub").split()[1]
        for name in (machine.name, machine.address):
            assert shown in run(["ssh-keygen", "-F", name, "-f", known])


def test_passwords_and_root_are_refused(lab_machines: Lab) -> None:
    by_password = lab_machines.ssh(
        "ep01",
        "true",
        "-o",
        "BatchMode=no",
        "-o",
        "PubkeyAuthentication=no",
        "-o",
        "NumberOfPasswordPrompts=0",
    )
    as_root = lab_machines.ssh("ep01", "true", "-l", "root")

    assert (by_password.returncode, as_root.returncode) == (255, 255)
    assert by_password.stderr.strip() == "daicho@10.77.0.11: Permission denied (publickey)."
    assert as_root.stderr.strip() == "root@10.77.0.11: Permission denied (publickey)."


def test_a_certificate_of_a_trusted_authority_logs_in_and_leaves_its_id_in_the_journal(
    fresh_lab: Lab, tmp_path: Path
) -> None:
    for name in ("ca", "door"):
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", tmp_path / name])

    def certify(principal: str) -> None:
        sign = f"ssh-keygen -q -s {tmp_path}/ca -I daicho-R1 -n {principal} -V -1m:+5m -z 7"
        run([*sign.split(), tmp_path / "door.pub"])

    login = ("-o", f"IdentityFile={tmp_path / 'door'}", "-F", str(fresh_lab.state / "ssh_config_without_key"))
    config = (fresh_lab.state / "ssh_config").read_text(encoding="utf-8")
    Path(login[-1]).write_text(re.sub(r"  IdentityFile .*\n", "", config), encoding="utf-8")
    certify("daicho")
    untrusted = fresh_lab.ssh("ep02", "id -un", *login)
    fresh_lab.trust((tmp_path / "ca.pub").read_text(encoding="utf-8"))
    trusted = fresh_lab.ssh("ep02", "id -un", *login)
    certify("somebody")
    other = fresh_lab.ssh("ep02", "id -un", *login)

    assert (untrusted.returncode, trusted.stdout, other.returncode) == (255, "daicho\n", 255)
    journal = said(fresh_lab, "ep02", "sudo journalctl --unit ssh --output cat --grep ED25519-CERT")
    fingerprint = run(["ssh-keygen", "-l", "-f", tmp_path / "ca.pub"]).split()[1]
    assert re.search(
        rf"Accepted publickey for daicho from 10\.77\.0\.1 .* ID daicho-R1 \(serial 7\) CA ED25519 "
        rf"{re.escape(fingerprint)}",
        journal,
    )


def test_trust_survives_a_reset_and_is_not_doubled(fresh_lab: Lab, tmp_path: Path) -> None:
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "another", "-f", tmp_path / "ca"])
    authority = (tmp_path / "ca.pub").read_text(encoding="utf-8")
    fresh_lab.trust(authority)
    fresh_lab.trust(authority)
    fresh_lab.reset(["ep01"])

    assert said(fresh_lab, "ep01", "cat /etc/ssh/daicho_ca.pub").count(authority.strip()) == 1


def test_a_reboot_is_a_real_one(fresh_lab: Lab) -> None:
    before = said(fresh_lab, "ep01", "touch /run/user/1000/mark; cat /proc/sys/kernel/random/boot_id")
    fresh_lab.ssh("ep01", "sudo systemctl reboot")
    until = time.monotonic() + 30
    after = before
    while time.monotonic() < until and after in ("", before):
        after = fresh_lab.ssh("ep01", "cat /proc/sys/kernel/random/boot_id", timeout=20).stdout.strip()

    assert re.fullmatch(r"[0-9a-f-]{36}", after)
    assert after != before
    boots = said(fresh_lab, "ep01", "sudo journalctl --list-boots --no-pager | grep -c '[0-9a-f]\\{32\\}'")
    assert boots == "2"
    assert said(fresh_lab, "ep01", "ls /run/user/1000/mark 2>&1 || true").endswith(
        "No such file or directory"
    )


def test_reset_gives_the_first_day_back_but_keeps_the_identity(fresh_lab: Lab) -> None:
    identity = said(fresh_lab, "ep03", "cat /etc/machine-id")
    said(fresh_lab, "ep03", "echo spoilt | sudo tee /etc/motd; sudo apt-get -q -y remove mail-client")
    fresh_lab.reset(["ep03"])

    assert said(fresh_lab, "ep03", "cat /etc/machine-id") == identity
    assert said(fresh_lab, "ep03", "dpkg-query -W mail-client").split() == ["mail-client", "1.0"]
    assert "spoilt" not in said(fresh_lab, "ep03", "cat /etc/motd")


def test_items_describe_the_machines(lab_machines: Lab) -> None:
    items = YAML(typ="safe").load(lab_machines.state / "items.yml")

    assert [item["name"] for item in items] == ["ep01", "ep02", "ep03"]
    assert items[1] == {
        "name": "ep02",
        "kind": "endpoint",
        "address": "10.77.0.12",
        "os": "debian",
        "site": "headquarters",
        "building": "B",
        "floor": 1,
        "room": "B-101",
        "ring": "early",
    }
    assert [item["ring"] for item in items] == ["pilot", "early", "broad"]


def test_ansible_reaches_the_machines_by_the_inventory(
    lab_machines: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # The path of a socket has 107 bytes, and Ansible keeps its own below the home.
    tmp_path = tmp_path_factory.mktemp("a")
    ansible = Path(sys.executable).with_name("ansible")
    (tmp_path / "ansible.cfg").touch()
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
    }
    inventory = lab_machines.state / "inventory.yml"
    done = lab_machines.execute([ansible, "-i", inventory, "all", "-m", "ping"], env=environment)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count('"ping": "pong"') == 3
