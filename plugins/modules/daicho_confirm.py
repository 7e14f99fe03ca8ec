"""Manual of the action plugin daicho_confirm, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: daicho_confirm
short_description: Tell the door what a target has become
description:
  - The door compares the state with the approved one and records the outcome.
  - The state has to be read afresh, best by another tool than the one that made the change.
  - Runs on the controller and needs no connection to the target.
  - Without a door the task fails, unless the host variable C(daicho_door) is exactly V(none).
options:
  now:
    description: >-
      The state after the work, with the keys of the approved state.
      Either this or O(lost).
    type: dict
  lost:
    description:
      - Why nobody can read the state, where an effect may have happened. Recorded as unknown, which is not
        failed; the task fails, and the next run of the change looks at the target again.
    type: str
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Record what became of the package
  daicho_confirm:
    now:
      package:openssl: "1.1"

- name: Say that nobody knows
  daicho_confirm:
    lost: pc-1 did not come back from its reboot within 600 s
"""

RETURN = r"""
outcome:
  description: What the door recorded, V(changed) or V(unchanged). Anything else fails the task.
  returned: success
  type: str
  sample: changed
msg:
  description: The door's sentence.
  returned: always
  type: str
"""
