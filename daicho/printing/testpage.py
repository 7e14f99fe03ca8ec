"""A test page: which printer it is for, where, and why it was printed; and the proof that it came out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from daicho.clock import now
from daicho.craft import Trouble
from daicho.i18n import gettext as _
from daicho.paper import japanese_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.printing.queue import Job
    from daicho.printing.server import Server

TITLE: Final = "daicho test page"


def page(lines: Sequence[str]) -> bytes:
    """One page A4 with these lines, the first one large."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    font, y = japanese_font() or "Helvetica", A4[1] - 40 * mm
    for number, line in enumerate(lines):
        canvas.setFont(font, 12 if number else 28)
        canvas.drawString(25 * mm, y, line)
        y -= (8 if number else 16) * mm
    canvas.save()
    return file.getvalue()


def print_page(server: Server, queue: str, location: str, patience_s: float = 60) -> Job:
    """Print a test page on a queue and wait until the printer has taken it.

    Raises:
        Trouble: It did not come out in time.
        PrintingError: The server refuses.
    """
    moment = f"{now():%Y-%m-%d %H:%M:%SZ}"
    lines = [queue, location, _("Test page"), moment]
    document = page([line for line in lines if line])
    job = server.test_page(queue, f"{TITLE} {queue}", document, patience_s)
    if job.state != "completed":
        why = _("the test page on {queue} did not come out: {state} ({why})")
        raise Trouble(why=why.format(queue=queue, state=job.state, why=job.why))
    return job
