"""Fill a directory whose domain controller is off. Runs on the system's Python, on the machine itself.

Standard input is one JSON document: `passwords` (account -> password), `settings` (attributes of the
domain), `names` (account -> service principal names), `people_password`, `objects` (what to add, in order;
people get the people's password) and `members` (group DN -> DNs).
"""

from __future__ import annotations

import json
import sys
from typing import Any

import ldb  # type: ignore[import-not-found]
from samba.auth import system_session  # type: ignore[import-not-found]
from samba.crypto import md4_hash_blob  # type: ignore[import-not-found]
from samba.param import LoadParm  # type: ignore[import-not-found]
from samba.samdb import SamDB  # type: ignore[import-not-found]

# A hash instead of a password saves the key derivation, 90 % of the cost of a person.
HASHES_AS_GIVEN = "local_oid:1.3.6.1.4.1.7165.4.3.9:0"
AT_ONCE = 500


def main() -> None:
    wanted = json.load(sys.stdin)
    parameters = LoadParm()
    parameters.load_default()
    samdb = SamDB(session_info=system_session(), lp=parameters)
    if wanted.get("settings"):
        replace(samdb, str(samdb.domain_dn()), wanted["settings"])
    add(samdb, wanted.get("objects", []), wanted.get("people_password", ""))
    for group, members in wanted.get("members", {}).items():
        modify(samdb, group, {"member": members}, ldb.FLAG_MOD_ADD)
    for account, names in wanted.get("names", {}).items():
        found = samdb.search(expression=f"(sAMAccountName={account})", attrs=["servicePrincipalName"])[0]
        known = {str(name) for name in found.get("servicePrincipalName", [])}
        modify(samdb, str(found.dn), {"servicePrincipalName": sorted(set(names) - known)}, ldb.FLAG_MOD_ADD)
    for account, password in wanted.get("passwords", {}).items():
        query = f"(sAMAccountName={account})"
        samdb.setpassword(query, password, force_change_at_next_login=False)
        samdb.setexpiry(query, 0, no_expiry_req=True)


def add(samdb: Any, objects: list[dict[str, Any]], password: str) -> None:
    """Add objects in transactions of a size that the database bears."""
    blob = md4_hash_blob(password.encode("utf-16-le"))
    for start in range(0, len(objects), AT_ONCE):
        samdb.transaction_start()
        for entry in objects[start : start + AT_ONCE]:
            if entry["objectClass"] == "user" and password:
                samdb.add({**entry, "unicodePwd": blob}, [HASHES_AS_GIVEN])
            else:
                samdb.add(entry)
        samdb.transaction_commit()


def replace(samdb: Any, name: str, attributes: dict[str, Any]) -> None:
    modify(samdb, name, {key: [value] for key, value in attributes.items()}, ldb.FLAG_MOD_REPLACE)


def modify(samdb: Any, name: str, attributes: dict[str, list[str]], flag: int) -> None:
    message = ldb.Message(ldb.Dn(samdb, name))
    for key, values in attributes.items():
        if values:
            message[key] = ldb.MessageElement(values, flag, key)
    if len(message):
        samdb.modify(message)


if __name__ == "__main__":
    main()
