"""The site policy: who is who, who may do what, how many must agree, when nothing may move.

The policy in force is the one last adopted into the ledger, not a file: an edit that nobody
recorded changes nothing. Its digest is part of every permit.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from daicho import canonical, sshsig
from daicho.budget import Budget
from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.rings import Rings
from daicho.times import SiteMoment, aware
from daicho.waves import check_waves

type Act = Literal["request", "approve", "operate"]


class Key(Document):
    """One SSH public key of a person, with the days between which it counts."""

    key: str
    """The line of the `.pub` file; its comment is left out."""
    valid_from: date | None = None
    """The first day on which it counts."""
    valid_until: date | None = None
    """The last day on which it counts."""
    revoked: date | None = None
    """When it was revoked. Nothing that it signed counts any more, however early it was signed."""

    @field_validator("key")
    @classmethod
    def _without_comment(cls, key: str) -> str:
        line = " ".join(key.split()[:2])
        if "-cert-" in line.partition(" ")[0]:
            raise ValueError(_("it is a certificate; write the public key itself"))
        sshsig.fingerprint(line)
        return line

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError(_("the key ends before it begins"))
        return self


class Rights(Document):
    """The works a person may request, approve and operate, as glob patterns."""

    request: tuple[str, ...] = ()
    """May ask for changes of these works, plan them, and take runs back."""
    approve: tuple[str, ...] = ()
    """May approve or reject them, and review emergencies."""
    operate: tuple[str, ...] = ()
    """May run them, once they are approved."""
    administer: bool = False
    """May adopt a new policy, import items, make checkpoints."""


class Principal(Document):
    """A person of the site."""

    name: str = Field(pattern=r"^[a-z][a-z0-9._-]{0,31}$")
    """The name in the ledger, which stays."""
    display: str = ""
    """The name as people write it."""
    accounts: tuple[str, ...] = ()
    """Login names on the controller that may act as this person."""
    keys: tuple[Key, ...] = ()
    """What they sign with."""
    may: Rights = Rights()
    """What they may do."""


class Wide(Document):
    """From how many targets on a change counts as wide, and how many must agree then."""

    over: int = Field(ge=1)
    """A change on more targets than this is wide."""
    approvers: int = Field(ge=1)
    """How many people must agree to it."""


class Quorum(Document):
    """How many approvers a change needs; the highest number that applies counts."""

    normal: int = Field(default=1, ge=1)
    """For a change that is planned and approved each time."""
    standard: int = Field(default=1, ge=1)
    """For a pattern that is approved in advance."""
    irreversible: int = Field(default=2, ge=1)
    """For a change that cannot be taken back on one of its targets."""
    wide: tuple[Wide, ...] = ()
    """For changes on many targets."""


class Freeze(Document):
    """A period in which nothing but emergencies runs."""

    name: str
    """What it is called in a refusal."""
    begin: SiteMoment = Field(alias="from")
    """When it begins."""
    end: SiteMoment = Field(alias="until")
    """When it is over."""
    reason: str = ""
    """Why nothing may move then."""
    works: tuple[str, ...] = ("*",)
    """The works that it stops, as glob patterns."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.begin:
            raise ValueError(_("the freeze ends before it begins"))
        return self

    def holds(self, work: str, now: datetime) -> bool:
        """Whether this freeze stops this work now."""
        return self.begin <= now < self.end and any(fnmatchcase(work, pattern) for pattern in self.works)


class Policy(Document):
    """The rules of a site."""

    site: str
    """The name of the site."""
    time_zone: str = "Asia/Tokyo"
    """In which documents are read and moments shown."""
    language: Literal["en", "ja"] = "ja"
    """Of the site's reports."""
    principals: tuple[Principal, ...] = Field(min_length=1)
    """Who is who. Nobody else may do anything."""
    quorum: Quorum = Quorum()
    """How many must agree."""
    freezes: tuple[Freeze, ...] = ()
    """When nothing may move."""
    approval_valid_days: int = Field(default=14, ge=1, le=366)
    """How long an approval counts."""
    waves: tuple[str | int, ...] = Field(default=(1, "10%", "100%"), min_length=1)
    """Sizes of the waves where a change does not say."""
    budget: Budget = Budget()
    """How much may go wrong where a change does not say."""
    rings: Rings | None = None
    """When a ring lets the next one go; absent: one goes right after the other."""
    due_days: dict[str, Annotated[int, Field(ge=1, le=366)]] | None = None
    """Work → days after which a target that has not got it is late."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(
                _("{name} is no time zone; write it like Asia/Tokyo").format(name=name)
            ) from None
        return name

    @field_validator("waves", mode="before")
    @classmethod
    def _waves_are_sizes(cls, waves: object) -> object:
        return check_waves(waves) if isinstance(waves, list | tuple) else waves

    @model_validator(mode="after")
    def _one_person_one_name(self) -> Self:
        """Two names with one key would let somebody approve their own change."""
        names, keys = set[str](), dict[str, str]()
        for person in self.principals:
            if person.name in names:
                raise ValueError(_("principal {name} is there twice").format(name=person.name))
            names.add(person.name)
            for key in person.keys:
                other = keys.setdefault(key.key, person.name)
                if other != person.name:
                    said = _("{one} and {other} have the same key: every person needs their own")
                    raise ValueError(said.format(one=other, other=person.name))
        return self

    @cached_property
    def digest(self) -> str:
        """What a permit names this policy by."""
        return canonical.digest(self.as_json())

    def as_json(self) -> dict[str, object]:
        """The policy as the ledger keeps it.

        Defaults are written out: a later daicho with other ones does not change what was adopted.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    def person(self, name: str) -> Principal | None:
        """The principal of this name."""
        return next((person for person in self.principals if person.name == name), None)

    def people_of(self, account: str) -> tuple[Principal, ...]:
        """The principals that a login account of the controller may act as."""
        return tuple(person for person in self.principals if account in person.accounts)

    def may(self, name: str, act: Act, work: str) -> bool:
        """Whether this person may do this act for this work."""
        person = self.person(name)
        patterns: tuple[str, ...] = getattr(person.may, act) if person else ()
        return any(fnmatchcase(work, pattern) for pattern in patterns)

    def signers(self, name: str) -> tuple[tuple[sshsig.Signer, Key], ...]:
        """The keys of a person, ready for a signature check."""
        person = self.person(name)
        if person is None:
            return ()
        return tuple((self._signer(person, key), key) for key in person.keys)

    def freeze_at(self, work: str, now: datetime) -> Freeze | None:
        """The freeze that stops this work now, if any."""
        return next((freeze for freeze in self.freezes if freeze.holds(work, now)), None)

    def quorum_for(self, kind: str, *, irreversible: bool, targets: int) -> int:
        """How many different people must approve a change of this class and breadth."""
        needed = [self.quorum.standard if kind == "standard" else self.quorum.normal]
        if irreversible:
            needed.append(self.quorum.irreversible)
        needed += [wide.approvers for wide in self.quorum.wide if targets > wide.over]
        return max(needed)

    def _signer(self, person: Principal, key: Key) -> sshsig.Signer:
        begin = aware(datetime.combine(key.valid_from, time.min), self.zone) if key.valid_from else None
        end = key.valid_until + timedelta(days=1) if key.valid_until else None
        return sshsig.Signer(
            name=person.name,
            key=key.key,
            valid_from=begin,
            valid_until=aware(datetime.combine(end, time.min), self.zone).astimezone(UTC) if end else None,
        )
