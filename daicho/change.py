"""A change: the request as a document, and the states it goes through. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from daicho import canonical
from daicho.budget import Budget
from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.times import SiteMoment
from daicho.waves import check_waves


def _selector(value: object) -> object:
    # Judged before the union is tried, which would tell of each of its branches.
    match value:
        case str():
            return value
        case dict() if value and all(isinstance(key, str) and _values(each) for key, each in value.items()):
            return value
    raise ValueError(
        _("write a name, a glob such as 'pc-*', or attributes (`kind: endpoint`); put numbers in quotes")
    )


def _values(wanted: object) -> bool:
    several = wanted if isinstance(wanted, list | tuple) else [wanted]
    return bool(several) and all(isinstance(each, str) for each in several)


type Selector = Annotated[str | dict[str, str | list[str]], BeforeValidator(_selector)]
"""A name or glob, or attributes with the values that they may have (daicho.selector)."""


class Window(Document):
    """When the change may run."""

    begin: SiteMoment = Field(alias="from")
    """From this moment on."""
    end: SiteMoment = Field(alias="until")
    """Before this moment."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.begin:
            raise ValueError(_("the window ends before it begins"))
        return self


class ChangeDocument(Document):
    """What somebody asks for."""

    work: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The kind of change: `patch_endpoints`."""
    title: str = Field(min_length=1, max_length=200)
    """One line that an approver understands."""
    reason: str = Field(min_length=1, max_length=4000)
    """Why it is needed."""
    ticket: str = Field(default="", max_length=100)
    """The number in the site's request system."""
    kind: Literal["normal", "standard", "emergency"] = Field(default="normal", alias="class")
    """Planned and approved each time; a pre-approved pattern; or at once, reviewed afterwards."""
    targets: tuple[Selector, ...] = Field(min_length=1)
    """Which items: names, globs, attributes."""
    exclude: tuple[Selector, ...] = Field(default=(), alias="except")
    """Which of them not."""
    inputs: dict[str, object] = Field(default_factory=dict)
    """What the work needs to know; each work has its own schema."""
    window: Window | None = None
    """When it may run; without one, as long as its approval is valid."""
    expires: SiteMoment | None = None
    """For a standard change: until when the pattern is pre-approved."""
    waves: tuple[int | str, ...] = ()
    """Sizes of the waves, the first being the canary: `[1, 10%, 100%]`. Empty: the policy's."""
    budget: Budget | None = None
    """How much may go wrong before it stops. Absent: the policy's."""
    undo_of: str | None = Field(default=None, pattern=r"^R[1-9][0-9]*$")
    """The run that this change takes back (set by `daicho undo`)."""

    @field_validator("title", "ticket")
    @classmethod
    def _one_line(cls, text: str) -> str:
        """The title stands in the signed text: a second line would be one of the statement's own."""
        if len(text.splitlines()) > 1 or text != text.strip():
            raise ValueError(_("it must be one line, without spaces at its ends"))
        return text

    @field_validator("inputs")
    @classmethod
    def _recordable(cls, inputs: dict[str, object]) -> dict[str, object]:
        try:
            canonical.canonical(inputs)
        except ValueError as error:
            said = _(
                "a value cannot be recorded exactly ({why}); write whole numbers, and all else in quotes"
            )
            raise ValueError(said.format(why=error)) from error
        return inputs

    @field_validator("waves", mode="before")
    @classmethod
    def _waves_are_sizes(cls, waves: object) -> object:
        return check_waves(waves) if isinstance(waves, list | tuple) else waves

    @model_validator(mode="after")
    def _standard_is_bounded(self) -> Self:
        if self.kind == "standard" and self.expires is None:
            raise ValueError(
                _("a standard change needs `expires`, the moment until which it is pre-approved")
            )
        if self.kind != "standard" and self.expires is not None:
            raise ValueError(_("`expires` is for a standard change; say with `window` when this one may run"))
        return self

    def as_json(self) -> dict[str, object]:
        """The document as the ledger keeps it and as its digest is computed."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class State(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    PLANNED = "planned"
    APPROVED = "approved"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    OWING = "owing"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word for people, as a message to translate."""
        return _LABELS[self]


_LABELS: Final = {
    State.DRAFT: N_("draft"),
    State.PLANNED: N_("planned"),
    State.APPROVED: N_("approved"),
    State.RUNNING: N_("running"),
    State.INTERRUPTED: N_("interrupted"),
    State.OWING: N_("owing"),
    State.DONE: N_("done"),
    State.FAILED: N_("failed"),
    State.REJECTED: N_("rejected"),
    State.WITHDRAWN: N_("withdrawn"),
}

_OPEN = frozenset({State.DRAFT, State.PLANNED, State.APPROVED})
_STOPPED = frozenset({State.INTERRUPTED, State.OWING})
_OVER = frozenset({State.DONE, State.FAILED})

MOVES: Final[dict[str, tuple[frozenset[State], State | None]]] = {
    "change.planned": (_OPEN, State.PLANNED),
    "change.replanned": (_OPEN | _OVER | _STOPPED, State.APPROVED),
    "change.approved": (frozenset({State.PLANNED, State.DRAFT}), State.APPROVED),
    "change.rejected": (_OPEN, State.REJECTED),
    "change.withdrawn": (_OPEN | _STOPPED, State.WITHDRAWN),
    "run.opened": (_OPEN | _OVER | _STOPPED, State.RUNNING),
    "run.resumed": (_STOPPED, State.RUNNING),
    "run.closed": (frozenset({State.RUNNING}), None),
}
"""Entry kind → the states it may be written in, and the state it leads to.

`run.closed` leads to the state that its body names: done, failed, owing or interrupted.
`change.replanned` is a standard change's plan, made anew for each run under the same approval.
Whether a change that is not approved, or that has run, may open a run is the gate's question.
"""


def approvable(state: State, kind: str) -> bool:
    """Whether an approval may be given now: before a run, or again for one that is to go on."""
    return state in _OPEN | _STOPPED or (kind == "standard" and state in _OVER)


def after(state: State, entry_kind: str, closed_as: str | None = None) -> State | None:
    """The state that an entry leads to, or None when it may not be written now."""
    allowed, target = MOVES[entry_kind]
    if state not in allowed:
        return None
    return target or State(closed_as or State.DONE)
