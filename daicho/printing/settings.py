"""Print servers and page counts: the parts `printing` and `counters` of the site file `services.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, field_validator, model_validator

from daicho.directory.names import components
from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.people.template import check_template, fill

FIELDS: Final = ("name", "address", "site", "building", "floor", "room", "outlet", "model", "serial")
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


class QueueRules(Document):
    """How queues are described, and where the directory lists them."""

    uri: str = Field(default="ipp://{address}/ipp/print", min_length=1, max_length=300)
    """Where a printer takes its jobs."""
    location: str = Field(default="{building} {floor} {room}", max_length=300)
    """What people read as a printer's place."""
    info: str = Field(default="{model}", max_length=300)
    """What people read as its description."""
    directory: str = Field(default="", max_length=500)
    """Where print queues are listed in Active Directory (a distinguished name); empty: they are not."""
    default_group: str = Field(default="", max_length=200)
    """The group of the computers whose default a printer is, `DP_{name}`; empty: defaults are left alone."""

    @field_validator("uri", "location", "info")
    @classmethod
    def _fields_are_known(cls, text: str) -> str:
        return check_template(text, FIELDS)

    @field_validator("default_group")
    @classmethod
    def _names_the_printer(cls, text: str) -> str:
        if text and text.count("{name}") != 1:
            raise ValueError(_("it needs {name} once: the printer's name"))
        return check_template(text, ("name",))

    @field_validator("directory")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        components(name)
        return name

    def filled(self, template: str, facts: Mapping[str, object]) -> str:
        """A template with what is known of a printer; what is not known leaves nothing."""
        return fill(template, {**dict.fromkeys(FIELDS, ""), **facts})


class PrintServer(Document):
    """One print server: CUPS over IPP with TLS, or Windows over WinRM as `windows.yml` says."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    """What it is called here; it stands in plans."""
    kind: Literal["cups", "windows"] = "cups"
    """What it runs; a Windows print server is logged on to as `windows.yml` says."""
    url: str = Field(default="", pattern=r"^(https://[^/@\s]+/?)?$", max_length=300)
    """CUPS: `https://print.example.jp:631/`: the name is the one that its certificate carries."""
    host: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9.-]*)?$", max_length=253)
    """Windows: its name, `prt1.office.example.jp`; the certificate has it, or `address` if there is one."""
    driver: str = Field(default="Microsoft PCL6 Class Driver", min_length=1, max_length=200)
    """Windows: the driver of new queues where a change says `everywhere` or `raw`; it must be installed."""
    address: str = ""
    """Its address, for when the name service cannot be asked; the certificate of CUPS still has the name."""
    user: str = Field(default="", max_length=200)
    """CUPS: who administers it, with the secret `print-NAME`; empty: it lets this machine in without."""
    ca_file: Path | None = None
    """CUPS: the authority that signed its certificate; absent: those that the system trusts."""
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    """CUPS: how long it may take to answer: it asks a new printer what it can before it answers."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        field = "host" if self.kind == "windows" else "url"
        if not getattr(self, field):
            raise ValueError(
                _("a print server of the kind {kind} needs `{field}`").format(kind=self.kind, field=field)
            )
        return self


class CounterSettings(Document):
    """How printers are asked by SNMPv3; the passwords come from the secrets `snmp-auth` and `snmp-priv`."""

    user: str = Field(default="daicho", min_length=1, max_length=32)
    """Who asks."""
    auth: Literal["sha", "sha256", "sha512"] = "sha"
    """How a message's sender is proved; old printers know only `sha`."""
    priv: Literal["aes", "aes256"] = "aes"
    """How a message is encrypted."""
    port: int = Field(default=161, ge=1, le=65535)
    """The printers' port."""
    low_percent: int = Field(default=20, ge=0, le=100)
    """At which level a supply is to be ordered."""
    timeout_s: float = Field(default=2.0, gt=0, le=30)
    """How long a printer may take to answer."""
    tries: int = Field(default=3, ge=1, le=10)
    """How often it is asked before it counts as silent."""
    at_once: int = Field(default=100, ge=1, le=500)
    """How many printers are asked at the same time."""
