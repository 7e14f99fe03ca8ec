"""A directory's result codes in words (RFC 4511, and what Active Directory adds). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory.wrong import Interrupted, WriteRefused
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_SUCH_ATTRIBUTE: Final = 16
CONSTRAINT: Final = 19
VALUE_EXISTS: Final = 20
NO_SUCH_OBJECT: Final = 32
UNWILLING: Final = 53
CLASS_VIOLATION: Final = 65
ENTRY_EXISTS: Final = 68
_BUSY: Final = frozenset({51, 52})

_ACTS: Final = {
    "add": N_("The directory did not create"),
    "change": N_("The directory did not change"),
    "move": N_("The directory did not move"),
    "delete": N_("The directory did not delete"),
    "password": N_("The directory did not set the password of"),
    "search": N_("The directory did not search"),
}

_REASONS: Final = {
    3: N_("it took too long. Ask for less at a time"),
    4: N_("there are more entries than it hands out. Lower page_size"),
    8: N_("it demands a stronger logon"),
    11: N_("a limit of the server was reached. Lower page_size"),
    16: N_("the attribute or value is not there any more. Plan again"),
    17: N_("it does not know one of the attributes. Correct the attributes in directory.yml"),
    19: N_("a value is not allowed there: too long, or out of its range. Correct it and plan again"),
    20: N_("the value is there already. Plan again"),
    21: N_("a value is not written as the attribute demands, or too long. Correct it and plan again"),
    32: N_("it is not there any more, or the place that it should go to is not. Plan again"),
    34: N_("the name is not one that the directory accepts. Correct it and plan again"),
    50: N_("our account may not do that. Have the right delegated to it"),
    53: N_("the directory's rules forbid it"),
    64: N_("an entry cannot be named like this there. Correct the place in directory.yml"),
    65: N_(
        "an attribute is missing that entries of this kind must have, or one is there that they cannot have"
    ),
    66: N_("there is something in it. Move that away first"),
    68: N_("another entry has this name. Choose another and plan again"),
    71: N_("it would leave the domain. Accounts are moved within one domain only"),
}

# MS-ERREF: what Active Directory and Samba put before the text.
_WINDOWS: Final = {
    "0000052D": N_("the password does not meet the domain's policy. Correct `passwords:` in directory.yml"),
    "00000056": N_("the old password is not right"),
    "00002071": N_("another entry has this name. Choose another and plan again"),
    "0000202B": N_("it belongs to another domain"),
    "000021C8": N_("another account has this user principal name. Choose another and plan again"),
    "00000524": N_("another account has this logon name. Choose another and plan again"),
    "00000525": N_("it is not there any more. Plan again"),
    "00000561": N_("the account is in the group already"),
    "00000562": N_("the account is in the group already"),
    "00000569": N_("the account may not log on like this"),
}


def refusal(what: str, dn: str, result: Mapping[str, object]) -> WriteRefused | Interrupted:
    """The answer of a server as an error with a sentence.

    Args:
        what: What was asked: add, change, move, delete, password, search.
        dn: On which entry.
        result: ldap3's result: `result` is the code, `message` the server's text.
    """
    code = int(str(result["result"]))
    said = " ".join(str(result.get("message") or result.get("description") or "").split())
    if code in _BUSY:
        return Interrupted(server=_("the directory"), why=said)
    template = _WINDOWS.get(said[:8].upper()) or _REASONS.get(code)
    why = _(template) if template else _("it answers with result {code}").format(code=code)
    if said:
        why = _("{why}. (The server says: {said})").format(why=why, said=said[:200])
    else:
        why = _("{why}.").format(why=why)
    return WriteRefused(code=code, what=_(_ACTS[what]), dn=dn, why=why)
