"""How the rings of a change stand, in words: who has it, who waits for whom, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from daicho.clock import stamp
from daicho.i18n import gettext as _
from daicho.report.words import CAREFUL, GOOD, heading
from daicho.times import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from daicho.policy import Policy
    from daicho.rings import Ring, Wait


def rings_part(rings: Sequence[Ring], wait: Wait | None, policy: Policy) -> list[RenderableType]:
    """A line per ring, then what the next one waits for."""
    if not rings:
        return []
    lines: list[RenderableType] = [_line(ring, policy) for ring in rings]
    return [heading(_("Rings")), *lines, *([Text(wait_words(wait, policy), CAREFUL)] if wait else [])]


def wait_words(wait: Wait, policy: Policy) -> str:
    """Who waits for what, until when."""
    if wait.until is None:
        return f"{wait}"
    return _("{wait}; until {until}").format(wait=wait, until=shown(wait.until, policy.zone))


def rings_json(rings: Sequence[Ring], wait: Wait | None) -> dict[str, object]:
    """Everything, moments as stamps."""
    return {
        "rings": [
            {
                **{key: getattr(ring, key) for key in ("name", "total", "good", "bad", "off", "waiting")},
                "healthy_from": stamp(ring.healthy_from) if ring.healthy_from else None,
            }
            for ring in rings
        ],
        "waits": wait
        and {
            "ring": wait.ring,
            "for": wait.before.name,
            "until": stamp(wait.until) if wait.until else None,
            "why": str(wait),
        },
    }


def _line(ring: Ring, policy: Policy) -> Text:
    said = _("  {name}: {good} of {total} as approved").format(**vars(ring))
    parts = [
        (ring.bad, _("{count} failed")),
        (ring.off, _("{count} off")),
        (ring.waiting, _("{count} to come")),
    ]
    said += "".join(f", {words.format(count=count)}" for count, words in parts if count)
    if ring.healthy_from is None:
        return Text(said)
    since = _("healthy since {since}").format(since=shown(ring.healthy_from, policy.zone))
    return Text(f"{said}; ").append(since, GOOD)
