"""The lab: real Debian machines in namespaces, with a signed package repository."""

from __future__ import annotations

from lab.errors import CommandError, LabError
from lab.lab import Lab
from lab.machine import Machine

__all__ = ["CommandError", "Lab", "LabError", "Machine"]
