"""What the works on people have in common: rows of personnel's file, and the day."""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- pydantic needs it

from pydantic import Field

from daicho.accounts.rows import PersonRow  # noqa: TC001 -- pydantic needs it
from daicho.i18n import N_
from daicho.works.work import Inputs


class PersonnelInputs(Inputs):
    """What personnel says, judged when it was requested."""

    as_of: date = Field(description=N_("The day that counts as today: what is due by then is done."))
    rows: tuple[PersonRow, ...] = Field(
        min_length=1,
        description=N_("The movements, as `daicho people request` takes them from personnel's file."),
    )
