"""A file server's statuses in words (MS-ERREF, section 2.3.1). Pure."""

from __future__ import annotations

from typing import Final

from daicho.i18n import N_

ALIKE: Final = frozenset({0xC000006D, 0xC000006A, 0xC0000064})
"""Name or password is wrong; servers do not say which of them."""

REASONS: Final = {
    0xC0000022: N_("the account has no right to it"),
    0xC0000034: N_("there is no such file or folder"),
    0xC0000035: N_("there is another one of this name"),
    0xC0000043: N_("somebody has it open"),
    0xC000003A: N_("there is no such file or folder"),
    0xC000006D: N_("the name or the password is wrong"),
    0xC000006A: N_("the name or the password is wrong"),
    0xC0000064: N_("the name or the password is wrong"),
    0xC000006E: N_("the account may not log on like this"),
    0xC000006F: N_("the user may not log on at this time"),
    0xC0000070: N_("the user may not log on from this machine"),
    0xC0000071: N_("the password has expired"),
    0xC0000072: N_("the account is disabled"),
    0xC000015B: N_("the account may not log on like this"),
    0xC0000193: N_("the account has expired"),
    0xC0000224: N_("the password must be changed first"),
    0xC0000234: N_("the account is locked"),
    0xC000005E: N_("it reaches no domain controller at the moment"),
    0xC0000257: N_("it is a link to another place, which is not followed"),
    0x8000002D: N_("it is a link to another place, which is not followed"),
    0xC00000CC: N_("there is no such share"),
}
