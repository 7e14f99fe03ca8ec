"""What works on terminals take as inputs, and the ranges that a firewall is given."""

from __future__ import annotations

from datetime import date
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.endpoints.devices import steps, wanted
from daicho.endpoints.exit_codes import good, meaning
from daicho.endpoints.isolation import addresses, networks, others, written
from daicho.endpoints.named import NamedButNoTarget, terminals
from daicho.endpoints.places import OneAddress, one_each
from daicho.endpoints.software import Program, going_back
from daicho.errors import DocumentError
from daicho.items.item import Item
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM: Final = {
    "name": "7-Zip",
    "kind": "msi",
    "version": "26.00",
    "product": "{23170F69-40C1-2702-2600-000001000000}",
    "source": "https://packages.example.test/7z.msi",
    "sha256": "5B" * 32,
}
DEVICE: Final = {"what": "U-1", "terminals": ["pc1"], "until": "2099-03-31", "asked_by": "森", "serial": "1"}
TERMINAL: Final = {"terminal": "pc1", "next_user": "AD\\y.abe"}
SOFTWARE: Final = "At inputs.software[0]: {}."


def judged(work: str, **inputs: Any) -> Mapping[str, Any]:
    return WORKS[work].judge_inputs(inputs, "change.yml")


def refused(work: str, **inputs: Any) -> str:
    with pytest.raises(DocumentError) as error:
        judged(work, **inputs)
    return str(error.value.facts["problems"])


def test_a_program_is_taken_as_it_is_written() -> None:
    [taken] = judged("install_software", software=[{**PROGRAM, "processes": ["7zFM.EXE"]}])["software"]
    assert (taken["sha256"], taken["processes"]) == ("5b" * 32, ["7zFM"])
    program = Program.model_validate(taken)
    assert (program.silent, program.silent_removal) == (("/qn", "/norestart"), ("/qn", "/norestart"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"product": "7-Zip"},
            SOFTWARE.format("the product code of an MSI looks like {90160000-008C-0000-1000-0000000FF1CE}"),
        ),
        (
            {"source": "\\\\fs1\\soft\\7z.msi"},
            SOFTWARE.format(
                "`source` must be an https address or a path on the machine like C:\\Install\\x.msi"
            ),
        ),
        (
            {"kind": "exe", "product": "7-Zip"},
            SOFTWARE.format("an EXE needs `arguments` that make it silent: nobody is there to answer it"),
        ),
        (
            {"kind": "apt", "product": "7zip"},
            SOFTWARE.format("a Debian package comes from the machine's own archives; leave `source` out"),
        ),
        ({"sha256": "5b"}, "At inputs.software[0].sha256: it must look like ^[0-9A-Fa-f]{64}$."),
    ],
)
def test_what_cannot_be_a_program_is_said(more: dict[str, Any], said: str) -> None:
    assert refused("install_software", software=[PROGRAM | more]) == said


def test_a_program_is_named_once_for_each_kind_of_machine() -> None:
    debian = {"name": "7-Zip", "kind": "apt", "version": "24", "product": "7zip", "sha256": "5b" * 32}
    judged("install_software", software=[PROGRAM, debian])
    assert refused("install_software", software=[PROGRAM, PROGRAM]) == "At inputs: 7-Zip is there twice."


def test_an_older_version_comes_back_only_where_the_archives_have_it() -> None:
    program = Program.model_validate(
        {"name": "Mail", "kind": "apt", "version": "2", "product": "mail-client", "sha256": "5b" * 32}
    )
    before = {"software:Mail": "1"}
    assert going_back([program], before, {"offered": {"mail-client": {"1": "aa"}}}) == ""
    assert going_back([program], before, {}) == "Mail 1 is replaced, and its installer is not known here"
    assert going_back([program], {"software:Mail": None}, {}) == ""


def test_exit_codes_in_words() -> None:
    assert good(0, "x") == ""
    assert good(1605, "x") is None
    assert good(1605, "x", removing=True) == ""
    assert meaning(1618) == ("code 1618: another installation is going on; run it again when that is over")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"until": "31.3.2099"},
            "At inputs.devices[0].until: '31.3.2099' is no day; write it like 2027-03-31.",
        ),
        ({"instance": "USB\\A\\1"}, "At inputs.devices[0]: say `serial` or `instance`, one of them."),
        (
            {"serial": "", "instance": "SERIAL"},
            "At inputs.devices[0]: an instance id has three parts: USBSTOR\\DISK&…\\0123456789&0.",
        ),
    ],
)
def test_what_cannot_be_a_device_is_said(more: dict[str, Any], said: str) -> None:
    assert refused("allow_device", devices=[DEVICE | more]) == said


