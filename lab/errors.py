"""What can go wrong in the lab, said so that the reader knows the next step."""

from __future__ import annotations


class LabError(Exception):
    """A sentence for the person at the terminal: what happened, to which object, what to do."""


class CommandError(LabError):
    """A program that the lab relies on ended with an error."""

    def __init__(self, argv: list[str], status: int, output: str) -> None:
        self.argv = argv
        self.status = status
        self.output = output.strip()
        tail = "\n".join(self.output.splitlines()[-8:]) or "(it said nothing)"
        super().__init__(f"`{' '.join(argv)}` ended with status {status}:\n{tail}")
