"""The files that a lab hands to its users: known hosts, items, ssh configuration, inventory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.machine import Machine
    from lab.outage_places import OutagePlaces
    from lab.places import Places

SITES = (("headquarters", "A"), ("headquarters", "B"), ("annex", "C"))
SECTIONS_PER_FLOOR = 2


def attributes(index: int, count: int) -> dict[str, str | int]:
    """What the configuration ledger knows of the machine number `index` of `count`."""
    site, building = SITES[index % len(SITES)]
    floor = index // len(SITES) + 1
    ring = "pilot" if index == 0 else "early" if index <= count // 3 else "broad"
    return {
        "os": "debian",
        "site": site,
        "building": building,
        "floor": floor,
        "room": f"{building}-{floor}01",
        "ring": ring,
    }


def write(places: Places, machines: Sequence[Machine]) -> None:
    """Write all files into the lab's state directory."""
    texts = {
        "known_hosts": "".join(f"{m.name},{m.address} {m.host_key()}\n" for m in machines),
        "ssh_config": _ssh_config(places, machines),
        "items.yml": as_yaml([_item(m) for m in machines]),
        "inventory.yml": as_yaml(_inventory(places, machines)),
    }
    for name, text in texts.items():
        (places.root / name).write_text(text, encoding="utf-8")


def _item(machine: Machine) -> dict[str, Any]:
    return {"name": machine.name, "kind": "endpoint", "address": machine.address, **machine.attributes}


def _ssh_config(places: Places, machines: Sequence[Machine]) -> str:
    hosts = "".join(f"Host {m.name}\n  HostName {m.address}\n" for m in machines)
    return hosts + ssh_options(places, "daicho", patience=10)


def ssh_options(places: Places | OutagePlaces, user: str, patience: int) -> str:
    """What an ssh_config says of all hosts of a lab; `patience` in seconds."""
    return f"""\
Host *
  User {user}
  IdentityFile {places.user_key}
  IdentitiesOnly yes
  UserKnownHostsFile {places.root / "known_hosts"}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout {patience}
"""


def _inventory(places: Places, machines: Sequence[Machine]) -> dict[str, Any]:
    """For molecule and tests only: it uses the lab's own key, not a certificate of the door."""
    rings: dict[str, dict[str, Any]] = {}
    for machine in machines:
        hosts = rings.setdefault(str(machine.attributes["ring"]), {"hosts": {}})["hosts"]
        hosts[machine.name] = {"ansible_host": machine.address}
    options = f"-o UserKnownHostsFile={places.root / 'known_hosts'} -o StrictHostKeyChecking=yes"
    connection = {
        "ansible_user": "daicho",
        "ansible_ssh_private_key_file": str(places.user_key),
        "ansible_ssh_common_args": options,
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    return {"all": {"vars": connection, "children": rings}}


def as_yaml(value: Any) -> str:
    """Mappings, lists and scalars as block YAML; strings are quoted as JSON, which YAML includes."""
    return "---\n" + "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(inner))
            else:
                yield f"{key}: {json.dumps(inner, ensure_ascii=False)}"
    elif isinstance(value, list):
        for inner in value:
            first, *rest = _lines(inner)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield json.dumps(value, ensure_ascii=False)
