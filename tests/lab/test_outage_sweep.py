"""The sweep against the lab's truth, with fping and nmap as witnesses."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daicho.reachability.answers import Alive, CouldNotTell, Method, Pace, Silent, Sweep, Unreachable
from daicho.reachability.asking import FILTERED, TABLE_FULL
from daicho.reachability.knocking import NO_TCP_ANSWER
from daicho.reachability.services import Mute, Opened, Patience, Refused, Service, look
from daicho.reachability.sweep import GAVE_UP, IN_PARTS, NOT_AN_ADDRESS, ONLY_TCP, SLOWLY, UNPRIVILEGED, sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lab.outage import Outage

ROOT = Path(__file__).parents[2]
NO_RAW = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
NO_ADMIN = ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin")

PATIENT = Pace(tries=4, wait_s=0.5)
"""A Linux router says to one asker at most once a second that there is no way (net.ipv4.route.error_cost,
which no namespace can change), after a burst that earlier tests may have used up: ask for longer."""

SCRIPT = """
import json, sys
from daicho.reachability.sweep import sweep, Pace
asked = json.load(open(sys.argv[1]))
swept = sweep(asked["addresses"], Pace(**asked["pace"]), asked["ports"])
answers = {a: type(x).__name__ for a, x in swept.items()}
whys = {a: x.why for a, x in swept.items() if hasattr(x, "why")}
print(json.dumps([swept.method, answers, whys, swept.remarks]))
"""


def alive(swept: Sweep) -> set[str]:
    return {address for address, answer in swept.items() if isinstance(answer, Alive)}


def fping(office: Outage, addresses: Sequence[str]) -> set[str]:
    said = office.execute(["fping", "-a", "-q", "-r", "1", "-t", "500", "-i", "0", *addresses]).stdout
    return set(said.split())


def nmap(office: Outage, addresses: Sequence[str], folder: Path) -> set[str]:
    listed = folder / "hosts"
    listed.write_text("\n".join(addresses))
    said = office.execute(["nmap", "-sn", "-n", "-PE", "-T4", "-oG", "-", "-iL", listed]).stdout
    return set(re.findall(r"Host: (\S+) \(\)\tStatus: Up", said))


def swept_without(
    office: Outage, folder: Path, prefix: Sequence[str], addresses: Collection[str], **more: object
) -> tuple[str, dict[str, str], dict[str, str], list[str]]:
    """Sweep in a process of its own that lacks a capability: method, answers, reasons, remarks."""
    asked = {"addresses": list(addresses), "pace": {}, "ports": {}} | more
    (folder / "asked.json").write_text(json.dumps(asked))
    done = office.execute(
        ["env", f"PYTHONPATH={ROOT}", *prefix, sys.executable, "-c", SCRIPT, folder / "asked.json"]
    )
    assert done.returncode == 0, done.stderr
    method, answers, whys, remarks = json.loads(done.stdout)
    return method, answers, whys, remarks


def test_twelve_thousand_addresses_as_fping_and_nmap_see_them(office: Outage, tmp_path: Path) -> None:
    addresses, dead = office.plane(12_000, 600)
    swept = office.inside(lambda: sweep(addresses))
    living = set(addresses) - set(dead)

    assert alive(swept) == living
    assert {address for address, answer in swept.items() if answer == Silent()} == set(dead)
    assert list(swept) == addresses
    assert (swept.method, swept.remarks, swept.counts.sent) == (Method.ICMP, (), 12_000 + 600)
    assert fping(office, addresses) == living
    assert nmap(office, addresses, tmp_path) == living


@pytest.mark.parametrize("seed", range(12))
def test_random_outages_as_the_truth_and_fping_see_them(office: Outage, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    office.cut(*chance.sample(office.plan.links, chance.randint(1, 20)))
    office.power(*chance.sample(list(office.addresses()), chance.randint(0, 3)), on=False)
    addresses = office.addresses()
    lit = {addresses[name] for name in addresses.keys() - set(office.truth()["dark"])}
    swept = office.inside(lambda: sweep(list(addresses.values())))

    witness = fping(office, list(addresses.values()))

    assert (alive(swept) ^ lit, witness ^ lit) == (set(), set())


def test_the_router_before_the_dark_is_named(office: Outage) -> None:
    office.cut("dist-b -- acc-b3")
    office.execute(["sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"], node="dist-b")
    at = office.addresses()
    swept = office.inside(lambda: sweep([at["acc-b3"], at["acc-b2"]], PATIENT))

    assert swept[at["acc-b3"]] == Unreachable(at["dist-b"], 1)
    assert isinstance(swept[at["acc-b2"]], Alive)
    assert swept.counts.reported > 0


def test_what_this_machine_says_itself_is_told_apart(office: Outage) -> None:
    _addresses, dead = office.plane(100, 1, onlink=True)
    # The system gives an unanswered ARP request up after three seconds and tells itself so.
    swept = office.inside(lambda: sweep(dead, Pace(wait_s=2.0)))

    assert swept[dead[0]] == Silent()
    assert (swept.counts.reported, swept.counts.self_made) == (0, 2)


def test_without_a_route_nothing_is_dead(office: Outage) -> None:
    office.cut("core1 -- ctl", "core2 -- ctl")
    swept = office.inside(lambda: sweep(list(office.addresses().values())))
    whys = {answer.why for answer in swept.values() if isinstance(answer, CouldNotTell)}

    assert alive(swept) == set()
    assert whys == {"This machine has no route to it: nothing could be asked."}


def test_more_neighbours_than_the_table_holds(office: Outage) -> None:
    addresses, dead = office.plane(4_000, 200, onlink=True)
    swept = office.inside(lambda: sweep(addresses))
    living = set(addresses) - set(dead)
    office.execute(["ip", "neigh", "flush", "all"])

    assert alive(swept) == living
    assert {address for address, answer in swept.items() if answer == Silent()} == set(dead)
    assert swept.remarks == (IN_PARTS,)
    # The trap itself: fping sees most of the living as dead.
    assert len(fping(office, addresses)) < len(living) / 2
    office.execute(["ip", "neigh", "flush", "all"])


def test_a_full_table_that_may_not_be_emptied_is_said(office: Outage, tmp_path: Path) -> None:
    addresses, dead = office.plane(4_000, 200, onlink=True)
    pace = {"wait_for_room_s": 3.0}
    method, answers, whys, remarks = swept_without(office, tmp_path, NO_ADMIN, addresses, pace=pace)
    office.execute(["ip", "neigh", "flush", "all"])
    unknown = {address for address, answer in answers.items() if answer == "CouldNotTell"}

    assert method == "icmp"
    assert remarks == [IN_PARTS, SLOWLY, GAVE_UP]
    assert {whys[address] for address in unknown} == {TABLE_FULL}
    assert {a for a in answers if answers[a] == "Silent"} <= set(dead)
    assert {a for a in answers if answers[a] == "Alive"} <= set(addresses) - set(dead)
    assert 500 < len(answers) - len(unknown) < 2_000


def test_unprivileged_ping(office: Outage, tmp_path: Path) -> None:
    addresses, dead = office.plane(2_000, 100)
    at = office.addresses()
    office.cut("dist-b -- acc-b3")
    office.execute(["sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"], node="dist-b")
    office.execute(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
    pace = {"tries": PATIENT.tries, "wait_s": PATIENT.wait_s}
    method, answers, _whys, remarks = swept_without(
        office, tmp_path, NO_RAW, [*addresses, at["acc-b3"], at["acc-b2"]], pace=pace
    )
    office.execute(["sysctl", "-qw", "net.ipv4.ping_group_range=1 0"])

    assert (method, remarks) == ("icmp-unprivileged", [UNPRIVILEGED])
    assert {a for a in addresses if answers[a] == "Alive"} == set(addresses) - set(dead)
    assert {a for a in addresses if answers[a] == "Silent"} == set(dead)
    assert (answers[at["acc-b3"]], answers[at["acc-b2"]]) == ("Unreachable", "Alive")


def test_tcp_where_no_ping_is_allowed(office: Outage, tmp_path: Path) -> None:
    addresses, dead = office.plane(1_000, 50)
    known = dict.fromkeys(dead[:20], (22,))
    method, answers, whys, remarks = swept_without(office, tmp_path, NO_RAW, addresses, ports=known)

    assert (method, remarks) == ("tcp", [ONLY_TCP])
    assert {a for a in addresses if answers[a] == "Alive"} == set(addresses) - set(dead)
    assert {a for a in addresses if answers[a] == "Silent"} == set(dead[:20])
    assert {a for a, why in whys.items() if why == NO_TCP_ANSWER} == set(dead[20:])


def test_filtered_pings_and_tcp(office: Outage) -> None:
    at = office.addresses()
    office.fault("acc-a1", "filter-icmp")
    office.fault("acc-a2", "no-login")
    swept = office.inside(lambda: sweep([at["acc-a1"], at["acc-a2"], at["core1"]]))
    wanted = [Service(at[name], 22, greets=True) for name in ("acc-a1", "acc-a2", "core1")]
    office.power("acc-a3", on=False)
    dark = Service(at["acc-a3"], 22)
    replies = office.inside(lambda: look([*wanted, dark], Patience(timeout_s=1.0)))

    assert [type(answer) for answer in swept.values()] == [Silent, Alive, Alive]
    assert [type(reply) for reply in replies.values()] == [Opened, Refused, Opened, Mute]
    assert [reply.banner[:12] for reply in replies.values() if isinstance(reply, Opened)] == [
        "SSH-2.0-Open"
    ] * 2


def test_who_prohibits_pings_in_person_is_alive(office: Outage) -> None:
    at = office.addresses()
    office.fault("acc-a1", "reject-icmp")
    swept = office.inside(lambda: sweep([at["acc-a1"]]))

    assert isinstance(swept[at["acc-a1"]], Alive)


def test_a_router_that_prohibits_pings_hides_the_others(office: Outage) -> None:
    rule = "add table inet f; add chain inet f c { type filter hook forward priority 0; }; add rule inet f c"
    office.execute(
        ["nft", f"{rule} icmp type echo-request reject with icmp type admin-prohibited"], node="acc-b1"
    )
    at = office.addresses()
    swept = office.inside(lambda: sweep([at["pc-b1-1"]]))
    office.execute(["nft", "delete", "table", "inet", "f"], node="acc-b1")

    assert swept[at["pc-b1-1"]] == CouldNotTell(FILTERED)


def test_a_rate_limit_is_met_by_a_slower_pace(office: Outage) -> None:
    addresses, _none = office.plane(2_000, 0)
    office.fault("plane", "limit-icmp")
    fast = office.inside(lambda: sweep(addresses))
    slow = office.inside(lambda: sweep(addresses, Pace(packets_per_second=800)))
    office.fault("plane", "limit-icmp", on=False)

    assert len(alive(fast)) < 2_000
    assert alive(slow) == set(addresses)


def test_lossy_ways_are_asked_again(office: Outage) -> None:
    addresses, _none = office.plane(1_000, 0)
    office.fault("plane", "lose-icmp")
    swept = office.inside(lambda: sweep(addresses, Pace(tries=10, wait_s=0.1)))
    office.fault("plane", "lose-icmp", on=False)

    # 0.3 to the tenth: six in a million addresses.
    assert alive(swept) == set(addresses)
    assert 1_200 < swept.counts.sent < 1_700


def test_a_flapping_link_is_neither_certain(office: Outage) -> None:
    at = office.addresses()
    stop = threading.Event()

    def flap() -> None:
        while not stop.wait(0.2):
            office.cut("dist-b -- acc-b3")
            office.restore("dist-b -- acc-b3")

    thread = threading.Thread(target=flap)
    thread.start()
    try:
        sweeps = [office.inside(lambda: sweep(list(at.values()))) for _round in range(3)]
    finally:
        stop.set()
        thread.join()
    behind = {at[name] for name in at if "b3" in name}

    for swept in sweeps:
        assert set(at.values()) - alive(swept) <= behind
    assert alive(office.inside(lambda: sweep(list(at.values())))) == set(at.values())


RESPONDER = """
import random, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(20)
kind = sys.argv[1]
print("ready", flush=True)

