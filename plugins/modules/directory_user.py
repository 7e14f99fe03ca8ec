"""One person's account in the directory, brought to a wanted state from the controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.directory.state import Account
    from daicho.plan import Scalar

DOCUMENTATION = r"""
module: directory_user
short_description: Bring one person's account in the directory to a wanted state
description:
  - Makes, changes, moves, closes or opens an account in Active Directory or OpenLDAP through the same core
    as C(daicho people request), so that only what differs is written, in an order that a crash does not harm.
  - Attributes and groups that are not named stay as they are.
  - Runs on the controller, where daicho is installed. Set C(ansible_python_interpreter) to
    C(ansible_playbook_python) for it.
  - Nothing is approved or recorded here. What has to be goes through C(daicho request).
options:
  site:
    description: The folder of directory.yml.
    type: path
    required: true
  password:
    description: The password of C(bind_name).
    type: str
    required: true
  number:
    description: The employee number, by which the account is found.
    type: str
    required: true
  account:
    description: The logon name, needed for a new account.
    type: str
  dn:
    description: The distinguished name afterwards, needed for a new account; else it stays where it is.
    type: str
  attributes:
    description: Attributes with their wanted value; an empty text takes the attribute away.
    type: dict
    default: {}
  groups:
    description: Groups to be in.
    type: list
    elements: str
    default: []
  groups_left:
    description: Groups not to be in.
    type: list
    elements: str
    default: []
  enabled:
    description: Whether the account can be used. A new one cannot unless this says so.
    type: bool
  initial_password:
    description: The first password of a new account; it must be changed at the first logon.
    type: str
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author:
  - daicho contributors
"""

EXAMPLES = r"""
- name: Put a person into a project
  directory_user:
    site: /var/lib/daicho/inventory
    password: "{{ directory_password }}"
    number: "11000167"
    groups: [PJ_0001]
  delegate_to: localhost
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""

RETURN = r"""
state:
  description: The account's state afterwards, as daicho's plans show it.
  returned: success
  type: dict
  sample: {"dn": "CN=佐藤 花子,OU=職員,DC=example,DC=jp", "enabled": true, "group:PJ_0001": member}
"""

ARGUMENTS: dict[str, dict[str, Any]] = {
    "site": {"type": "path", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "number": {"type": "str", "required": True},
    "account": {"type": "str"},
    "dn": {"type": "str"},
    "attributes": {"type": "dict", "default": {}},
    "groups": {"type": "list", "elements": "str", "default": []},
    "groups_left": {"type": "list", "elements": "str", "default": []},
    "enabled": {"type": "bool"},
    "initial_password": {"type": "str", "no_log": True},
}


def wishes(given: Mapping[str, Any], found: Account | None, login: str, number: str) -> dict[str, Scalar]:
    """What is to be different, as keys of a state."""
    from daicho.directory import state as keys  # noqa: PLC0415

    wished: dict[str, Scalar] = {
        keys.attribute_key(name): str(value) or None for name, value in given["attributes"].items()
    }
    wished |= {keys.group_key(name): keys.MEMBER for name in given["groups"]}
    wished |= {keys.group_key(name): None for name in given["groups_left"]}
    for key, value in ((keys.DN, given["dn"]), (keys.ENABLED, given["enabled"])):
        if value is not None:
            wished[key] = value
    if found is None:
        wished[keys.attribute_key(login)] = given["account"]
        wished[keys.attribute_key(number)] = given["number"]
    return wished


def bring(given: Mapping[str, Any], *, check: bool) -> dict[str, Any]:
    """Bring the account to its state, or only say what would become of it.

    Raises:
        DaichoError: It cannot be, in words.
    """
    from daicho.accounts.rules import DirectoryFile  # noqa: PLC0415
    from daicho.directory.case import Work  # noqa: PLC0415
    from daicho.directory.planning import Planner  # noqa: PLC0415
    from daicho.directory.reading import Reader  # noqa: PLC0415
    from daicho.directory.session import Session  # noqa: PLC0415
    from daicho.directory.writing import Writer  # noqa: PLC0415
    from daicho.errors import DaichoError  # noqa: PLC0415
    from daicho.plan import differences  # noqa: PLC0415

    rules = DirectoryFile.read(Path(given["site"]))
    with Session(rules.directory, lambda: given["password"]) as session:
        reader = Reader(session)
        found = reader.by_number([given["number"]]).get(given["number"])
        wished = wishes(given, found, reader.dialect.login, reader.number)
        before = dict(found.state) if found else {}
        after = Planner(reader).becomes(found, wished)
        changes = differences(before, after)
        if changes and not check:
            writer = Writer(reader, lambda _key: given["initial_password"])
            for _key, outcome in writer.carry_out([Work(key=given["number"], found=found, wanted=after)]):
                if isinstance(outcome, DaichoError):
                    raise outcome
                after = dict(outcome.state) if outcome else {}
    told = {
        "before": {each.key: each.before for each in changes},
        "after": {each.key: each.after for each in changes},
    }
    return {"changed": bool(changes), "state": after, "diff": told}


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True, required_together=[("account", "dn")])
    try:
        from daicho.errors import DaichoError  # noqa: PLC0415
    except ImportError:
        module.fail_json(
            msg="daicho is not installed for this Python. Set ansible_python_interpreter to "
            "ansible_playbook_python, so that the module runs where daicho is."
        )
    if module.params["account"] and not module.params["initial_password"]:
        module.fail_json(msg="A new account needs initial_password.")
    try:
        module.exit_json(**bring(module.params, check=module.check_mode))
    except DaichoError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
