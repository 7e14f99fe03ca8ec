"""What has to happen to one person's account, and on which day."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Act(StrEnum):
    """The kind of a step."""

    PREPARE = "prepare"
    """The account is made, disabled, some days before it is needed."""
    ENABLE = "enable"
    """The first day: the account can be used (and is made, if nobody prepared it)."""
    RESTORE = "restore"
    """The old account of somebody who comes back."""
    MOVE = "move"
    """New section, new groups; those of the old section stay for the hand-over."""
    RELEASE = "release"
    """The hand-over is over: the old section's groups go."""
    ASSIGN = "assign"
    """The groups of a further section come."""
    EXTEND = "extend"
    """The account ends on another day."""
    RENAME = "rename"
    """Another name is shown; the account keeps its own."""
    DISABLE = "disable"
    """The day after the last: disabled, without groups, put aside. Never deleted."""

    @property
    def label(self) -> str:
        """The words for people, as a message to translate."""
        return _LABELS[self]


_LABELS = {
    Act.PREPARE: N_("is prepared"),
    Act.ENABLE: N_("is enabled"),
    Act.RESTORE: N_("comes back"),
    Act.MOVE: N_("moves"),
    Act.RELEASE: N_("loses the old section's groups"),
    Act.ASSIGN: N_("gains a further section"),
    Act.EXTEND: N_("ends on another day"),
    Act.RENAME: N_("is renamed"),
    Act.DISABLE: N_("is disabled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home folder and how it is reached."""

    path: str
    """UNC path."""
    drive: str = ""
    """`H:`."""
    quota: int | None = None
    """Most megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How an account is to look. A value that is None is left as it is."""

    account: str
    """sAMAccountName or uid: unique among all accounts, disabled ones too; at most 20 letters."""
    principal: str | None = None
    """userPrincipalName."""
    mail: str | None = None
    common_name: str | None = None
    container: tuple[str, ...] | None = None
    """Names of organisational units from the top down, below the base: `("職員", "総務課")`."""
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    """Attribute → text, under the names of the flavour; None takes the attribute away."""
    manager: str | None = None
    """Account of the superior."""
    home: Home | None = None
    script: str | None = None
    """Logon script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One dated step of one person."""

    day: date
    act: Act
    number: str
    """Employee number."""
    exists: bool
    """Whether there is an account already, as far as the steps before this one go."""
    profile: Profile
    enabled: bool | None = None
    """Whether the account can be used afterwards; None: as before."""
    gains: frozenset[str] = frozenset()
    """Groups to become a member of."""
    loses: frozenset[str] = frozenset()
    """Groups to leave; of a DISABLE all of them, those that the plan does not know too."""
    expires: date | None = None
    """Last day on which the account can be used; see `expiry`."""
    expiry: bool = False
    """Whether `expires` is to be set (None: never ends)."""
    because: tuple[str, ...] = ()
    """Places of the rows that it follows from."""
