"""What dpkg and systemd say of a machine, asked afresh."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

if TYPE_CHECKING:
    from plugins.module_utils import apt_choice, dpkg_state
else:
    from ansible.module_utils import apt_choice, dpkg_state

DOCUMENTATION = r"""
module: apt_installed
short_description: Read package versions and service states by other means than apt
description:
  - Reads the versions from dpkg-query and the services from systemctl, so that what C(apt_transaction)
    did is judged by another tool.
  - Waits until the machine has finished starting, at most O(settle) seconds, for a machine that was just
    rebooted answers before all of its services do; then some more seconds for the given services.
  - Never fails because of what it finds; the caller decides.
options:
  state:
    description: The approved state whose keys are to be read; C(package:NAME) and C(reboot).
    type: dict
    required: true
  services:
    description: The services that have to be active.
    type: list
    elements: str
    default: []
  settle:
    description: Seconds to wait for the machine to finish starting.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Read what is installed now
  apt_installed:
    state: "{{ intent.approved.after }}"
    services: [ssh]
  register: installed
"""

RETURN = r"""
now:
  description: The state, as C(daicho_confirm) takes it.
  returned: success
  type: dict
  sample: {"package:openssl": "1.1", "reboot": if required}
inactive:
  description: The given services that are not active, with what systemd calls them.
  returned: success
  type: dict
  sample: {"print-agent.service": failed}
failed_units:
  description: All units that systemd reports as failed.
  returned: success
  type: list
  elements: str
stale_services:
  description: The services that still run old code, where needrestart is installed.
  returned: success
  type: list
  elements: str
reboot_required:
  description: What asks for a reboot now; package names, or C(kernel).
  returned: success
  type: list
  elements: str
"""

# Seconds that a service gets after the machine has started: a restarted one is soon active or never.
GRACE = 10


def settle(services: list[str], seconds: int) -> dict[str, str]:
    """Wait for the machine, then shortly for its services; return those that are still not active."""
    deadline = time.monotonic() + seconds
    while dpkg_state.starting() and time.monotonic() < deadline:
        time.sleep(0.5)
    deadline = min(deadline, time.monotonic() + GRACE)
    while (inactive := dpkg_state.inactive(services)) and time.monotonic() < deadline:
        time.sleep(1)
    return inactive


def look(params: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the module reports."""
    inactive = settle(params["services"], params["settle"])
    wanted = apt_choice.bare(params["state"])
    versions = dpkg_state.installed(list(wanted))
    reasons = dpkg_state.reboot_reasons()
    now: dict[str, str | None] = {apt_choice.PREFIX + name: versions.get(name) for name in wanted}
    policy = params["state"].get(apt_choice.REBOOT)
    if policy is not None:
        now[apt_choice.REBOOT] = "still required" if reasons else policy
    return {
        "now": now,
        "inactive": inactive,
        "failed_units": dpkg_state.failed_units(),
        "stale_services": dpkg_state.parse_needrestart(
            dpkg_state.ask(dpkg_state.NEEDRESTART, "-b", "-r", "l", "-l").out
        ).services,
        "reboot_required": reasons,
    }


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "dict", "required": True},
            "services": {"type": "list", "elements": "str", "default": []},
            "settle": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, **look(module.params))


if __name__ == "__main__":
    main()
