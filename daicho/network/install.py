"""A new network device: what a change says of it, and what the ledger holds of it afterwards. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from daicho.documents import Document
from daicho.errors import Refused
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.items.item import Item
from daicho.network.observing.names import in_configuration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from daicho.network.observing.observed import Heard
    from daicho.plan import TargetState

HOST_KEY: Final = "host key"
FACTS: Final = ("serial", "model", "software")
"""What a device says of itself; another one in its place is another state."""
KIND: Final = "network_device"


class AlreadyThere(Refused):
    """The ledger has such a device already."""

    sentence = N_(
        "This would not be a new device:\n{problems}\nRetire what is gone, or use `configure_network`."
    )


class NewDevice(Document):
    """One device that is to come into service."""

    name: str = Field(min_length=1, description=N_("As the ledger and the device itself will call it."))
    platform: str = Field(description=N_("Its command line: `cisco_ios`, `alaxala_ax36s` …"))
    address: str = Field(min_length=1, description=N_("Where it is spoken to in service."))
    port: int = Field(default=22, ge=1, le=65535, description=N_("The port of SSH."))
    first_address: str = Field(
        default="", description=N_("Where it answers with its base settings; empty: there, too.")
    )
    first_port: int = Field(default=0, ge=0, le=65535, description=N_("The port there; 0: the same."))
    serial: str = Field(
        default="", description=N_("What is printed on it; another device is not touched. Empty: any.")
    )
    neighbours: dict[str, str] = Field(
        default_factory=dict, description=N_("Its ports → whom it has to hear there (LLDP, CDP).")
    )
    attributes: dict[str, str] = Field(
        default_factory=dict, description=N_("Of its item: role, site, building, floor, rack, uplink …")
    )

    @property
    def first(self) -> tuple[str, int]:
        """Where it answers with its base settings."""
        return self.first_address or self.address, self.first_port or self.port

    @property
    def item(self) -> Item:
        """The item in service."""
        port = {"port": str(self.port)} if self.port != 22 else {}
        attributes = {**self.attributes, "platform": self.platform, **port}
        return Item(self.name, KIND, self.address, attributes)


def devices_of(inputs: Mapping[str, object]) -> list[NewDevice]:
    """The devices of a change."""
    given = inputs.get("devices", [])
    return [NewDevice.model_validate(each) for each in given] if isinstance(given, list | tuple) else []


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """The targets of a change; one whose addresses differ is asked at both by the craft alone."""
    found = devices_of(inputs)
    return [
        device.item
        if device.first[0] == device.address
        else Item(device.name, KIND, "", device.item.attributes)
        for device in found
    ]


def not_there_yet(
    items: Iterable[Item], _targets: Iterable[Item], inputs: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """See that the ledger has no such device yet.

    Raises:
        AlreadyThere: It has, with the same name or address, or two of the change are alike.
    """
    names, addresses = dict[str, str](), dict[str, str]()
    for item in items:
        names[item.name.casefold()] = item.name
        addresses.setdefault(_place(item), item.name)
    problems = [problem for device in devices_of(inputs) for problem in _taken(device, names, addresses)]
    if problems:
        raise AlreadyThere(problems="\n".join(f"  {problem}" for problem in problems))
    return {}


def _taken(device: NewDevice, names: dict[str, str], addresses: dict[str, str]) -> Iterator[str]:
    if there := names.get(device.name.casefold()):
        yield _("{name} is an item already").format(name=there)
    elif there := addresses.get(_place(device.item)):
        said = _("{name}: {there} has the address {address} already")
        yield said.format(name=device.name, there=there, address=device.address)
    names[device.name.casefold()] = device.name
    addresses[_place(device.item)] = device.name


def _place(item: Item) -> str:
    return f"{item.address}:{item.attributes.get('port', '22')}" if item.address else item.name


def in_service(inputs: Mapping[str, object], states: Mapping[str, TargetState]) -> list[Item]:
    """The items that a run has brought into service, with what the devices said of themselves.

    Args:
        inputs: The change's.
        states: Device → its state as it was wanted, of those that are done.
    """
    found: list[Item] = []
    for device in devices_of(inputs):
        if (state := states.get(device.name)) is not None:
            told = {key: str(value) for key in FACTS if (value := state.get(key))}
            found.append(Item(device.name, KIND, device.address, {**device.item.attributes, **told}))
    return found


def not_heard(device: NewDevice, heard: Iterable[Heard]) -> str:
    """The neighbours that are not where they were planned, in words; empty: all are."""
    there = {each.port: each.name for each in heard}
    said = []
    for port, name in device.neighbours.items():
        found = there.get(in_configuration(device.platform, port))
        if found is None or _short(found) != _short(name):
            text = _("{port} hears {found} instead of {name}")
            said.append(text.format(port=port, found=found or _("nobody"), name=name))
    return "; ".join(said)


def _short(name: str) -> str:
    return name.casefold().partition(".")[0]