def test_a_day_counts_to_its_end_and_others_permissions_stay() -> None:
    read = {"allowed": ["A\\B\\1", "A\\B\\2", "A\\B\\3"], "until": {"a\\b\\1": "2026-11-20"}}
    read["until"] |= {"A\\B\\2": "2026-11-21"}  # type: ignore[operator]
    assert wanted([], read, date(2026, 11, 21)) == {"device:A\\B\\1": None}
    after = {"device:A\\B\\1": None, "device:A\\B\\4": "until 2027-01-31"}
    assert steps(after, {"device:A\\B\\1": "until 2026-11-20"}) == (
        [{"instance": "A\\B\\4", "until": "2027-01-31"}],
        ["A\\B\\1"],
    )


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), min_size=1, max_size=6), st.data())
def test_everybody_is_either_kept_or_blocked(keep: list[tuple[int, int]], data: st.DataObject) -> None:
    meant = networks(f"{IPv4Address(number)}/{prefix}" for number, prefix in keep)
    ranges = [each.split("-") for each in others(meant) if "." in each]
    edges = [int(net.network_address) + step for net in meant for step in (-1, 0, net.num_addresses)]
    number = data.draw(st.sampled_from([*edges, 0, 2**32 - 1]) | st.integers(0, 2**32 - 1))
    address = IPv4Address(min(max(number, 0), 2**32 - 1))
    blocked = sum(IPv4Address(first) <= address <= IPv4Address(last) for first, last in ranges)
    assert blocked == (not any(address in net for net in meant))
    assert others(meant)[-1] == "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    assert addresses(written(meant)) == meant


def test_windows_masks_are_read_back() -> None:
    assert networks(["192.0.2.8/255.255.255.248", "192.0.2.16"]) == [
        IPv4Network("192.0.2.8/29"),
        IPv4Network("192.0.2.16/32"),
    ]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            {"management": ["192.0.2.300"]},
            (
                "At inputs.management: Octet 300 (> 255) not permitted in '192.0.2.300'; write 192.0.2.10 or "
                "192.0.2.0/28."
            ),
        ),
        ({"management": ["0.0.0.0/1"]}, "At inputs.management: a network as large as that is no isolation."),
        (
            {"management": ["192.0.2.1"], "probes": ["fs1:445"]},
            "At inputs.probes: fs1:445 is no address with a port; write 192.0.2.20:445.",
        ),
    ],
)
def test_what_is_no_isolation_is_said(inputs: dict[str, Any], said: str) -> None:
    assert refused("isolate_endpoint", **inputs) == said


def test_what_cannot_be_a_handover_is_said() -> None:
    assert refused("reprepare_terminal", terminals=[TERMINAL]) == (
        "At inputs: say with `archive` where profiles are packed to, on a drive of the terminal."
    )
    assert refused("reprepare_terminal", terminals=[TERMINAL | {"next_user": "abe"}], profiles="remove") == (
        "At inputs.terminals[0].next_user: 'abe' is no account; write OFFICE\\y.abe."
    )
    assert refused("reprepare_terminal", terminals=[TERMINAL] * 2, profiles="remove") == (
        "At inputs: pc1 is there twice."
    )
    wrong = TERMINAL | {"printers": ["prt1"]}
    assert refused("reprepare_terminal", terminals=[wrong], profiles="remove") == (
        "At inputs.terminals[0].printers: 'prt1' is no shared printer; write \\\\server\\printer."
    )


def test_one_address_is_one_machine() -> None:
    one, same, other = (
        Item(name, "endpoint", address) for name, address in (("pc1", "a"), ("pc2", "A"), ("pc3", ""))
    )
    assert one_each([one, other, Item("pc4", "endpoint", "")], [one, other], {}) == {}
    with pytest.raises(OneAddress) as error:
        one_each([one, same, other], [one], {})
    assert error.value.facts["places"] == "  a: pc1, pc2"
    with pytest.raises(NamedButNoTarget) as named:
        terminals([one], [one], {"terminals": [TERMINAL, TERMINAL | {"terminal": "pc7"}]})
    assert named.value.facts["names"] == "pc7"
