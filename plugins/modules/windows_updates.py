"""Manual of the action plugin windows_updates, which asks over a session of our own."""

from __future__ import annotations

DOCUMENTATION = r"""
module: windows_updates
short_description: Tell what an update of a Windows machine would change
description:
  - Asks the machine what it has and the update service on it what it is offered, and returns which articles
    would be installed, whether there is room for them, which can be taken back, and what is left out and why.
  - Changes nothing, so it works in check mode.
  - Fails with a sentence that says what to do where the updates could not be installed; an update service
    that cannot be asked, a disk without room, a restart that is pending and may not be done.
  - A machine that does not answer within O(limit) counts as unreachable.
  - Its PowerShell is C(get_patch_state) and C(search_updates) in C(daicho/endpoints/scripts).
options:
  scope:
    description: V(security) or every update.
    type: str
    choices: [security, all]
    default: security
  categories:
    description: Classes of updates such as V(SecurityUpdates); empty means what O(scope) says.
    type: list
    elements: str
    default: []
  allow:
    description: Shell patterns of articles or titles; when given, only these.
    type: list
    elements: str
    default: []
  deny:
    description: Shell patterns of articles or titles that are left out. They win over O(allow).
    type: list
    elements: str
    default: []
  packages:
    description:
      - The approved state, or its inverse, C(update:KB5034441) to C(installed) or C(not installed).
      - When given, nothing else is looked at.
    type: dict
  reboot:
    description: The reboot policy, which becomes part of the returned states.
    type: str
    choices: [never, if_required, always]
    default: if_required
  notice:
    description: Minutes of notice to somebody who is logged on, for the plan's notes.
    type: int
    default: 0
  step:
    description: Whether updates are to be installed or only their files brought.
    type: str
    choices: [install, download]
    default: install
  source:
    description: Where updates come from.
    type: str
    choices: [default, wsus, windows_update, offline]
    default: default
  folder:
    description: With the source V(offline), where the files are on the machine.
    type: str
    default: ""
  limit:
    description: Seconds that the machine may take to answer.
    type: int
    default: 900
  patience:
    description:
      - Seconds to wait for updates that are being installed already, so that nobody reboots into that; a run
        whose controller died goes on there by itself. V(0) looks at the machine as it is.
      - A machine that is still at work then counts as unreachable.
    type: int
    default: 0
attributes:
  check_mode:
    support: full
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: See what security updates would change
  windows_updates:
    deny: [KB5034441]
  register: found
"""

RETURN = r"""
before:
  description: The state now.
  returned: success
  type: dict
  sample: {"update:KB5050001": not installed, "reboot": not done}
after:
  description: The state that an update would bring.
  returned: success
  type: dict
  sample: {"update:KB5050001": installed, "reboot": if required}
inverse:
  description: The way back; null where there is none.
  returned: success
  type: dict
irreversible:
  description: Why there is no way back.
  returned: success
  type: str
notes:
  description: What an approver should read; each update with title, size and class.
  returned: success
  type: list
  elements: str
present:
  description: What the machine says of itself.
  returned: success
  type: dict
files:
  description: With the source V(offline), the file of each article.
  returned: success
  type: dict
"""
