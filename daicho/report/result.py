"""What the operator sees when a run is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from daicho.report.listing import Listing
    from daicho.report.ran import RunReport


@dataclass(frozen=True)
class RunResult:
    """A run as it is shown to the operator when it ends; the same data, a shorter screen."""

    report: RunReport

    def as_json(self) -> object:
        """The whole run."""
        return self.report.as_json()

    def listing(self) -> Listing:
        """One row per difference of each target."""
        return self.report.listing()

    def screen(self) -> RenderableType:
        """Outcomes, the figure, what is next."""
        return self.report.brief()
