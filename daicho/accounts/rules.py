"""How a site hands out initial passwords and makes home folders: parts of directory.yml."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from daicho.accounts.slips import Slips, recipient
from daicho.documents import Document


class SlipRules(Document):
    """How initial passwords reach their owners."""

    seal_to: Path | None = None
    """A certificate (PEM, RSA) beside directory.yml that slips are sealed to; absent: plain PDFs."""
    office: str = Field(default="", max_length=60)
    """Who hands the slips out and is asked when something is wrong."""

    def slips(self, folder: Path, site: Path) -> Slips:
        """Where the slips of a run go.

        Args:
            folder: The run's folder.
            site: The folder of directory.yml.

        Raises:
            NoSeal: The recipient's certificate cannot be used.
        """
        to = recipient(site / self.seal_to) if self.seal_to else None
        return Slips(folder=folder / "slips", office=self.office, recipient=to)


class HomeRules(Document):
    """How home folders are made."""

    make: bool = True
    """Whether a new account gets its folder on the file server; else only the path is written."""
    administrators: str = Field(default="", max_length=64)
    """A group that may enter every home folder beside the server's administrators; empty: none."""
