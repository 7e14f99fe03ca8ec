"""The site file `moves.yml`: which network is where, and what becomes of ports."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, field_validator, model_validator

from daicho.documents import Document, judge, load, read_file
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.moves.floors import read_floor
from daicho.network.ports import WRITABLE
from daicho.people.template import check_template

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from daicho.moves.wish import Spot

FILE: Final = "moves.yml"
FIELDS: Final = ("name", "section", "owner", "building", "floor", "room", "outlet", "asset")
type Kind = Literal["endpoint", "printer"]
type LetIn = Literal["", "none", "dot1x", "mab", "dot1x-mab"]
ANY: Final = "*"


class Network(Document):
    """A VLAN with its addresses, and where it is."""

    vlan: int = Field(ge=1, le=4094, description=N_("The VLAN."))
    subnet: IPv4Network = Field(description=N_("Its network, `10.3.0.0/24`."))
    first: IPv4Address = Field(description=N_("The first address that is given to things that move in."))
    last: IPv4Address = Field(description=N_("The last one."))
    kinds: tuple[Kind, ...] = Field(default=("endpoint", "printer"), description=N_("For which kinds."))
    buildings: tuple[str, ...] = Field(default=(), description=N_("In which buildings; none: in all."))
    floors: tuple[str, ...] = Field(default=(), description=N_("On which floors; none: on all."))
    sections: tuple[str, ...] = Field(default=(), description=N_("For which sections; none: for all."))

    @model_validator(mode="after")
    def _is_within(self) -> Network:
        if not (self.first in self.subnet and self.last in self.subnet and self.first <= self.last):
            why = _("{first} to {last} are no addresses of {subnet}")
            raise ValueError(why.format(first=self.first, last=self.last, subnet=self.subnet))
        return self

    def serves(self, kind: str, spot: Spot, section: str) -> bool:
        """Whether it is the network for something of this kind and section at this place."""
        if kind not in self.kinds or (self.sections and section not in self.sections):
            return False
        there = read_floor(spot.floor, spot.building)
        if self.buildings and spot.building not in self.buildings:
            return False
        return not self.floors or any(read_floor(floor).agrees(there) for floor in self.floors)


class PortRules(Document):
    """What becomes of ports."""

    description: str = Field(default="{name}", description=N_("What stands at a port that is used."))
    terminals: Mapping[str, LetIn] = Field(
        default_factory=dict,
        description=N_(
            "Who is let in where a terminal hangs; left out: is left as it is. By platform, if they differ: "
            "`{cisco_ios: dot1x-mab, alaxala_ax36s: mab}`; `*` is any other."
        ),
    )
    printers: Mapping[str, LetIn] = Field(
        default_factory=dict, description=N_("The same where a printer hangs.")
    )
    unused: Literal["shutdown", "leave"] = Field(
        default="shutdown", description=N_("What becomes of a port that nothing hangs on any more.")
    )
    minutes: int = Field(
        default=5, ge=1, le=60, description=N_("After which an unconfirmed switch goes back by itself.")
    )

    @field_validator("description")
    @classmethod
    def _fields_are_known(cls, text: str) -> str:
        return check_template(text, FIELDS)

    @field_validator("terminals", "printers", mode="before")
    @classmethod
    def _one_for_all(cls, given: object) -> object:
        return {ANY: given} if isinstance(given, str) else given

    @field_validator("terminals", "printers")
    @classmethod
    def _platforms_are_known(cls, given: Mapping[str, LetIn]) -> Mapping[str, LetIn]:
        if unknown := sorted(given.keys() - WRITABLE - {ANY}):
            why = _("ports of {names} cannot be written; there are {known}")
            raise ValueError(why.format(names=", ".join(unknown), known=", ".join(sorted(WRITABLE))))
        return given

    def let_in(self, kind: str, platform: str) -> LetIn:
        """Who is let in at a port of a platform on which something of a kind hangs; empty: as it is."""
        rules = self.terminals if kind == "endpoint" else self.printers
        return rules.get(platform, rules.get(ANY, ""))


class MoveRules(Document):
    """How things move at a site."""

    networks: tuple[Network, ...] = Field(min_length=1, description=N_("The networks, the nearest first."))
    ports: PortRules = Field(default=PortRules(), description=N_("What becomes of ports."))
    directory: bool = Field(
        default=False, description=N_("Whether the accounts of terminals say where they are (directory.yml).")
    )

    @model_validator(mode="after")
    def _one_network_for_each_vlan(self) -> MoveRules:
        names = [network.vlan for network in self.networks]
        if twice := sorted({str(name) for name in names if names.count(name) > 1}):
            raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        return judge(cls, load(read_file(folder / FILE), FILE), FILE)

    def network(self, kind: str, spot: Spot, section: str, vlan: int | None) -> Network | None:
        """The network for something at a place; None: there is none."""
        if vlan is not None:
            return next((each for each in self.networks if each.vlan == vlan), None)
        return next((each for each in self.networks if each.serves(kind, spot, section)), None)