def sums(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

while True:
    packet, source = s.recvfrom(2048)
    icmp = bytearray(packet[20:])
    if icmp[0] != 8:
        continue
    icmp[0:4] = bytes(4)
    if kind == "forged":
        icmp[12] ^= 1
    icmp[2:4] = struct.pack("!H", sums(bytes(icmp)))
    if kind == "late":
        time.sleep(0.6)
    for _copy in range(3 if kind == "thrice" else 1):
        s.sendto(bytes(icmp), source)
"""


@pytest.mark.parametrize(
    ("kind", "answer", "counted"),
    [("thrice", Alive, (2, 0, 0)), ("late", Alive, (0, 1, 0)), ("forged", Silent, (0, 0, 2))],
)
def test_strange_answers_are_counted(
    office: Outage, kind: str, answer: type, counted: tuple[int, int, int]
) -> None:
    node = "pc-a1-1"
    address = office.addresses()[node]
    office.execute(["sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1"], node=node)
    argv = [sys.executable, "-c", RESPONDER, kind]
    responder = office.inside(lambda: subprocess.Popen(argv, stdout=subprocess.PIPE), node)
    try:
        assert responder.stdout is not None
        responder.stdout.readline()
        swept = office.inside(lambda: sweep([address]))
    finally:
        responder.kill()
        responder.communicate()
        office.execute(["sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=0"], node=node)

    assert isinstance(swept[address], answer)
    counts = swept.counts
    assert (counts.duplicates, counts.late, counts.strange) == counted


def test_nothing_to_ask_and_nothing_to_be_asked(office: Outage) -> None:
    nothing = office.inside(lambda: sweep([]))
    names = office.inside(lambda: sweep(["sw1.example", "::1", "127.0.0.1", "127.0.0.1"]))

    assert (dict(nothing), nothing.method) == ({}, Method.NONE)
    assert names["sw1.example"] == CouldNotTell(NOT_AN_ADDRESS)
    assert alive(names) == {"::1", "127.0.0.1"}
    assert shutil.which("fping")
