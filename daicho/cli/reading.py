"""Documents that are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from daicho.documents import MAX_BYTES, judge, load, read_file
from daicho.errors import DocumentError
from daicho.i18n import gettext as _
from daicho.policy import Policy
from daicho.times import site_zone


def text_of(source: str) -> tuple[str, str]:
    """The text of a file or of standard input (`-`), and its name for messages.

    Raises:
        DocumentError: It cannot be read.
    """
    if source != "-":
        return read_file(Path(source)), source
    name = _("standard input")
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentError(
            document=name, problems=_("It is larger than {limit} bytes.").format(limit=MAX_BYTES)
        )
    try:
        return data.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        problem = _("Byte {offset} is not UTF-8. Save the file as UTF-8.").format(offset=error.start)
        raise DocumentError(document=name, problems=problem) from error


def policy_of(source: str) -> Policy:
    """The policy in a file; moments without a zone are in the zone that it names itself.

    Raises:
        DocumentError: Every problem with its field.
    """
    text, name = text_of(source)
    value = load(text, name)
    # The zone itself is judged first: the freezes are read in it.
    without = (
        {key: each for key, each in value.items() if key != "freezes"} if isinstance(value, dict) else value
    )
    zone = judge(Policy, without, name).time_zone
    with site_zone(zone):
        return judge(Policy, value, name)
