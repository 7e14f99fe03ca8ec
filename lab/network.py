"""Network namespaces: the lab's bridge, a cable to each machine, and a way in."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import CommandError, LabError
from lab.places import CONTROLLER
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Callable


def create_bridge(netns: str, address: str = CONTROLLER) -> None:
    """The lab's own network, with the controller's address on it."""
    run(["ip", "netns", "add", netns])
    script = f"""\
        link set lo up
        link add br0 type bridge
        address add {address}/24 dev br0
        link set br0 up
        """
    run(["ip", "-n", netns, "-batch", "-"], text=script)


def connect(bridge: str, netns: str, port: str, address: str) -> None:
    """A namespace for one machine, its eth0 plugged into the bridge's `port`."""
    run(["ip", "netns", "add", netns])
    run(["ip", "-n", netns, "link", "set", "lo", "up"])
    run(["ip", "link", "add", port, "netns", bridge, "type", "veth", "peer", "name", "eth0", "netns", netns])
    run(["ip", "-n", bridge, "link", "set", port, "master", "br0", "up"])
    run(["ip", "-n", netns, "address", "add", f"{address}/24", "dev", "eth0"])


def plug(bridge: str, port: str, *, connected: bool) -> None:
    """Put the cable in, or pull it at the bridge's side: the machine itself goes on."""
    run(["ip", "-n", bridge, "link", "set", port, "up" if connected else "down"])


def namespaces(prefix: str) -> list[str]:
    """The namespaces named `prefix` or `prefix-...`."""
    return [name for name in named(prefix) if name == prefix or name.startswith(f"{prefix}-")]


def named(beginning: str) -> list[str]:
    """The namespaces whose names begin so."""
    names = [line.split()[0] for line in run(["ip", "netns", "list"]).splitlines() if line.strip()]
    return [name for name in names if name.startswith(beginning)]


def delete(netns: str) -> None:
    try:
        run(["ip", "netns", "delete", netns])
    except CommandError as error:
        if "No such file" not in error.output:
            raise


def enter(netns: str) -> None:
    """Move the calling thread into a namespace; programs that it starts are there too."""
    try:
        handle = os.open(Path("/run/netns") / netns, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise LabError(f"The network namespace {netns} is not there: the lab is not up.") from error
    try:
        os.setns(handle, os.CLONE_NEWNET)
    finally:
        os.close(handle)


def inside[T](netns: str, work: Callable[[], T]) -> T:
    """Run `work` in a namespace without moving the caller: in a thread of its own."""

    def there() -> T:
        enter(netns)
        return work()

    return in_thread(there)


def in_thread[T](work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own, to which alone belongs whatever it enters."""
    results: list[T] = []
    errors: list[BaseException] = []

    def visit() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=visit)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def answers_ssh(address: str, timeout: float = 0.5) -> bool:
    """Whether an SSH server greets at `address` (seen from the calling thread's namespace)."""
    try:
        with socket.create_connection((address, 22), timeout=timeout) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def listens(address: str, port: int, timeout: float = 0.5) -> bool:
    """Whether something accepts connections there (seen from the calling thread's namespace)."""
    try:
        socket.create_connection((address, port), timeout=timeout).close()
    except OSError:
        return False
    return True
