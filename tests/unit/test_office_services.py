"""Reservations in a configuration of Kea, and names with what their addresses give."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Final

import pytest

from daicho.dhcp.reservations import Configuration, Edit, Reservation, edited, plain_mac
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.nameservice.names import NameEdit, PointerEdit, Standing, pointers
from daicho.services import ServicesFile

RAW: Final[dict[str, Any]] = {
    "valid-lifetime": 600.5,
    "subnet4": [
        {
            "id": 1,
            "subnet": "10.1.0.0/29",
            "pools": [{"pool": "10.1.0.4 - 10.1.0.5"}],
            "option-data": [{"name": "routers", "data": "10.1.0.1"}],
            "reservations": [
                {"hw-address": "02:00:00:00:00:0A", "ip-address": "10.1.0.2", "hostname": "a"}
                | {"option-data": [{"name": "tftp-server-name", "data": "boot"}], "boot-file-name": ""}
            ],
        }
    ],
    "shared-networks": [{"name": "x", "subnet4": [{"id": 2, "subnet": "10.2.0.0/24", "pools": []}]}],
}
A: Final = "02:00:00:00:00:0a"
B: Final = "02:00:00:00:00:0b"


def reservation(subnet: int, mac: str, address: str) -> Reservation:
    return Reservation(subnet=subnet, mac=mac, address=address)


def test_a_configuration_is_read_with_shared_networks_and_what_else_a_reservation_gives() -> None:
    found = Configuration(RAW)
    assert [(each.id, str(each.network), each.gateway) for each in found.subnets] == [
        (1, "10.1.0.0/29", "10.1.0.1"),
        (2, "10.2.0.0/24", ""),
    ]
    [its] = found.of("0200.0000.000A")
    assert (its.address, its.hostname, list(its.more)) == ("10.1.0.2", "a", ["option-data"])
    assert found.subnets[0].dynamic(IPv4Address("10.1.0.5"))
    assert found.subnet_of("10.2.0.7") == found.subnets[1]


def test_free_addresses_are_nobodys_and_can_become_nobodys() -> None:
    found = Configuration(RAW)
    assert list(found.free(found.subnets[0], ["10.1.0.3"])) == ["10.1.0.6"]


def test_a_swap_is_one_step_and_leaves_the_rest_alone() -> None:
    raw = edited(RAW, [Edit(before=None, after=reservation(1, B, "10.1.0.3"))])
    [old] = Configuration(raw).of(A)
    swapped = edited(
        raw,
        [
            Edit(before=old, after=reservation(1, A, "10.1.0.3")),
            Edit(before=reservation(1, B, "10.1.0.3"), after=reservation(2, B, "10.2.0.9")),
        ],
    )
    found = Configuration(swapped)
    assert [str(each) for each in found.of(A)] == ["10.1.0.3"]
    assert [(each.subnet, each.address) for each in found.of(B)] == [(2, "10.2.0.9")]
    assert swapped["valid-lifetime"] == 600.5
    assert RAW["shared-networks"][0]["subnet4"][0] == {"id": 2, "subnet": "10.2.0.0/24", "pools": []}
    assert Configuration(raw).digest != found.digest


def test_hardware_addresses_are_one_however_they_are_written() -> None:
    assert {plain_mac(text) for text in ("02-00-00-00-00-0A", "0200.0000.000a", A)} == {A}


def test_a_swap_of_names_is_one_edit_of_each_address() -> None:
    one, two = Standing(address="10.0.0.1", ttl=60), Standing(address="10.0.0.2", ttl=60)
    edits = [NameEdit(name="a", before=one, after=two), NameEdit(name="b", before=two, after=one)]
    assert pointers(edits) == [
        PointerEdit(address="10.0.0.1", before="a", after="b", ttl=60),
        PointerEdit(address="10.0.0.2", before="b", after="a", ttl=60),
    ]
    gone = NameEdit(name="a", before=one, after=None)
    assert pointers([gone]) == [PointerEdit(address="10.0.0.1", before="a", after="", ttl=0)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dhcp": {"url": "http://dhcp.example/", "user": "x"}}, "At dhcp.url: it must look like "),
        ({"queues": {"location": "{colour}"}}, "At queues.location: '{colour}' has the field {colour}"),
        ({"dns": {"server": "10.0.0.1", "key": "k"}}, "At dns.domain: it is missing."),
    ],
)
def test_what_is_wrong_with_the_site_file_is_said_with_its_field(given: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError) as error:
        judge(ServicesFile, given, "services.yml")
    assert said in str(error.value)
