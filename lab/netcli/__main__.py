"""The process of a plane: `python -m lab.netcli plane.json`."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from lab.netcli import server
from lab.netcli.control import Control
from lab.netcli.fleet import fleet
from lab.netcli.plane import world_from


async def main(description: Path, given: dict[str, Any]) -> None:
    """Serve the devices of a description until a signal comes."""
    world = world_from(given["world"])
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
    _where = Path(sys.argv[1])
    asyncio.run(main(_where, json.loads(_where.read_text(encoding="utf-8"))))
