"""Manual of the action plugin daicho_intend, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: daicho_intend
short_description: Tell the door what a target is and what it will become, before touching it
description:
  - In check mode the door records the two states as this target's plan.
  - In a run the door compares the present state with the approved plan. If it is the same, the intent is
    on disk when this task ends, and only then may the next task change the target. If it is not, the
    task fails as drifted and the host drops out of the play.
  - Runs on the controller and needs no connection to the target.
  - Without a door the task fails, unless the host variable C(daicho_door) is exactly V(none), which is
    meant for developing a role; then the task answers itself and records nothing.
options:
  before:
    description: The present state; a flat mapping of keys to strings, numbers, booleans or null.
    type: dict
    required: true
  after:
    description: The wanted state, with the keys of O(before).
    type: dict
    required: true
  inverse:
    description: The state to which an undo returns; the changed keys of O(before) when it is not given.
    type: dict
  irreversible:
    description: Why there is no way back. Leave it out when there is one.
    type: str
  notes:
    description: Sentences for the approver.
    type: list
    elements: str
    default: []
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Record what will become of the package
  daicho_intend:
    before:
      package:openssl: "1.0"
    after:
      package:openssl: "1.1"
    notes:
      - Reboots when an update asks for it.
  register: intent
"""

RETURN = r"""
verdict:
  description: What the door answered, V(planned) in a rehearsal and V(go) in a run.
  returned: success
  type: str
  sample: go
approved:
  description: The states and inputs that were approved. Install these, not what the archive offers now.
  returned: success
  type: dict
  sample:
    before: {"package:openssl": "1.0"}
    after: {"package:openssl": "1.1"}
    inputs: {}
msg:
  description: The door's sentence.
  returned: always
  type: str
"""
