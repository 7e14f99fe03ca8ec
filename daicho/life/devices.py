"""Sessions with network devices for what only reads: a check, a collection."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from daicho.credentials import Keys, issue
from daicho.network.logins import read_logins
from daicho.runners.fleet import Entrance, Fleet
from daicho.runners.leftovers import door_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.site import Site


@contextmanager
def devices_of(site: Site, name: str) -> Iterator[Fleet]:
    """The devices of a site, by the logins that its files say, for the length of a block.

    Args:
        site: The site.
        name: What the certificate is made out to: `K3`.
    """
    settings, keys = site.settings, Keys.of(site.settings)
    with door_room() as room:
        entrance = Entrance(
            key=issue(keys.ssh_ca, name, room),
            known_hosts=settings.known_hosts,
            secret=keys.secret,
            logins=read_logins(settings.site_inventory / "network"),
        )
        yield Fleet(settings.content, entrance)
