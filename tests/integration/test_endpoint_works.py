"""Software, devices, terminals and isolation on Windows, judged by the endpoint's state and by sockets."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from daicho.craft import Told
from daicho.works import WORKS
from tests.windows import windows
from tests.windows_bench import WindowsBench, lets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lab.winrm import Windows

type Bench = Callable[..., WindowsBench]

PC: Final = "pc00002"
"""Nobody is logged on to it at first."""
SEVEN_ZIP: Final = "{23170F69-40C1-2702-2600-000001000000}"
SUM: Final = "5b" * 32
SOURCE: Final = "https://packages.ad.example.test/7z2600-x64.msi"
STICK: Final = "USBSTOR\\DISK&VEN_BUFFALO&PROD_RUF3&REV_1.00\\0123456789AB&0"
ON_THE_BUS: Final = "USB\\VID_0411&PID_0105\\0123456789AB"
KEPT: Final = "cut off but for 127.0.0.0/8, 192.0.2.8/29"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    with windows(tmp_path_factory.mktemp("windows"), hosts=40, boot_seconds=0.3) as terminals:
        yield terminals


@pytest.fixture(scope="module")
def fresh(world: Windows) -> Iterator[str]:
    return iter([name for name in world.names if (int(name[2:]) - 1) % 3])


@pytest.fixture
def bench(world: Windows, fresh: Iterator[str], tmp_path: Path) -> Bench:
    """Makes a bench with a terminal that no test has touched."""
    name = next(fresh)

    def make(work: str, **inputs: Any) -> WindowsBench:
        return WindowsBench(world, WORKS[work], tmp_path, inputs, [name])

    return make


def program(**more: Any) -> dict[str, Any]:
    return {
        "name": "7-Zip",
        "kind": "msi",
        "version": "26.00",
        "product": SEVEN_ZIP,
        "source": SOURCE,
        "sha256": SUM,
        **more,
    }


def offered(at: WindowsBench, **more: Any) -> None:
    installer = {"sha256": SUM, "product": SEVEN_ZIP, "name": "7-Zip", "version": "26.00", **more}
    at.terminals.set(at.names[0], {"installers.at": {SOURCE: installer}})


def products(at: WindowsBench) -> dict[str, Any]:
    found: dict[str, Any] = at.terminals.state(at.names[0])["software"]["products"]
    return found


def test_a_program_comes_is_there_and_goes_again(bench: Bench) -> None:
    at = bench("install_software", software=[program()])
    offered(at, silent="/qn")
    plan = at.plan()
    assert plan.before == {"software:7-Zip": None}
    assert plan.after == {"software:7-Zip": "26.00"}
    assert plan.inverse == plan.before
    assert plan.notes == (
        f"7-Zip comes from {SOURCE}; its SHA-256 must be {SUM} before anything of it runs.",
    )
    assert products(at) == {}
    assert at.ran(plan.after) == plan.after
    assert products(at)[SEVEN_ZIP]["version"] == "26.00"
    assert products(at)[SEVEN_ZIP]["arguments"] == "/qn /norestart"
    again = at.plan()
    assert again.before == again.after
    assert at.ran(plan.after) == plan.after
    assert at.terminals.arrived(at.names[0], "script").count("install_software") == 1
    assert at.plan(plan.inverse).after == plan.inverse
    assert at.ran(plan.inverse, undo=True) == plan.inverse
    assert products(at) == {}


def test_another_file_is_never_started(bench: Bench) -> None:
    at = bench("install_software", software=[program()])
    offered(at, sha256="66" * 32)
    assert at.ran({"software:7-Zip": "26.00"}) == (
        f"7-Zip was not started: what came from {SOURCE} has the SHA-256 {'66' * 32}, which is not "
        "the approved "
        "one. Find out who changed it"
    )
    assert products(at) == {}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3010, "7-Zip is complete once the machine has been restarted."),
        (1641, "7-Zip has restarted the machine."),
        (
            1603,
            (
                "7-Zip could not be installed: code 1603: it failed for good and went back; the "
                "machine's event log"
                " (MsiInstaller) says why"
            ),
        ),
        (77, "7-Zip could not be installed: code 77; the maker's documents say what it means"),
    ],
)
def test_what_an_installer_ends_with_is_said(bench: Bench, code: int, said: str) -> None:
    at = bench("install_software", software=[program()])
    offered(at, exit_code=code)
    end = at.ran({"software:7-Zip": "26.00"})
    good = code in {3010, 1641}
    assert end == (Told(state={"software:7-Zip": "26.00"}, said=said) if good else said)
    assert bool(products(at)) is good


def test_who_uses_the_program_and_a_full_disk_stop_it_at_the_plan(bench: Bench) -> None:
    at = bench("install_software", software=[program(processes=["7zFM.exe"], needs_mb=2000)])
    offered(at)
    at.terminals.set(
        at.names[0],
        {
            "installers.running": ["7zfm", "explorer"],
            "system.logged_on": "AD\\k.mori",
            "system.free": 3 * 1024**2,
        },
    )
    assert at.planned() == {
        at.names[
            0
        ]: "7-Zip is in use (7zFM). Ask AD\\k.mori to close it, then plan again; there is too little "
        "room: 3 MB free, 2000 MB needed. Make room, then plan again"
    }
    assert at.begun == []


def test_a_disk_that_fills_up_and_a_restart_in_between_leave_it_to_be_done_again(bench: Bench) -> None:
    at = bench("install_software", software=[program(needs_mb=0)])
    offered(at)
    host = at.names[0]
    at.terminals.fault(host, "disk-full")
    assert at.ran({"software:7-Zip": "26.00"}) == "7-Zip: the disk is full. Make room, then run it again"
    at.terminals.clear(host)
    at.terminals.fault(host, "reboot-in-task", text="install_software", times=1)
    said = at.ran({"software:7-Zip": "26.00"})
    assert said == (
        f"{at.terminals.address(host)} went away while install_software ran; whether it was done is "
        "not known. "
        "It may be restarting: read its state before you go on."
    )
    at.terminals.wait(host, up=True)
    assert at.ran({"software:7-Zip": "26.00"}) == {"software:7-Zip": "26.00"}


def test_a_machine_of_another_name_is_left_alone(bench: Bench) -> None:
    at = bench("install_software", software=[program()])
    host = at.names[0]
    at.terminals.set(host, {"system.name": "pc99999"})
    said = at.planned()[host]
    assert isinstance(said, str)
    assert said.startswith(f"Under {at.terminals.address(host)} answers ")
    assert at.begun == []


def device(terminal: str, **more: Any) -> dict[str, Any]:
    return {
        "what": "USB memory U-0123",
        "terminals": [terminal],
        "until": "2099-03-31",
        "asked_by": "森 健 (会計課)",
        **more,
    }


def test_a_stick_is_let_in_by_its_serial_number_until_its_day(bench: Bench) -> None:
    host = bench("allow_device").names[0]
    at = bench("allow_device", devices=[device(host, serial="0123456789ab")])
    foreign = "USB\\VID_046D&PID_C31C\\7&1"
    at.terminals.set(
        host,
        {
            "devices.seen": {STICK: "BUFFALO RUF3", ON_THE_BUS: "USB", "USB\\VID_1\\OTHER": "else"},
            "devices.allowed": {"1": foreign, "2": "USB\\VID_9&PID_9\\OLD"},
            "devices.until": {"USB\\VID_9&PID_9\\OLD": "2026-01-31"},
        },
    )
    plan = at.plan()
    assert plan.before == {f"device:{STICK}": None, f"device:{ON_THE_BUS}": None} | {
        "device:USB\\VID_9&PID_9\\OLD": "until 2026-01-31"
    }
    assert plan.after == dict.fromkeys([f"device:{STICK}", f"device:{ON_THE_BUS}"], "until 2099-03-31") | {
        "device:USB\\VID_9&PID_9\\OLD": None
    }
    assert plan.notes == (
        "USB memory U-0123: asked for by 森 健 (会計課), until 2099-03-31.",
        "The day of USB\\VID_9&PID_9\\OLD is over.",
    )
    assert at.ran(plan.after) == plan.after
    state = at.terminals.state(host)["devices"]
    assert sorted(state["allowed"].values()) == sorted([foreign, STICK, ON_THE_BUS])
    assert state["until"] == {STICK: "2099-03-31", ON_THE_BUS: "2099-03-31"}
    assert state["settings"]["AllowInstanceIDs"] == 1
    assert at.ran(plan.inverse or {}, undo=True) == plan.inverse
    assert sorted(at.terminals.state(host)["devices"]["allowed"].values()) == [
        foreign,
        "USB\\VID_9&PID_9\\OLD",
    ]


def test_a_stick_that_nobody_has_seen_and_a_day_that_is_over_are_no_plan(bench: Bench) -> None:
    host = bench("allow_device").names[0]
    assert bench("allow_device", devices=[device(host, serial="77")]).planned() == {
        host: "USB memory U-0123: no device with the serial number 77 was ever plugged in there. "
        "Plug it in once "
        "(it is refused), or name its `instance`"
    }
    over = bench("allow_device", devices=[device(host, instance=STICK, until="2026-11-01")])
    assert over.planned() == {host: "USB memory U-0123: 2026-11-01 is over"}


def test_what_is_over_goes_and_permissions_without_effect_are_said(bench: Bench) -> None:
    at = bench("allow_device")
    host = at.names[0]
    at.terminals.set(
        host,
        {
            "devices.allowed": {"1": STICK},
            "devices.installed": [STICK, "USB\\VID_1\\OTHER"],
            "devices.until": {STICK: "2026-01-31"},
            "devices.settings": {"AllowInstanceIDs": 1, "AllowDenyLayered": 0, "DenyUnspecified": 0}
            | {"DenyRemovableDevices": 1},
        },
    )
    plan = at.plan()
    assert plan.after == {f"device:{STICK}": None}
    assert plan.notes[-1] == (
        "A policy refuses all removable devices here and comes before this one: the layered order of "
        "evaluation "
        "(AllowDenyLayered) is not on."
    )
    assert at.ran(plan.after) == plan.after
    assert at.terminals.state(host)["devices"]["allowed"] == {}
    assert at.terminals.state(host)["devices"]["installed"] == ["USB\\VID_1\\OTHER"]
    assert at.terminals.state(host)["devices"]["settings"]["AllowInstanceIDs"] == 0


def test_a_machine_is_cut_off_from_all_but_its_management_and_connected_again(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["127.0.0.0/8", "192.0.2.8/29"])
    host = at.names[0]
    at.terminals.set(
        host,
        {
            "firewall.profiles": {"Domain": True, "Private": True, "Public": False},
            "system.logged_on": "AD\\k.mori",
        },
    )
    plan = at.plan()
    assert plan.before == {"network": "connected", "firewall:Domain": True, "firewall:Private": True} | {
        "firewall:Public": False
    }
    assert plan.after == {**plan.before, "network": KEPT, "firewall:Public": True}
    assert plan.notes == ("AD\\k.mori is logged on and will lose every connection.",)
    assert at.ran(plan.after) == plan.after
    state = at.terminals.state(host)["firewall"]
    assert state["trial_until"] == 0
    assert state["blocked"] == [
        "0.0.0.0-126.255.255.255",
        "128.0.0.0-192.0.2.7",
        "192.0.2.16-255.255.255.255",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    assert at.plan().before == plan.after
    assert at.ran(plan.inverse or {}, undo=True) == plan.before
    state = at.terminals.state(host)["firewall"]
    assert (state["rules"], state["profiles"]["Public"], state["trial_until"]) == ([], False, 0)


def test_the_lab_blocks_really_whom_a_machine_does_not_keep(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["127.0.0.1"])
    assert lets_in(at.terminals, at.names[0], "127.0.0.9")
    assert at.ran(at.plan().after)["network"] == "cut off but for 127.0.0.1"
    assert lets_in(at.terminals, at.names[0], "127.0.0.1")
    assert not lets_in(at.terminals, at.names[0], "127.0.0.9")


def test_we_do_not_cut_ourselves_off(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["192.0.2.8/29"])
    assert at.planned() == {
        at.names[0]: "we come from 127.0.0.1, which would be blocked; add it to `management` (IPv4 only)"
    }
    at.terminals.set(at.names[0], {"firewall.merged": False, "firewall.servers": ["192.0.2.9"]})
    assert str(at.planned()[at.names[0]]).split("; ")[2:] == [
        "a group policy lets no rules of the machine's own firewall count",
        "have it isolated at the switch",
        "no place tells whether it is cut off",
        "name in `probes` one that must not be reachable",
    ]


def test_a_machine_that_shuts_us_out_too_comes_back_by_itself(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["127.0.0.1"], minutes=2, proof_seconds=1)
    host = at.names[0]
    at.terminals.set(host, {"firewall.deaf": True, "firewall.minute": 1.0})
    said = at.ran({"network": "cut off but for 127.0.0.1"})
    assert said.startswith("no new session with it is possible: ")
    assert said.endswith("It goes back by itself within 2 minutes; isolate it at the switch.")
    until = time.monotonic() + 10
    while not lets_in(at.terminals, at.names[0], "127.0.0.1"):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert at.plan().before["network"] == "connected"


def test_a_place_that_is_reached_even_so_is_no_isolation(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["127.0.0.1"], probes=["192.0.2.20:445"], proof_seconds=1)
    at.terminals.set(at.names[0], {"firewall.leaks": ["192.0.2.20:445"]})
    assert at.ran({"network": "cut off but for 127.0.0.1"}) == (
        "it still reaches 192.0.2.20:445. It goes back by itself within 5 minutes; isolate it at the switch."
    )
    assert at.terminals.state(at.names[0])["firewall"]["trial_until"] > 0


def test_where_the_address_is_leased_its_server_stays_reachable(bench: Bench) -> None:
    at = bench("isolate_endpoint", management=["127.0.0.1"])
    at.terminals.set(at.names[0], {"firewall.dhcp": ["192.0.2.67"], "firewall.reachable": []})
    plan = at.plan()
    assert plan.after["network"] == "cut off but for 127.0.0.1, 192.0.2.67, 255.255.255.255"
    assert plan.notes == (
        "192.0.2.67 stays reachable, too: the machine has its address from there.",
        "It does not reach 192.0.2.53:53 even now: that these are blocked proves nothing.",
    )


def handover(at: WindowsBench, **more: Any) -> dict[str, Any]:
    return {
        "terminal": at.names[0],
        "next_user": "AD\\y.abe",
        "owner": "阿部 陽子",
        "description": "人事課 3F",
        "administrators": [],
        "remote_users": ["AD\\y.abe"],
        "printers": ["\\\\prt1\\3F-A"],
        **more,
    }


def test_a_terminal_goes_to_its_next_user(bench: Bench) -> None:
    at = bench("reprepare_terminal")
    at.inputs = {"terminals": [handover(at)], "archive": "D:\\profiles"}
    host = at.names[0]
    file = f"D:\\profiles\\{host}-AD_t.sato.zip"
    plan = at.plan()
    assert plan.before == {
        "profile:AD\\t.sato": "C:\\Users\\t.sato",
        "archive:AD\\t.sato": None,
        "saved credentials": 3,
        "profiles of others": 1,
        "member:Administrators:AD\\Domain Admins": True,
        "member:Administrators:AD\\t.sato": True,
        "member:Remote Desktop Users:AD\\y.abe": None,
        "printer:\\\\prt1\\2F-B": True,
        "printer:\\\\prt1\\3F-A": None,
        "description": "",
        "registered owner": "Sato Taro",
    }
    assert plan.after == {
        "profile:AD\\t.sato": None,
        "archive:AD\\t.sato": file,
        "saved credentials": 0,
        "profiles of others": 0,
        "member:Administrators:AD\\Domain Admins": True,
        "member:Administrators:AD\\t.sato": None,
        "member:Remote Desktop Users:AD\\y.abe": True,
        "printer:\\\\prt1\\2F-B": None,
        "printer:\\\\prt1\\3F-A": True,
        "description": "人事課 3F",
        "registered owner": "阿部 陽子",
    }
    assert plan.inverse is None
    assert plan.irreversible == "1 profile (12.3 GB) is removed; what is packed has to be put back by hand"
    assert plan.notes == (
        (
            "The profile of AD\\t.sato (C:\\Users\\t.sato, 12.3 GB, last used 2026-11-01) is packed into "
            f"{file} and "
            "removed."
        ),
        "120.0 GB are free on the system drive.",
    )
    assert at.ran(plan.after) == plan.after
    state = at.terminals.state(host)["terminal"]
    assert [each["account"] for each in state["profiles"]] == ["AD\\svc-daicho", "Administrator"]
    assert [each["name"] for each in state["groups"]["S-1-5-32-544"]] == ["AD\\Domain Admins"]
    assert [each["name"] for each in state["groups"]["S-1-5-32-555"]] == ["AD\\y.abe"]
    assert (state["printers"], state["description"]) == (["\\\\prt1\\3F-A"], "人事課 3F")
    assert state["archives"] == [file]


def test_only_settings_can_be_taken_back(bench: Bench) -> None:
    at = bench("reprepare_terminal")
    wish = {"terminal": at.names[0], "next_user": "AD\\t.sato", "printers": ["\\\\prt1\\3F-A"]}
    at.inputs = {"terminals": [wish], "profiles": "remove"}
    plan = at.plan()
    assert plan.inverse == plan.before
    assert at.ran(plan.after) == plan.after
    assert at.plan(plan.inverse).after == plan.inverse
    assert at.ran(plan.inverse or {}, undo=True) == plan.inverse
    assert at.terminals.state(at.names[0])["terminal"]["printers"] == ["\\\\prt1\\2F-B"]


def test_a_terminal_is_left_alone_while_somebody_is_logged_on_or_packing_has_no_room(bench: Bench) -> None:
    at = bench("reprepare_terminal")
    at.inputs = {"terminals": [handover(at)], "archive": "D:\\profiles"}
    host = at.names[0]
    plan = at.plan()
    at.terminals.set(host, {"system.logged_on": "AD\\t.sato", "system.free": 1024**3})
    assert at.planned() == {
        host: "AD\\t.sato is logged on; it is done when nobody is; there is too little room to pack "
        "12.3 GB: 1.0 GB "
        "are free. Make room, or say `profiles: remove`"
    }
    assert str(at.ran(plan.after)).startswith("AD\\t.sato is logged on; it is done when nobody is")
    assert len(at.terminals.state(host)["terminal"]["profiles"]) == 3


def test_a_handover_that_stopped_half_way_goes_on(bench: Bench) -> None:
    at = bench("reprepare_terminal")
    at.inputs = {"terminals": [handover(at)], "archive": "D:\\profiles"}
    host = at.names[0]
    plan = at.plan()
    at.terminals.fault(host, "reboot-in-task", text="set_terminal", times=1)
    assert "went away while set_terminal ran" in at.ran(plan.after)
    at.terminals.wait(host, up=True)
    assert len(at.terminals.state(host)["terminal"]["profiles"]) == 2
    assert at.ran(plan.after) == plan.after
    assert at.terminals.arrived(host, "script").count("remove_profile") == 1
