"""Manual of the action plugin windows_updates_present, which asks over a session of our own."""

from __future__ import annotations

DOCUMENTATION = r"""
module: windows_updates_present
short_description: Read what a Windows machine has after an update, by other means than what installed it
description:
  - Asks the machine's own list of hotfixes. Only what is not on it (updates of Office, the removal tool) is
    asked of the update service, where no longer being offered counts as installed.
  - Never fails because of what it finds; the caller decides.
options:
  state:
    description: The approved state whose keys are to be read.
    type: dict
    default: {}
  reboot:
    description: The reboot policy, which the key C(reboot) has once nothing asks for a restart any more.
    type: str
    default: if_required
  services:
    description: The services that have to be running.
    type: list
    elements: str
    default: []
  source:
    description: Where the updates came from.
    type: str
    default: default
  limit:
    description: Seconds that the machine may take to answer.
    type: int
    default: 900
attributes:
  check_mode:
    support: full
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Read what is installed now
  windows_updates_present:
    state: "{{ intent.approved.after }}"
    services: [Spooler]
  register: present
"""

RETURN = r"""
now:
  description: The state, as C(daicho_confirm) takes it.
  returned: success
  type: dict
  sample: {"update:KB5050001": installed, "reboot": if required}
inactive:
  description: The given services that are not running, with what Windows calls their state.
  returned: success
  type: dict
  sample: {"Spooler": Stopped}
failed_units:
  description: Always empty; Windows has no such list.
  returned: success
  type: list
  elements: str
reboot_required:
  description: Whether a restart is pending.
  returned: success
  type: bool
user:
  description: Who is logged on; empty if nobody is.
  returned: success
  type: str
"""
