"""Who answers right now, asked where the site's machines listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.endpoints.site import FILE, WindowsFile
from daicho.runners.knock import silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daicho.items.item import Item
    from daicho.site import Site


def absent(site: Site, items: Iterable[Item]) -> dict[str, str]:
    """The items that do not answer, each with what was seen; Windows is knocked at where `windows.yml` says.

    Raises:
        DocumentError: That file cannot be used.
    """
    folder = site.settings.site_inventory
    if not (folder / FILE).is_file():
        return silent(items)
    return silent(items, winrm=WindowsFile.read(folder).port)
