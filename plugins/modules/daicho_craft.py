"""Manual of the action plugin daicho_craft, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: daicho_craft
short_description: Do a work that Ansible does not serve on all targets of the wave
description:
  - Enters the same core as C(daicho run) does without Ansible. Network devices are read, planned, changed
    behind their dead man, looked at from a new session and saved.
  - The inputs are the variables of the change, C(WORK_INPUT); they are what was approved.
  - Every target is asked about at the door before it is touched, and its outcome recorded after.
  - Use it with C(run_once), so that all devices share one pace and one count of refused passwords, and
    let a second task fail the targets that RV(failures) names.
  - Runs on the controller and only behind the door of a run.
options:
  work:
    description: The name of the work.
    type: str
    required: true
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Plan or change all devices of this wave
  daicho_craft:
    work: configure_network
  run_once: true
  register: devices
"""

RETURN = r"""
failures:
  description: What went wrong, by target.
  returned: success
  type: dict
  sample: {"sw-3f-1": "sw-3f-1 did not open an SSH session on 192.0.2.7 (timed out)."}
"""
