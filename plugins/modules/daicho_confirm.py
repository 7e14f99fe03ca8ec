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
    description: The state after the work, with the keys of the approved state.
    type: dict
    required: true
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Record what became of the package
  daicho_confirm:
    now:
      package:openssl: "1.1"
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
