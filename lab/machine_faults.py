"""How a machine breaks."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lab import cgroup, daemon, network, packages

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.machine import Machine

# The first package's own script calls it, and dpkg waits for that script.
_DIE = """\
#!/bin/sh
systemctl poweroff --force --force
exec sleep infinity
"""

_INTERRUPT = """\
dpkg-query --status office-suite | sed 's/^Status: .*/Status: install ok half-configured/' \
  > /var/lib/dpkg/updates/0001
"""


@dataclass(frozen=True)
class MachineFault:
    """One way to break a machine; `apply` gets the machine and a delay in seconds."""

    summary: str
    apply: Callable[[Machine, float], None]
    clear: Callable[[Machine], None]


def _power_off(machine: Machine, _after: float) -> None:
    machine.power_off()


def _power_cut(machine: Machine, after: float) -> None:
    if not after:
        machine.power_cut()
        return
    kill = f"sleep {after}; echo 1 > {machine.group / 'boot/cgroup.kill'}"
    daemon.spawn(["sh", "-c", kill], group=machine.group / "later", netns=machine.netns, log=machine.console)


def _power_back(machine: Machine) -> None:
    cgroup.destroy(machine.group / "later")
    machine.power_on()


def _no_return(machine: Machine, _after: float) -> None:
    (machine.folder / "no-return").touch()


def _return(machine: Machine) -> None:
    (machine.folder / "no-return").unlink(missing_ok=True)
    machine.power_on()


def _slow_boot(machine: Machine, after: float) -> None:
    (machine.folder / "boot-delay").write_text(f"{after or 20}\n", encoding="ascii")


def _quick_boot(machine: Machine) -> None:
    (machine.folder / "boot-delay").unlink(missing_ok=True)


def _unplug(machine: Machine, _after: float) -> None:
    network.plug(machine.places.netns, machine.name, connected=False)


def _plug(machine: Machine) -> None:
    network.plug(machine.places.netns, machine.name, connected=True)


def _die_in_upgrade(machine: Machine, _after: float) -> None:
    script = machine.root / "etc/lab/die-in-upgrade"
    script.write_text(_DIE, encoding="utf-8")
    script.chmod(0o755)


def _survive_upgrade(machine: Machine) -> None:
    (machine.root / "etc/lab/die-in-upgrade").unlink(missing_ok=True)
    machine.power_on()


def _interrupt_dpkg(machine: Machine, _after: float) -> None:
    machine.run(["sh", "-c", _INTERRUPT])


def _repair_dpkg(machine: Machine) -> None:
    machine.run(["dpkg", "--configure", "-a"])


def _break_dependencies(machine: Machine, _after: float) -> None:
    broken = packages.Package("needs what nobody has", depends="lab-missing")
    with tempfile.TemporaryDirectory() as folder:
        deb = packages.build("lab-broken", "1.0", Path(folder), broken)
        (machine.root / "root/lab-broken.deb").write_bytes(deb.read_bytes())
    machine.run(["dpkg", "--force-depends", "--install", "/root/lab-broken.deb"])


def _mend_dependencies(machine: Machine) -> None:
    machine.run(["dpkg", "--purge", "lab-broken"])


def _fill_disk(machine: Machine, _after: float) -> None:
    machine.run(["sh", "-s", "apply"], text=_disk_script())


def _free_disk(machine: Machine) -> None:
    machine.run(["sh", "-s", "clear"], text=_disk_script())


def _disk_script() -> str:
    return files("lab").joinpath("disk-full.sh").read_text(encoding="utf-8")


def _fail_postinst(machine: Machine, _after: float) -> None:
    (machine.root / "etc/lab/failing-postinst").touch()


def _pass_postinst(machine: Machine) -> None:
    (machine.root / "etc/lab/failing-postinst").unlink(missing_ok=True)


KINDS = {
    "power-off": MachineFault("shut down in good order", _power_off, _power_back),
    "power-cut": MachineFault("every process gone at once (--after SECONDS: later)", _power_cut, _power_back),
    "no-return": MachineFault("stays off at its next reboot", _no_return, _return),
    "slow-boot": MachineFault("is off for 20 (--after) seconds at each reboot", _slow_boot, _quick_boot),
    "unplugged": MachineFault("runs on, but its network cable is pulled", _unplug, _plug),
    "dies-in-upgrade": MachineFault(
        "loses power while dpkg configures the first package; dpkg stays interrupted",
        _die_in_upgrade,
        _survive_upgrade,
    ),
    "interrupted-dpkg": MachineFault("apt asks for `dpkg --configure -a`", _interrupt_dpkg, _repair_dpkg),
    "broken-dependencies": MachineFault(
        "an installed package lacks what it depends on", _break_dependencies, _mend_dependencies
    ),
    "disk-full": MachineFault("apt and dpkg meet a full disk, until a reboot", _fill_disk, _free_disk),
    "failing-postinst": MachineFault(
        "the scripts of the lab's packages fail on this machine", _fail_postinst, _pass_postinst
    ),
}
