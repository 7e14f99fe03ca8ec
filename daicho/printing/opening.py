"""Open a site's print server, whichever kind it is."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from daicho.endpoints.session import Access
from daicho.endpoints.site import SECRET, WindowsFile
from daicho.printing.cups import Cups
from daicho.printing.windows import WindowsQueues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daicho.printing.server import Server
    from daicho.printing.settings import PrintServer


@contextmanager
def open_server(settings: PrintServer, site: Path, secret: Callable[[str], str]) -> Iterator[Server]:
    """A print server; nothing is asked yet.

    Args:
        settings: Which.
        site: The folder of the site's files: `windows.yml` says how Windows is logged on to.
        secret: Gives a secret by its name.

    Raises:
        DocumentError: `windows.yml` is absent or cannot be used.
        OSError: Its authority's certificate cannot be read.
    """
    if settings.kind == "windows":
        access = Access(site=WindowsFile.read(site), password=secret(SECRET))
        with WindowsQueues(settings, access) as windows:
            yield windows
    else:
        with Cups(settings, partial(secret, f"print-{settings.name}")) as cups:
            yield cups
