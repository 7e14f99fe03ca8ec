"""The namespaces, cables and servers of the outage lab's nodes."""

from __future__ import annotations

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab import cgroup, daemon, network
from lab.errors import CommandError, LabError
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lab.outage_places import OutagePlaces
    from lab.outage_plan import Link, Node, Plan

_SHELL: Final = Path(__file__).with_name("outage_shell.sh")
_AT_ONCE: Final = 4


def create(places: OutagePlaces, plan: Plan) -> None:
    """Namespaces and cables. Both ends of a cable have their node's one address (unnumbered links)."""
    names = [places.netns(name) for name in plan.nodes]
    run(["ip", "-batch", "-"], text="".join(f"netns add {name}\n" for name in names))
    cables = (
        f"link add name {low} netns {places.netns(up)} type veth peer name {up} netns {places.netns(low)}\n"
        for up, low in plan.links
    )
    run(["ip", "-batch", "-"], text="".join(cables))

    def wire(node: Node) -> None:
        lines = ["link set lo up"]
        for far in plan.around(node.name):
            lines += [
                f"address add {node.address} peer {plan.nodes[far].address} dev {far}",
                f"link set {far} up",
            ]
        batch(places.netns(node.name), lines)
        if node.passes:
            network.inside(places.netns(node.name), _forward)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(wire, plan.nodes.values()))


def _forward() -> None:
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")


def batch(netns: str, lines: Iterable[str], *, force: bool = False) -> None:
    """Run `ip` commands in a namespace; with `force` go on after one that fails."""
    text = "".join(f"{line}\n" for line in lines)
    try:
        run(["ip", "-n", netns, *(["-force"] if force else []), "-batch", "-"], text=text)
    except CommandError:
        if not force:
            raise


def settings(
    plan: Plan, off: Iterable[str], cut: Iterable[Link]
) -> dict[str, tuple[dict[str, bool], dict[str, str]]]:
    """Node → its ports (up or down) and routes (destination → neighbour; without one it says unreachable)."""
    off, cut = set(off), set(cut)
    routes = plan.routes(off, cut)

    def port(name: str, far: str) -> bool:
        return name not in off and (name, far) not in cut and (far, name) not in cut

    ports = {name: {far: port(name, far) for far in plan.around(name)} for name in plan.nodes}

    dark = plan.dark(off, cut)

    def ways(name: str) -> dict[str, str]:
        # Without a word on what hangs on a dead port, it would go back by the default route, and round.
        known = {far: "" for far, up in ports[name].items() if not up and far in dark}
        known |= {to: via if ports[name][via] else "" for to, via in routes[name].items()}
        return {to: via for to, via in known.items() if via or to != "default"}

    return {name: (ports[name], ways(name)) for name in plan.nodes}


def configure(
    places: OutagePlaces, plan: Plan, name: str, ports: Mapping[str, bool], routes: Mapping[str, str]
) -> None:
    """Bring a node's ports and routes into a state, whatever they were."""
    lines = [f"link set {far} {'up' if up else 'down'}" for far, up in ports.items()]
    lines.append("route flush proto static")
    for to, via in routes.items():
        destination = to if to == "default" else f"{plan.nodes[to].address}/32"
        way = (
            f"{destination} via {plan.nodes[via].address} dev {via} onlink"
            if via
            else f"unreachable {destination}"
        )
        lines.append(f"route add {way} proto static")
    batch(places.netns(name), lines, force=True)


def settle(places: OutagePlaces, name: str, ports: Mapping[str, bool], timeout: float = 5) -> None:
    """Wait until the ports that are to be up carry traffic: the kernel may take a second to notice a cable.

    Raises:
        LabError: they do not.
    """
    wanted = {far for far, up in ports.items() if up}
    until = time.monotonic() + timeout
    while True:
        links = json.loads(run(["ip", "-json", "-n", places.netns(name), "link", "show"]))
        late = wanted - {link["ifname"] for link in links if _carries(link)}
        if not late:
            # Who was asked for in vain a moment ago would not be asked for again within a second.
            batch(places.netns(name), ["neigh flush all"])
            return
        if time.monotonic() > until:
            raise LabError(f"The ports {', '.join(sorted(late))} of {name} do not come up.")
        time.sleep(0.02)


def _carries(link: Mapping[str, Any]) -> bool:
    # Soon after a port went down and up again it still calls itself UP, while the queue is not open yet.
    return bool(link["operstate"] == "UP" and link["qdisc"] != "noop")


def boot(places: OutagePlaces, node: Node) -> None:
    """Switch a node's servers on; what it runs is what it had saved."""
    folder = places.node(node.name)
    shutil.copyfile(folder / "startup-config", folder / "running-config")
    (folder / "booted").write_text(datetime.now(UTC).isoformat(timespec="seconds"), encoding="ascii")
    if node.serves_ssh:
        daemon.spawn(
            ["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd_config")],
            group=places.group / node.name,
            netns=places.netns(node.name),
            log=folder / "sshd.log",
        )


def halt(places: OutagePlaces, node: Node) -> None:
    """Cut a node's power: everything that runs on it ends at once."""
    cgroup.destroy(places.group / node.name)


def write_files(places: OutagePlaces, node: Node) -> None:
    """The node's configuration and that of its ssh server."""
    folder = places.node(node.name)
    folder.mkdir(parents=True)
    config = f"hostname {node.name}\nip address {node.address}\nvlan 10\nvlan 20\n"
    (folder / "startup-config").write_text(config, encoding="ascii")
    # Its own HOME: start files of whoever runs the lab may wait for something, pyenv's a minute for a lock.
    (folder / "sshd_config").write_text(
        f"""\
ListenAddress {node.address}
HostKey {places.host_key}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {places.user_key}.pub
SetEnv HOME={folder}
ForceCommand {_SHELL} {folder} {node.name}
""",
        encoding="utf-8",
    )
