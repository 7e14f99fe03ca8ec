"""The process of the terminals: `python -m lab.winrm windows.json`."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from lab.winrm import models, modules
from lab.winrm.control import Control
from lab.winrm.plane import ROOT, world_from
from lab.winrm.population import Population
from lab.winrm.powershell import Interpreter
from lab.winrm.server import Server
from lab.winrm.shipped import Shipped
from lab.winrm.tls import Certificates


async def main(description: Path, given: dict[str, Any]) -> None:
    """Serve the terminals of a description until a signal comes."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    modules.load()
    interpreter = Interpreter(Shipped.read(ROOT, models.load()))
    population = Population(world_from(given["world"]), given["count"])
    certificates = Certificates()
    certificates.write(description.with_name("ca.crt"))
    server = Server(population, certificates, interpreter.launch)
    server.listen()
    await Control(population, server).listen(description.with_name("control"))
    gc.freeze()
    description.with_name("ready").write_text(str(population.count), encoding="ascii")
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    await ended.wait()


if __name__ == "__main__":
    _where = Path(sys.argv[1])
    asyncio.run(main(_where, json.loads(_where.read_text(encoding="utf-8"))))
