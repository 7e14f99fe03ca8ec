"""Rights of folders on a Linux file server: what they are, what a policy makes of them, and making it so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

if TYPE_CHECKING:
    from plugins.module_utils import posix_rights
else:
    from ansible.module_utils import posix_rights

DOCUMENTATION = r"""
module: posix_permissions
short_description: Read and set the POSIX lists of rights of folders, whole lists at a time
description:
  - With O(folders) and no O(state) it works out what a policy would change; nothing is touched.
  - With O(state) it brings every path of it to its rights, unless O(only_read) is given, and reads them back.
  - Each list is set in one system call, so that nobody sees half of one. Links are not followed.
options:
  folders:
    description:
      - The folders of the policy; C(ansible-doc -t role set_posix_permissions) explains their words.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The folder.
        type: str
        required: true
      owner:
        description: Whose it is; empty means whose it was.
        type: str
        default: ""
      inherits:
        description: Never.
        type: bool
        choices: [false]
        default: false
      foreign:
        description: What becomes of entries for others than those named here.
        type: str
        choices: [keep, remove]
        default: remove
      below:
        description: Whether what is there already is left alone or gets the same rights.
        type: str
        choices: [leave, replace]
        default: leave
      rights:
        description: Who may do what.
        type: list
        elements: dict
        required: true
  state:
    description: The rights that are wanted, C(rights:PATH) to a text, as RV(after) has them.
    type: dict
  only_read:
    description: Whether the paths of O(state) are read and nothing is set.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: See what would change
  posix_permissions:
    folders:
      - path: /srv/dept/人事課
        owner: ""
        foreign: remove
        below: leave
        rights:
          - {who: fs_jinji_rw, may: modify, "on": [folder, subfolders, files]}
  register: found

- name: Bring it
  posix_permissions:
    state: "{{ found.after }}"
"""

RETURN = r"""
before:
  description: The present rights of all paths that would change or that the policy names.
  returned: with O(folders)
  type: dict
after:
  description: The rights that they would have.
  returned: with O(folders)
  type: dict
notes:
  description: Sentences for the approver.
  returned: with O(folders)
  type: list
  elements: str
now:
  description: The rights read back.
  returned: with O(state)
  type: dict
"""

PARTS = ["folder", "subfolders", "files"]
NEVER = {"type": "bool", "choices": [False], "default": False}
"""What a POSIX list cannot say."""

RIGHT = {
    "who": {"type": "str", "required": True},
    "may": {"type": "str", "choices": [*posix_rights.PERMISSIONS], "required": True},
    "deny": NEVER,
    "on": {"type": "list", "elements": "str", "choices": PARTS, "default": PARTS},
    "no_further": NEVER,
}

KEY = "rights:"
MOST = 500
"""So many files and folders below are kept by name, for the way back."""


def look(folders: list[dict[str, Any]]) -> dict[str, Any]:
    """Work out what a policy would change."""
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    notes = []
    untold = 0
    named = {folder["path"] for folder in folders}
    for folder in folders:
        path = folder["path"]
        present = posix_rights.state(path)
        if present is None or not Path(path).is_dir():
            raise posix_rights.Unsayable(f"there is no folder {path}")
        wanted = posix_rights.wanted(folder, present)
        before[KEY + path], after[KEY + path] = present, wanted
        if folder["below"] != "replace":
            continue
        seen = changed = 0
        for each in _below(path, named):
            seen += 1
            had = posix_rights.state(each)
            if had is None:
                continue
            gets = posix_rights.below(wanted, had, each)
            if gets == had:
                continue
            changed += 1
            if len(before) < MOST + len(named):
                before[KEY + each], after[KEY + each] = had, gets
            else:
                untold += 1
        notes.append(f"{path}: {seen} files and folders below, of which {changed} get other rights.")
    if untold:
        raise posix_rights.Unsayable(
            f"more than {MOST} files and folders below would change, and so many can be told and taken back: "
            "name the folders in it in changes of their own"
        )
    return {"before": before, "after": after, "notes": notes}


def _below(path: str, named: set[str]) -> list[str]:
    """All that is below, without links and without what the policy names itself."""
    found: list[Path] = []
    for at, folders, files in os.walk(path):
        folders[:] = sorted(each for each in folders if str(Path(at, each)) not in named)
        found += [Path(at, each) for each in (*folders, *sorted(files))]
    return [str(each) for each in found if not each.is_symlink()]


def bring(state: dict[str, str], *, only_read: bool) -> tuple[dict[str, str | None], bool]:
    """Bring paths to their rights; what they are then, and whether anything was changed."""
    changed = False
    for key, text in sorted(state.items()):
        path = key.removeprefix(KEY)
        if not only_read and posix_rights.state(path) != text:
            posix_rights.write(path, text)
            changed = True
    return {key: posix_rights.state(key.removeprefix(KEY)) for key in state}, changed


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "folders": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "path": {"type": "str", "required": True},
                    "owner": {"type": "str", "default": ""},
                    "inherits": NEVER,
                    "foreign": {"type": "str", "choices": ["keep", "remove"], "default": "remove"},
                    "below": {"type": "str", "choices": ["leave", "replace"], "default": "leave"},
                    "rights": {"type": "list", "elements": "dict", "required": True, "options": RIGHT},
                },
            },
            "state": {"type": "dict"},
            "only_read": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    given = module.params
    try:
        if given["state"] is None:
            module.exit_json(changed=False, **look(given["folders"]))
        now, changed = bring(given["state"], only_read=given["only_read"] or module.check_mode)
        module.exit_json(changed=changed, now=now)
    except (posix_rights.Unsayable, OSError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
