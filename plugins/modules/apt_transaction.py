"""Exactly the approved package versions, or nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

if TYPE_CHECKING:
    from plugins.module_utils import apt_cache, apt_choice, dpkg_state
else:
    from ansible.module_utils import apt_cache, apt_choice, dpkg_state

try:
    import apt  # type: ignore[import-not-found]  # of the target, not of the controller
    import apt_pkg  # type: ignore[import-not-found]
except ImportError:  # apt_cache.require says so
    apt = apt_pkg = None

DOCUMENTATION = r"""
module: apt_transaction
short_description: Bring exactly the approved package versions onto a Debian machine, or nothing
description:
  - Compares what is installed with what was approved, and what apt would do with what was approved,
    under one lock that keeps every other package manager away until the transaction has ended.
  - Fails as drifted, with the difference, before anything is changed - where an installed version is not
    the approved one, where apt would have to change another package, where a package was put on hold.
  - Upgrades, downgrades, installs and removes, whatever the approved versions mean.
  - Configuration files that were changed on the machine are kept. Services that still run old code are
    restarted by needrestart where that is installed.
options:
  before:
    description: The approved present versions, C(package:NAME) or plain names; null means not installed.
    type: dict
    required: true
  after:
    description: The approved wanted versions, with the keys of O(before).
    type: dict
    required: true
  run:
    description: What apt's history shows as the command, so that a machine's own log names the run.
    type: str
    default: daicho
  lock_timeout:
    description: Seconds to wait for another package manager to end.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
requirements:
  - python3-apt on the target
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Bring the approved versions
  apt_transaction:
    before: "{{ intent.approved.before }}"
    after: "{{ intent.approved.after }}"
  become: true
"""

RETURN = r"""
packages:
  description: The packages that were changed, by name.
  returned: success
  type: list
  elements: dict
  sample:
    - name: openssl
      from: "1.0"
      to: "1.1"
      origin: Lab
      suite: lab-security
      security: false
      download: 1432
reboot_required:
  description: What asks for a reboot now; package names, or C(kernel).
  returned: success
  type: list
  elements: str
log:
  description: The last lines that dpkg and the maintainer scripts printed.
  returned: always
  type: list
  elements: str
"""

LOG_LINES = 40
ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "APT_LISTCHANGES_FRONTEND": "none",
    # Restart what runs old code without asking; what may not be restarted is left for the reboot.
    "NEEDRESTART_MODE": "a",
    "LC_ALL": "C.UTF-8",
}


def drift(cache: Any, before: dict[str, str | None], after: dict[str, str | None]) -> None:
    """Raise unless each package is as approved; one that is already as wanted was done by an earlier try."""
    now = apt_cache.versions_now(cache, list(before))
    moved = [
        f"{name} is {now[name] or 'not installed'}, approved from {before[name] or 'not installed'}"
        for name in before
        if now[name] not in {before[name], after[name]}
    ]
    if moved:
        raise apt_cache.AptTrouble(f"drifted: {'; '.join(moved)}. Nothing was changed; plan again.")


def acquire_lock(seconds: int) -> None:
    """Take dpkg's lock, waiting for another package manager to end."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            apt_pkg.pkgsystem_lock()
        except SystemError as error:
            if time.monotonic() > deadline:
                raise apt_cache.AptTrouble(
                    f"Another package manager has been at work for {seconds} s ({error}). "
                    "Nothing was changed; let it finish, then run the change again."
                ) from error
            time.sleep(1)
        else:
            return


def configure(run: str) -> None:
    """Settle everything that apt would otherwise ask or decide differently."""
    os.environ.update(ENVIRONMENT)
    apt_pkg.config.set("CommandLine::AsString", run)
    apt_pkg.config.set("Dpkg::Use-Pty", "false")
    for option in ("--force-confdef", "--force-confold"):
        apt_pkg.config.set("Dpkg::Options::", option)


def commit(cache: Any, log: IO[bytes]) -> None:
    """Fetch and install what is marked; what dpkg prints goes to `log`."""

    class ToLog(apt.progress.base.InstallProgress):  # type: ignore[misc]  # python-apt ships no types
        """Keeps dpkg's talk away from the module's own answer."""

        errors: list[str]

        def fork(self) -> int:
            """Fork the process that becomes dpkg's parent."""
            child = os.fork()
            if child == 0:
                with open(os.devnull, "rb") as nothing:  # noqa: PTH123
                    os.dup2(nothing.fileno(), 0)
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            return child

        def error(self, pkg: str, errormsg: str) -> None:
            """Remember which package failed."""
            self.errors.append(f"{Path(pkg).name}: {errormsg}")

    progress = ToLog()
    progress.errors = []
    try:
        cache.commit(apt.progress.base.AcquireProgress(), progress)
    except apt.cache.FetchFailedException as error:
        raise apt_cache.AptTrouble(apt_choice.describe_fetch(str(error))) from error
    except apt.cache.UntrustedException as error:
        raise apt_cache.AptTrouble(
            f"apt does not trust these packages: {error}. Nothing was changed."
        ) from error
    except (SystemError, OSError, apt.cache.LockFailedException) as error:
        said = "; ".join(progress.errors) or " ".join(str(error).split())
        raise apt_cache.AptTrouble(
            f"dpkg failed: {said}. The machine may be half-way: run `dpkg --configure -a` there and look at "
            "/var/log/apt/term.log, then plan again."
        ) from error


def last_lines(log: IO[bytes]) -> list[str]:
    """Return the end of what was printed."""
    log.seek(0)
    return log.read().decode(errors="replace").splitlines()[-LOG_LINES:]


def transact(module: Any, log: IO[bytes]) -> dict[str, Any]:
    """Carry the transaction out under the lock, or raise before anything is changed."""
    apt_cache.require()
    before, after = (apt_choice.bare(module.params[side]) for side in ("before", "after"))
    configure(module.params["run"])
    acquire_lock(module.params["lock_timeout"])
    try:
        cache = apt_cache.open_cache()
        drift(cache, before, after)
        apt_cache.mark_exactly(cache, after)
        changes = apt_cache.changes(cache, [])
        if changes and not module.check_mode:
            commit(cache, log)
    finally:
        apt_pkg.pkgsystem_unlock()
    return {
        "changed": bool(changes),
        "packages": [change.facts() for change in changes],
        "diff": {
            "before": "".join(f"{change.name} {change.before}\n" for change in changes),
            "after": "".join(f"{change.name} {change.after}\n" for change in changes),
        },
        "reboot_required": dpkg_state.reboot_reasons(),
    }


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "before": {"type": "dict", "required": True},
            "after": {"type": "dict", "required": True},
            "run": {"type": "str", "default": "daicho"},
            "lock_timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    with TemporaryFile() as log:
        try:
            done = transact(module, log)
        except apt_cache.AptTrouble as trouble:
            module.fail_json(msg=str(trouble), log=last_lines(log))
        module.exit_json(**done, log=last_lines(log))


if __name__ == "__main__":
    main()
