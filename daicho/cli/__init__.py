"""The command line: `daicho`."""

from __future__ import annotations

from daicho.cli.edge import main

__all__ = ["main"]
