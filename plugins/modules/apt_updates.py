"""What an update of this Debian machine would change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

if TYPE_CHECKING:
    from plugins.module_utils import apt_cache, apt_choice, dpkg_state
    from plugins.module_utils.apt_choice import Change, Kept, Room, Wish
else:
    from ansible.module_utils import apt_cache, apt_choice, dpkg_state
    from ansible.module_utils.apt_choice import Room, Wish

DOCUMENTATION = r"""
module: apt_updates
short_description: Tell what an update of a Debian machine would change
description:
  - Refreshes the package index and returns which packages would change from which version to which,
    where they come from, whether there is room for them, and what is left out and why.
  - Changes nothing except the package index, in check mode as well; a plan made on a stale index would
    be a plan of something else.
  - Fails, with a sentence that says what to do, where an update could not be carried out - an index
    that is not signed by a trusted key, interrupted or half-done packages, unmet dependencies, a disk
    without room.
options:
  scope:
    description:
      - V(security) takes each package to the newest version that a security suite carries.
      - V(all) takes each package to the version that apt's policy prefers.
    type: str
    choices: [security, all]
    default: security
  allow:
    description: Shell patterns of package names; when given, only these are updated.
    type: list
    elements: str
    default: []
  deny:
    description: Shell patterns of package names that are never updated. They win over O(allow).
    type: list
    elements: str
    default: []
  packages:
    description:
      - Exact versions, as in an approved plan or its inverse; null means not installed.
      - When given, O(scope), O(allow) and O(deny) are not consulted and nothing else is looked at.
      - Keys may be those of an approved state (C(package:NAME)); the key C(reboot) is passed over.
    type: dict
  downgrade:
    description: Whether O(packages) may name older versions than those installed. Only an undo should.
    type: bool
    default: false
  reboot:
    description: The reboot policy, which becomes part of the returned states.
    type: str
    choices: [never, if_required, always]
    default: if_required
  security:
    description: Shell patterns of the suites, codenames and labels that carry security updates.
    type: list
    elements: str
    default: ["*-security", "Debian-Security"]
  refresh_timeout:
    description: Seconds after which a refresh of the index is given up.
    type: int
    default: 300
attributes:
  check_mode:
    support: full
requirements:
  - python3-apt on the target
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: See what security updates would change
  apt_updates:
    deny: ["linux-*"]
  register: updates
  become: true

- name: See what going back would change
  apt_updates:
    packages:
      openssl: 3.0.15-1~deb12u1
    downgrade: true
  register: updates
  become: true
"""

RETURN = r"""
updates:
  description: The packages that would change, by name.
  returned: success
  type: list
  elements: dict
  sample:
    - name: openssl
      from: 3.0.15-1~deb12u1
      to: 3.0.17-1~deb12u2
      origin: Debian
      suite: stable-security
      security: true
      download: 1431232
kept:
  description: The updates in scope that would not be made, with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - name: office-suite
      installed: "1.0"
      offered: "1.1"
      why: held on the machine
before:
  description: The present state, as C(daicho_intend) takes it.
  returned: success
  type: dict
  sample: {"package:openssl": 3.0.15-1~deb12u1, "reboot": not done}
after:
  description: The state after the update.
  returned: success
  type: dict
  sample: {"package:openssl": 3.0.17-1~deb12u2, "reboot": if required}
inverse:
  description: The versions to go back to, with the keys of RV(before); null when there is no way back.
  returned: success
  type: dict
  sample: {"package:openssl": 3.0.15-1~deb12u1}
irreversible:
  description: Why there is no way back; null when there is one.
  returned: success
  type: str
notes:
  description: What an approver should read, as sentences.
  returned: success
  type: list
  elements: str
reboot_required:
  description: What asks for a reboot already now; package names, or C(kernel).
  returned: success
  type: list
  elements: str
failed_units:
  description: The units that systemd reports as failed already now.
  returned: success
  type: list
  elements: str
space:
  description: Bytes needed at the height of the transaction.
  returned: success
  type: dict
  sample: {"archives": 1431232, "system": 2097152, "admin": 3145728}
