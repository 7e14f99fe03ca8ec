"""What can go wrong with the name server, in words.

NamesError                     the server refused or could not be asked
├── NamesAway                  it does not answer
├── KeyRefused                 it does not know our key, or our answer's signature is wrong
├── UpdateRefused              it does not take updates of this zone from us
├── NameDiffers                the name is not as it was looked at: somebody else changed it
└── AddressNamed               the address gives another's name, who keeps it
"""

from __future__ import annotations

from typing import ClassVar

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_


class NamesError(DaichoError):
    """The name server refused or could not be asked."""

    exit_code = ExitCode.FAILED
    sentence = N_("The name server {server} refuses: {why}")
    unreachable: ClassVar[bool] = False


class NamesAway(NamesError):
    """It does not answer."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("The name server {server} does not answer: {why}. Check it, and `dns:` in services.yml.")
    unreachable = True


class KeyRefused(NamesError):
    """The key of one side is not the key of the other."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The name server {server} and we do not share the key {key} ({why}). Correct the secret `dns` or "
        "`key:` in services.yml."
    )


class UpdateRefused(NamesError):
    """It takes no updates of a zone from us."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The name server {server} takes no updates of the zone {zone} from us ({why}). Allow the key there "
        "(`update-policy`), or correct `domain:` and `reverse:` in services.yml."
    )


class NameDiffers(NamesError):
    """A name is not as it was looked at."""

    sentence = N_(
        "the name {name} is {found} and was {expected} when it was looked at: somebody else changed it. "
        "Plan anew"
    )


class AddressNamed(NamesError):
    """An address gives another's name, who keeps it."""

    sentence = N_("the address {address} gives the name {holder}, which does not give it up")
