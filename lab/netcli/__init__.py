"""Simulated network devices with a command line: one process, thousands of devices, each at its address."""

from __future__ import annotations

from lab.netcli.plane import Plane, loopback_world

__all__ = ["Plane", "loopback_world"]
