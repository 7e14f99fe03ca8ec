"""What can go wrong with a Windows endpoint, in words.

Trouble
├── Unreachable
│   ├── Silent            nobody answers there
│   ├── Lost              it went away while a script ran: not known whether that was done
│   └── Overloaded        it answers, and cannot work now
├── NotTrusted            its certificate does not fit; nothing was sent
├── LogonRefused          our name and password, or the way of logging on, are refused
├── NotTried              others have refused our logon, and an account can be locked
├── OtherMachine          under this address another machine answers; nothing was done
├── NotDone               a script says why it could not
├── NotInTime             a script was stopped because its time was over
└── NotUnderstood         what came back is not what a script of ours prints
"""

from __future__ import annotations

from daicho.craft import Trouble, Unreachable
from daicho.i18n import N_


class Silent(Unreachable):
    """Nobody answers."""

    sentence = N_("{address} does not answer ({why}).")


class Lost(Unreachable):
    """The connection broke after the script had begun."""

    sentence = N_(
        "{address} went away while {script} ran; whether it was done is not known. It may be restarting: "
        "read its state before you go on."
    )


class Overloaded(Unreachable):
    """WinRM answers and cannot serve us now."""

    sentence = N_("{address} answers but cannot work now ({why}). Try again later.")


class NotTrusted(Trouble):
    """Nothing was sent: no name, no password."""

    sentence = N_("The certificate of {address} is not trusted: {why}. Nothing was sent to it. {remedy}")


class LogonRefused(Trouble):
    """Tried once, so that the account is not locked."""

    sentence = N_("{address} does not let {user} log on: {why}. It was tried once. {remedy}")


class NotTried(Trouble):
    """The password may be wrong, and a domain locks an account after a few of those."""

    sentence = N_(
        "{address} was not logged on to: {count} machines before it have refused {user} and none has "
        "accepted it. Check the secret `windows` and `user:` in windows.yml."
    )


class OtherMachine(Trouble):
    """Renamed, or two items with one address."""

    sentence = N_(
        "Under {address} answers {found}, not {wanted}. Nothing was done there. Was the machine renamed, "
        "or do two items have this address? Correct the item."
    )


class NotDone(Trouble):
    """`kind` is a word that a script gives on purpose (`no_space`), else `error`."""

    sentence = N_("{script}: {why}")

    def __init__(self, kind: str, *, script: str, why: str) -> None:
        """Keep the kind apart from the words."""
        super().__init__(script=script, why=why)
        self.kind = kind


class NotInTime(Trouble):
    """It was told to stop."""

    sentence = N_("{script} was still running on {address} after {seconds} s and was stopped.")


class NotUnderstood(Trouble):
    """Neither a result nor a reason."""

    sentence = N_("{script} on {address} ended with code {code} and no answer: {said}")
