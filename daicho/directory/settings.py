"""Where the directory is and how to log on to it: a part of the site file `directory.yml`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.directory.names import components
from daicho.documents import Document
from daicho.i18n import gettext as _

type Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Flavour(StrEnum):
    """Which kind of directory it is."""

    AD = "ad"
    """Active Directory, Samba's too."""
    LDAP = "ldap"
    """OpenLDAP: inetOrgPerson, posixAccount, groupOfNames."""


class DirectorySettings(Document):
    """How to reach the directory; the password comes from the site's secret `directory`."""

    servers: tuple[Text, ...] = Field(min_length=1)
    """Host names as their certificates carry them, `host` or `host:port`; the first that answers is used."""
    addresses: dict[str, str] = Field(default_factory=dict)
    """Addresses of servers, host to address, for when the name service cannot be asked; the certificate
    must still carry the host's name."""
    base: Text
    """The distinguished name that everything is under: `DC=office,DC=example,DC=jp`."""
    flavour: Flavour = Flavour.AD
    """Which kind of directory it is."""
    encryption: Literal["ldaps", "starttls"] = "ldaps"
    """TLS from the first byte (port 636), or begun on port 389."""
    ca_file: Path | None = None
    """The authority that signed the servers' certificates; absent: those that the system trusts."""
    logon: Literal["password", "kerberos"] = "password"
    """How we log on; `kerberos` takes the ticket of the account that daicho runs under."""
    bind_name: str = ""
    """Who we log on as: `svc-daicho@office.example.jp`, or a distinguished name."""
    people: Text
    """Where new accounts of people are made, unless a section has a place of its own."""
    groups: Text
    """Where the groups are."""
    disabled: Text
    """Where the accounts of those who left are kept, in one folder per day."""
    computers: str = ""
    """Where terminals are kept; empty: they are not."""
    number_attribute: str = ""
    """Which attribute holds the employee number; by default `employeeID` (ad), `employeeNumber` (ldap)."""
    hidden_attribute: str = "msExchHideFromAddressLists"
    """Which attribute hides an account from the address book; empty: none does."""
    more_attributes: tuple[Text, ...] = ()
    """Attributes that are read beside the usual ones."""
    lock: Literal["ppolicy", "shadow"] = "ppolicy"
    """How an account is closed in OpenLDAP: by the ppolicy overlay, which refuses the logon itself, or by
    an expiry in 1970, which only those obey who look at shadowExpire."""
    page_size: int = Field(default=1000, ge=1, le=1000)
    """How many entries a server is asked for at once."""
    timeout_s: int = Field(default=10, ge=1, le=120)
    """How long a server may take to accept a connection or to answer."""
    replication_wait_s: float = Field(default=15.0, ge=0, le=600)
    """How long to wait on the next server for what may have been created on one that died."""

    @field_validator("base", "people", "groups", "disabled", "computers")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        components(value)
        return value

    @field_validator("servers")
    @classmethod
    def _ports_are_numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for server in value:
            host, colon, port = server.partition(":")
            if not host or (colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
                raise ValueError(
                    _("{server!r:.80} is no server; write it like dc1.example.jp").format(server=server)
                )
        return value

    @model_validator(mode="after")
    def _has_a_name_for_a_password(self) -> Self:
        if self.logon == "password" and not self.bind_name:
            raise ValueError(_("a logon with a password needs bind_name"))
        return self

    @property
    def number(self) -> str:
        """The attribute that holds the employee number."""
        return self.number_attribute or ("employeeID" if self.flavour is Flavour.AD else "employeeNumber")
