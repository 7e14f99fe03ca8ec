"""Where something is to go, as a layout plan says it; and where it is, as the ledger and the network do."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from daicho.documents import Document
from daicho.i18n import N_
from daicho.i18n import gettext as _

type Word = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class Wish(Document):
    """One row of a layout plan."""

    item: Word = Field(min_length=1, description=N_("What moves, by the name of its item."))
    outlet: Word = Field(default="", description=N_("The outlet that it will hang on."))
    switch: Word = Field(default="", description=N_("Without an outlet: the switch."))
    port: Word = Field(default="", description=N_("Without an outlet: the port of that switch."))
    building: Word = Field(default="", description=N_("The building; else the outlet's."))
    floor: Word = Field(default="", description=N_("The floor as the plan writes it; else the outlet's."))
    room: Word = Field(default="", description=N_("The room; else the outlet's."))
    section: Word = Field(default="", description=N_("The section that it is of from then on."))
    owner: Word = Field(default="", description=N_("Who uses it from then on."))
    vlan: int | None = Field(
        default=None, ge=1, le=4094, description=N_("The VLAN; else the outlet's, else the place's.")
    )
    address: Word = Field(default="", description=N_("The address; else a free one of the network there."))
    default_printer: Word = Field(
        default="",
        description=N_(
            "A terminal: the printer that becomes its default; a printer: the one that terminals which stay "
            "behind get."
        ),
    )
    old_outlet: Word = Field(default="", description=N_("Where the plan believes it to be: the outlet."))
    old_floor: Word = Field(default="", description=N_("Where the plan believes it to be: the floor."))

    @model_validator(mode="after")
    def _says_where(self) -> Wish:
        if not self.outlet and not (self.switch and self.port):
            raise ValueError(_("{item} needs an outlet, or a switch and a port").format(item=self.item))
        return self

    @model_serializer(mode="wrap")
    def _said(self, written: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Only what was said: the plan shows it to approvers."""
        return {name: value for name, value in written(self).items() if value not in {None, ""}}


class Port(NamedTuple):
    """A port, in the spelling of its switch's configuration."""

    switch: str
    name: str

    def __str__(self) -> str:
        """`sw-3f-1 GigabitEthernet0/3`."""
        return f"{self.switch} {self.name}"


class Spot(NamedTuple):
    """A place in the office and in the network."""

    port: Port | None
    outlet: str
    building: str
    floor: str
    room: str

    @property
    def text(self) -> str:
        """`本館/3階/301`."""
        return "/".join(filter(None, (self.building, self.floor, self.room)))