"""

REFRESH = ("apt-get", "update", "--quiet=2", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=1")
ARCHIVES = "/var/cache/apt/archives"
SYSTEM = "/usr"
ADMIN = "/var/lib/dpkg"


def refresh(seconds: int) -> None:
    """Fetch the package index; anything that is not wholly good is an error."""
    answer = dpkg_state.ask(*REFRESH, seconds=seconds)
    if answer.code:
        raise apt_cache.AptTrouble(apt_choice.describe_refresh(answer.code, answer.err))


def room(folder: str) -> Room:
    """Return the file system that holds a folder."""
    state = os.statvfs(folder)
    return Room(folder, os.stat(folder).st_dev, state.f_bavail * state.f_frsize)  # noqa: PTH116  # bytes, not a Path


def mark(cache: Any, params: dict[str, Any]) -> tuple[dict[str, str | None], list[Kept]]:
    """Mark what is asked for; return the exact versions that were named, if any, and what was left out."""
    if params["packages"] is not None:
        wanted = apt_choice.bare(params["packages"])
        apt_cache.mark_exactly(cache, wanted)
        return wanted, []
    wish = Wish(params["scope"], params["allow"], params["deny"], params["security"])
    choice = apt_choice.choose(apt_cache.upgradable(cache), wish)
    kept = choice.kept + apt_cache.mark_best(cache, choice.chosen, wish)
    return {}, sorted(kept)


def check_direction(cache: Any, changes: list[Change]) -> None:
    """Refuse an older version outside an undo."""
    older = [f"{change.name} {change.after}" for change in changes if cache[change.name].marked_downgrade]
    if older:
        raise apt_cache.AptTrouble(
            f"Older than what is installed: {', '.join(older)}. Only an undo may go back: `daicho undo RUN`."
        )


def look(params: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the module reports."""
    apt_cache.require()
    trouble = dpkg_state.dpkg_trouble()
    if trouble:
        raise apt_cache.AptTrouble(trouble)
    refresh(params["refresh_timeout"])
    cache = apt_cache.open_cache()
    exact, kept = mark(cache, params)
    changes = apt_cache.changes(cache, params["security"])
    if not params["downgrade"]:
        check_direction(cache, changes)
    space = apt_choice.space_needed(changes, (Path(ADMIN) / "status").stat().st_size)
    shortage = apt_choice.shortage(
        [(room(ARCHIVES), space.archives), (room(SYSTEM), space.system), (room(ADMIN), space.admin)]
    )
    if shortage:
        raise apt_cache.AptTrouble(shortage)
    reasons = dpkg_state.reboot_reasons()
    lost = apt_choice.irreversible(changes)
    wanted = {**exact, **{change.name: change.after for change in changes}}
    installed = apt_cache.versions_now(cache, list(wanted))
    # A run that resumes finds its packages done; the reboot that was approved with them is still owed.
    finish = bool(reasons) or apt_choice.REBOOT in (params["packages"] or {})
    before, after = apt_choice.states(installed, wanted, params["reboot"], finish=finish)
    return {
        "updates": [change.facts() for change in changes],
        "kept": [update._asdict() for update in kept],
        "before": before,
        "after": after,
        "inverse": None if lost else {apt_choice.PREFIX + change.name: change.before for change in changes},
        "irreversible": lost,
        "notes": apt_choice.notes(changes, kept, params["reboot"], reasons),
        "reboot_required": reasons,
        "failed_units": dpkg_state.failed_units(),
        "space": space._asdict(),
    }


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "scope": {"type": "str", "choices": ["security", "all"], "default": "security"},
            "allow": {"type": "list", "elements": "str", "default": []},
            "deny": {"type": "list", "elements": "str", "default": []},
            "packages": {"type": "dict"},
            "downgrade": {"type": "bool", "default": False},
            "reboot": {
                "type": "str",
                "choices": ["never", "if_required", "always"],
                "default": "if_required",
            },
            "security": {"type": "list", "elements": "str", "default": ["*-security", "Debian-Security"]},
            "refresh_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    try:
        found = look(module.params)
    except apt_cache.AptTrouble as trouble:
        module.fail_json(msg=str(trouble))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
