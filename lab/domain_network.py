"""The network of the lab's directory: one bridge, one cable to each machine, and a way in."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab import network
from lab.domain_plan import CONTROLLER, CONTROLLER_ADDRESS, SERVERS
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lab.domain_places import DomainPlaces


def create(places: DomainPlaces, machines: Iterable[str]) -> None:
    """The controller's namespace with the bridge, and one namespace per machine, all cables in."""
    bridge = places.netns(CONTROLLER)
    network.create_bridge(bridge, CONTROLLER_ADDRESS)
    for name in machines:
        network.connect(bridge, places.netns(name), name, SERVERS[name].address)
        run(["ip", "-n", places.netns(name), "link", "set", "eth0", "up"])


def delete(places: DomainPlaces) -> bool:
    """Remove every namespace of it; whether there was any."""
    ours = network.named(places.netns_prefix)
    for name in ours:
        network.delete(name)
    shutil.rmtree(places.controller_files, ignore_errors=True)
    return bool(ours)


def plug(places: DomainPlaces, machine: str, *, connected: bool) -> None:
    """Put the machine's cable in or pull it; whoever asks a machine without a cable waits in vain."""
    network.plug(places.netns(CONTROLLER), machine, connected=connected)


def plugged(places: DomainPlaces, machine: str) -> bool:
    shown = json.loads(run(["ip", "-json", "-n", places.netns(CONTROLLER), "link", "show", machine]))
    return "UP" in shown[0]["flags"]


@contextmanager
def visit(places: DomainPlaces) -> Iterator[None]:
    """Be on the controller: network, names and addresses, for the calling thread and what it starts.

    Threads that it starts meanwhile are there too; those that run already are not.
    """
    here = os.getcwd()  # noqa: PTH109 - to come back to, whatever it is called
    own = [os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in ("net", "mnt")]
    try:
        _enter(places)
        yield
    finally:
        for handle in own:
            os.setns(handle)
            os.close(handle)
        os.chdir(here)


def enter(places: DomainPlaces) -> None:
    """Move the calling thread to the controller for good."""
    _enter(places)


def _enter(places: DomainPlaces) -> None:
    network.enter(places.netns(CONTROLLER))
    # With the file system context to itself a thread may change mounts without its neighbours.
    os.unshare(os.CLONE_NEWNS | os.CLONE_FS)
    files = places.controller_files
    script = "mount --make-rprivate / && " + " && ".join(
        f'mount --bind "$1/{name}" /etc/{name}' for name in ("hosts", "resolv.conf")
    )
    run(["sh", "-c", script, "sh", files])
