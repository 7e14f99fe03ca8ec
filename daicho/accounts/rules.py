"""The site file `directory.yml`: where the directory is, and the site's rules for accounts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from daicho.accounts.card_rules import CardRules
from daicho.accounts.slips import Slips, recipient
from daicho.accounts.terminal_rules import TerminalRules
from daicho.craft import SLIPS
from daicho.directory.passwords import PasswordPolicy
from daicho.directory.settings import DirectorySettings
from daicho.documents import Document, judge, load, read_file
from daicho.i18n import gettext as _
from daicho.people.policy import People

if TYPE_CHECKING:
    from typing import Self

FILE: Final = "directory.yml"
SECRET: Final = "directory"  # noqa: S105 -- the name of a secret
"""The site's secret that holds the password of `bind_name`."""
_PRIVILEGED: Final = (
    *("Administrators", "Domain Admins", "Enterprise Admins", "Schema Admins", "Account Operators"),
    *("Backup Operators", "Server Operators", "Print Operators", "DnsAdmins", "Group Policy Creator Owners"),
)


class SlipRules(Document):
    """How initial passwords reach their owners."""

    seal_to: Path | None = None
    """A certificate (PEM, RSA) beside directory.yml that slips are sealed to; absent: plain PDFs."""
    office: str = Field(default="", max_length=60)
    """Who hands the slips out and is asked when something is wrong."""


class HomeRules(Document):
    """How home folders are made."""

    user: str = Field(default="", max_length=200)
    """Who logs on to the file server, with the secret `fileserver`; empty: `bind_name` with its password."""
    make: bool = True
    """Whether a new account gets its folder on the file server; else only the path is written."""
    administrators: str = Field(default="", max_length=64)
    """A group that may enter every home folder beside the server's administrators; empty: none."""


class DirectoryFile(Document):
    """The directory of a site and its rules for accounts."""

    directory: DirectorySettings
    """Where the directory is and how to log on to it."""
    people: People = People()
    """How accounts are called and what sections give."""
    passwords: PasswordPolicy = PasswordPolicy()
    """How initial passwords are made."""
    slips: SlipRules = SlipRules()
    """How they reach their owners."""
    homes: HomeRules = HomeRules()
    """How home folders are made."""
    cards: CardRules = CardRules()
    """Where logon cards are kept."""
    terminals: TerminalRules = TerminalRules()
    """How terminals are kept."""
    privileged: tuple[str, ...] = Field(default=_PRIVILEGED)
    """Groups whose members may do more than others, however deep they are in them."""
    time_zone: str = "Asia/Tokyo"
    """Where the days of personnel files begin and end."""
    undo_created: Literal["disable", "delete"] = "disable"
    """What taking back a creation means: the account is closed and put aside, or it is removed if nobody
    has ever logged on with it."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(_("{name!r} is no time zone; write it like Asia/Tokyo").format(name=name))
        return name

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site; paths in it count from its folder.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        path = folder / FILE
        found = judge(cls, load(read_file(path), FILE), FILE)
        if (authority := found.directory.ca_file) is None or authority.is_absolute():
            return found
        its = found.directory.model_copy(update={"ca_file": folder / authority})
        return found.model_copy(update={"directory": its})

    def slips_in(self, folder: Path, site: Path) -> Slips:
        """Where the slips of a run go.

        Args:
            folder: The run's folder.
            site: The folder of directory.yml.

        Raises:
            NoSeal: The recipient's certificate cannot be used.
        """
        to = recipient(site / self.slips.seal_to) if self.slips.seal_to else None
        return Slips(folder=folder / SLIPS, office=self.slips.office, recipient=to)
