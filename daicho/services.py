"""The site file `services.yml`: the office services that a move or a printer has to do with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.dhcp.settings import DhcpSettings
from daicho.documents import Document, judge, load, read_file
from daicho.nameservice.settings import DnsSettings
from daicho.printing.settings import CounterSettings, PrintServer, QueueRules

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

FILE: Final = "services.yml"


class ServicesFile(Document):
    """The services of a site; what is left out is not this software's business there."""

    dhcp: DhcpSettings | None = None
    """The DHCP server (Kea)."""
    dns: DnsSettings | None = None
    """The primary name server, with updates signed by TSIG."""
    printing: tuple[PrintServer, ...] = ()
    """The print servers (CUPS and Windows)."""
    queues: QueueRules = QueueRules()
    """How queues are described."""
    counters: CounterSettings = CounterSettings()
    """How printers are asked for their page counts."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site (`bench.content / "site"`); paths in it count from its folder.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        found = judge(cls, load(read_file(folder / FILE), FILE), FILE)
        dhcp = found.dhcp
        if dhcp and dhcp.ca_file:
            dhcp = dhcp.model_copy(update={"ca_file": folder / dhcp.ca_file})
        servers = tuple(
            each.model_copy(update={"ca_file": folder / each.ca_file}) if each.ca_file else each
            for each in found.printing
        )
        return found.model_copy(update={"dhcp": dhcp, "printing": servers})
