"""The account of a machine whose password is changed: looked at, set, and logged on with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from daicho.craft import Trouble
from daicho.endpoints import script
from daicho.endpoints.linux import ProgramFailed
from daicho.endpoints.session import Access, Session, endpoint_of
from daicho.endpoints.wrong import LogonRefused
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daicho.endpoints.linux import Linux


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a machine says of the account."""

    account: str
    usable: bool
    """Whether a password opens it at all: it is not disabled, not locked."""
    mark: str
    """Other for each setting of the password, and nothing that helps to guess it."""


class NotProven(Trouble):
    """The new password was set and nobody gets in with it."""

    sentence = N_(
        "The new password of {account} was set on {machine}, and a logon with it was refused: {why}."
    )


class Account(Protocol):
    """The account on one machine. Every call is a session of its own."""

    def look(self) -> Seen:
        """What the machine says of it."""

    def give(self, password: str) -> None:
        """Set its password."""

    def prove(self, account: str, password: str) -> Seen:
        """Log on with the account's name and password, anew.

        Raises:
            NotProven: It was refused.
        """


ROOT: Final = "root"

# The salt of a hash is drawn anew for each setting; the hash itself stays on the machine.
_LOOK: Final = """\
line=$(getent shadow -- "$1") || { echo "there is no account $1" >&2; exit 3; }
hash=$(printf %s "$line" | cut -d: -f2)
day=$(printf %s "$line" | cut -d: -f3)
case $hash in ''|'!'*|'*'*) usable=no ;; *) usable=yes ;; esac
case $hash in '$'*|'!$'*) salt=${hash%\\$*} ;; *) salt=none ;; esac
printf '%s\\n' "$usable" "$day:$salt"
"""
_GIVE: Final = "chpasswd && sync /etc/shadow"
# From nobody's account, so that su asks for the password as it asks everybody.
_PROVE: Final = (
    'exec setpriv --reuid=65534 --regid=65534 --clear-groups su -s /bin/sh -c "exit 0" -- "$1" 2>&1'
)


@dataclass(frozen=True, kw_only=True)
class LinuxAccount:
    """root, or another account, of a Linux machine."""

    machine: Linux
    account: str = ROOT

    def look(self) -> Seen:
        """From the shadow file, without the hash."""
        usable, mark = self.machine.run("look at the account", _LOOK, self.account).split()
        return Seen(account=self.account, usable=usable == "yes", mark=mark)

    def give(self, password: str) -> None:
        """With chpasswd, through PAM."""
        self.machine.run("chpasswd", _GIVE, given=f"{self.account}:{password}\n")

    def prove(self, account: str, password: str) -> Seen:
        """With su, as somebody who is not root."""
        try:
            self.machine.run("su", _PROVE, account, given=f"{password}\n")
        except ProgramFailed as error:
            why = str(error.facts["said"]).removeprefix("Password: ")
            raise NotProven(account=account, machine=self.machine.name, why=why.rstrip(".")) from error
        return self.look()


@dataclass(frozen=True, kw_only=True)
class WindowsAccount:
    """The built-in administrator (its SID ends in -500), or another local account, of a Windows machine."""

    name: str
    variables: Mapping[str, object] = field(repr=False)
    access: Callable[[], Access]
    account: str = ""

    def look(self) -> Seen:
        """By its SID, whatever it is called in the machine's language."""
        with self._session(self.access()) as session:
            return self._seen(session)

    def give(self, password: str) -> None:
        """In a session of the site's own account."""
        with self._session(self.access()) as session:
            script.run(session, "set_admin_password", {"account": self.account, "password": password})

    def prove(self, account: str, password: str) -> Seen:
        """Over the network, as that account."""
        access, computer = self.access(), endpoint_of(self.name, self.variables).computer
        site = access.site.model_copy(update={"user": f"{computer}\\{account}"})
        try:
            with self._session(Access(site=site, password=password)) as session:
                return self._seen(session)
        except LogonRefused as error:
            why = str(error.facts["why"])
            raise NotProven(account=account, machine=self.name, why=why) from error

    def _session(self, access: Access) -> Session:
        return Session(endpoint_of(self.name, self.variables), access)

    def _seen(self, session: Session) -> Seen:
        told = script.run(session, "get_admin_account", {"account": self.account})
        return Seen(
            account=str(told["account"]), usable=bool(told["enabled"]), mark=str(told["password_set"] or "")
        )


def unusable(seen: Seen, *, windows: bool) -> str:
    """Why a password would open nothing; empty: it would."""
    if windows and not seen.usable:
        why = _(
            "the account {account} is disabled, so that a new password could not be proven. Enable it, or "
            "name another account"
        )
        return why.format(account=seen.account)
    return ""
