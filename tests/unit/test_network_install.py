"""New devices: what is said of them, what is entered, and their host keys."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.items.item import Item
from daicho.network.install import AlreadyThere, NewDevice, in_service, items_of, not_heard, not_there_yet
from daicho.network.observing.observed import Heard
from daicho.runners import host_keys

if TYPE_CHECKING:
    from pathlib import Path


def given(name: str = "sw-9", **more: Any) -> dict[str, Any]:
    return {"name": name, "platform": "cisco_ios", "address": "192.0.2.9", **more}


def test_a_target_has_its_address_unless_it_is_asked_at_another_first() -> None:
    [there] = items_of({"devices": [given(port=830, attributes={"role": "access"})]})
    assert there == Item(
        "sw-9", "network_device", "192.0.2.9", {"role": "access", "platform": "cisco_ios", "port": "830"}
    )
    [elsewhere] = items_of({"devices": [given(first_address="192.168.0.1")]})
    assert elsewhere.address == ""


def test_what_came_into_service_is_entered_with_what_it_said_of_itself() -> None:
    inputs = {"devices": [given(), given("sw-10")]}
    state = {"serial": "FOC1", "model": None, "host key": "SHA256:x", "line:hostname": "hostname sw-9"}
    [item] = in_service(inputs, {"sw-9": state})
    assert item == Item("sw-9", "network_device", "192.0.2.9", {"platform": "cisco_ios", "serial": "FOC1"})


def test_what_is_there_is_not_new() -> None:
    there = [Item("SW-9", "network_device", "192.0.2.1"), Item("pr-1", "printer", "192.0.2.10")]
    inputs = {"devices": [given(), given("sw-10", address="192.0.2.10"), given("sw-11"), given("SW-11")]}
    with pytest.raises(AlreadyThere) as found:
        not_there_yet(there, [], inputs)
    assert str(found.value).splitlines()[1:-1] == [
        "  SW-9 is an item already",
        "  sw-10: pr-1 has the address 192.0.2.10 already",
        "  sw-11: sw-9 has the address 192.0.2.9 already",
        "  sw-11 is an item already",
    ]
    assert not_there_yet(there, [], {"devices": [given("sw-12")]}) == {}


def test_neighbours_are_where_they_were_planned() -> None:
    device = NewDevice.model_validate(given(neighbours={"Gi0/25": "core-1", "Gi0/26": "core-2"}))
    heard = [
        Heard("GigabitEthernet0/25", "CORE-1.example.jp", ""),
        Heard("GigabitEthernet0/26", "core-3", ""),
    ]
    assert not_heard(device, heard[:1]) == "Gi0/26 hears nobody instead of core-2"
    assert not_heard(device, heard) == "Gi0/26 hears core-3 instead of core-2"


@pytest.fixture
def key(tmp_path: Path) -> str:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / "key")]
    subprocess.run(words, check=True)
    return " ".join((tmp_path / "key.pub").read_text().split()[:2])


def test_a_fingerprint_is_what_openssh_shows(tmp_path: Path, key: str) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", tmp_path / "key.pub"], capture_output=True, text=True, check=True
    )
    assert host_keys.fingerprint(key) == shown.stdout.split()[1]


RSA: Final = "192.0.2.9 ssh-rsa AAAAB3NzaC1yc2E=\n"


def test_known_hosts_are_exchanged_by_name_and_the_others_stay(tmp_path: Path, key: str) -> None:
    file = tmp_path / "known_hosts"
    host_keys.put(file, {"[192.0.2.9]:830": key})
    file.write_text(f"# by hand\n{RSA}{file.read_text()}")
    assert host_keys.known(file) == {"192.0.2.9": "ssh-rsa AAAAB3NzaC1yc2E=", "[192.0.2.9]:830": key}
    host_keys.put(file, {host_keys.name("192.0.2.9", 22): key}, ["[192.0.2.9]:830"])
    assert file.read_text() == f"# by hand\n192.0.2.9 {key}\n"
    assert host_keys.known(tmp_path / "none") == {}


def test_the_strongest_key_is_taken(tmp_path: Path, key: str) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{RSA}192.0.2.9 {key}\n{RSA}")
    assert host_keys.known(file) == {"192.0.2.9": key}
