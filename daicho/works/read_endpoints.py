"""パッチとウイルス定義体の適用状況 (contract item オ-b): what each endpoint has, misses and waits for."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from daicho.i18n import N_
from daicho.works.work import Inputs, Work


class ReadEndpoints(Inputs):
    """What the endpoints are asked."""

    what: tuple[Literal["patches", "definitions"], ...] = Field(
        default=("patches", "definitions"), min_length=1, description=N_("What each endpoint is asked about.")
    )
    online: bool = Field(
        default=False,
        description=N_(
            "Whether each endpoint asks its update service anew; else its own last search counts."
        ),
    )


READ_ENDPOINTS: Final = Work(
    name="read_endpoints",
    title=N_("Read from the endpoints which patches and virus definitions they have"),
    runner="check",
    inputs=ReadEndpoints,
    kinds=frozenset({"endpoint", "server"}),
    command="daicho endpoints read",
)
