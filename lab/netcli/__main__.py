"""The process of a plane: `python -m lab.netcli plane.json`."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import signal
import sys
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from lab.netcli import server
from lab.netcli.control import Control
from lab.netcli.device import World
from lab.netcli.fleet import fleet


async def main(description: Path) -> None:
    """Serve the devices of a description until a signal comes."""
    given: dict[str, Any] = json.loads(description.read_text(encoding="utf-8"))
    networks = {key: IPv4Network(given["world"].pop(key)) for key in ("network", "operators")}
    world = World(**networks, **given["world"])
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    devices = fleet(world, given["count"], given["mix"])
    fronts = server.serve(devices, description.with_name("trusted"))
    await Control(devices).listen(description.with_name("control"))
    # What is there now stays until the end: looking through it again and again is of no use.
    gc.freeze()
    description.with_name("ready").write_text(json.dumps(server.ready(world, len(fronts))), encoding="utf-8")
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
