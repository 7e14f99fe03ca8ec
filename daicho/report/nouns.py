"""What the targets of a work are called: a screen about people speaks of people, not of machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daicho.i18n import N_, ngettext
from daicho.works import WORKS

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Nouns:
    """One word for targets in all the places where screens say it, as messages to translate."""

    count: Callable[[int], str]
    """`1 machine`, `12 machines`; translated."""
    as_approved: Callable[[int], str]
    """The sentence of compliance for this total, translated, with `part`, `total` and `share` to fill in."""
    one: str
    """The heading over names."""
    many: str
    """The heading over numbers."""
    one_by_one: str
    nothing: str
    """A plan that changes nothing."""
    way_back: str
    no_way_back: str
    account: str
    looking: str
    tried_again: str
    next_try: str
    left_out: str


def _machines(count: int) -> str:
    return ngettext("{count} machine", "{count} machines", count).format(count=count)


def _people(count: int) -> str:
    return ngettext("{count} person", "{count} people", count).format(count=count)


def _devices(count: int) -> str:
    return ngettext("{count} device", "{count} devices", count).format(count=count)


def _targets(count: int) -> str:
    return ngettext("{count} target", "{count} targets", count).format(count=count)


def _folders(count: int) -> str:
    return ngettext("{count} folder", "{count} folders", count).format(count=count)


def _machines_approved(total: int) -> str:
    return ngettext(
        "{part} of {total} machine as approved ({share})",
        "{part} of {total} machines as approved ({share})",
        total,
    )


def _people_approved(total: int) -> str:
    return ngettext(
        "{part} of {total} person as approved ({share})",
        "{part} of {total} people as approved ({share})",
        total,
    )


def _devices_approved(total: int) -> str:
    return ngettext(
        "{part} of {total} device as approved ({share})",
        "{part} of {total} devices as approved ({share})",
        total,
    )


def _targets_approved(total: int) -> str:
    return ngettext(
        "{part} of {total} target as approved ({share})",
        "{part} of {total} targets as approved ({share})",
        total,
    )


def _folders_approved(total: int) -> str:
    return ngettext(
        "{part} of {total} folder as approved ({share})",
        "{part} of {total} folders as approved ({share})",
        total,
    )


MACHINES: Final = Nouns(
    count=_machines,
    as_approved=_machines_approved,
    one=N_("machine"),
    many=N_("machines"),
    one_by_one=N_("Machine by machine"),
    nothing=N_("Nothing: every machine is already in order."),
    way_back=N_("\nIt can be taken back on every machine: `daicho undo`."),
    no_way_back=N_("Cannot be taken back on {machines}"),
    account=N_("What was changed on which machine: `daicho show {run}`."),
    looking=N_("Looking at the machines of {change}; nothing is changed."),
    tried_again=N_("`daicho run {change}` tries the owed machines again inside the window."),
    next_try=N_("Next: `daicho run {change}` tries the owed machines again inside the window"),
    left_out=N_("The machines that could not be planned need a new change: `daicho request FILE`."),
)
PEOPLE: Final = Nouns(
    count=_people,
    as_approved=_people_approved,
    one=N_("employee"),
    many=N_("people"),
    one_by_one=N_("Person by person"),
    nothing=N_("Nothing: everybody is already in order."),
    way_back=N_("\nIt can be taken back for everybody: `daicho undo`."),
    no_way_back=N_("Cannot be taken back for {machines}"),
    account=N_("What was changed for whom: `daicho show {run}`."),
    looking=N_("Looking at the people of {change}; nothing is changed."),
    tried_again=N_("`daicho run {change}` tries the owed people again inside the window."),
    next_try=N_("Next: `daicho run {change}` tries the owed people again inside the window"),
    left_out=N_("The people who could not be planned need a new change: `daicho request FILE`."),
)
DEVICES: Final = Nouns(
    count=_devices,
    as_approved=_devices_approved,
    one=N_("device"),
    many=N_("devices"),
    one_by_one=N_("Device by device"),
    nothing=N_("Nothing: every device is already in order."),
    way_back=N_("\nIt can be taken back on every device: `daicho undo`."),
    no_way_back=N_("Cannot be taken back on {machines}"),
    account=N_("What was changed on which device: `daicho show {run}`."),
    looking=N_("Looking at the devices of {change}; nothing is changed."),
    tried_again=N_("`daicho run {change}` tries the owed devices again inside the window."),
    next_try=N_("Next: `daicho run {change}` tries the owed devices again inside the window"),
    left_out=N_("The devices that could not be planned need a new change: `daicho request FILE`."),
)
TARGETS: Final = Nouns(
    count=_targets,
    as_approved=_targets_approved,
    one=N_("target"),
    many=N_("targets"),
    one_by_one=N_("Target by target"),
    nothing=N_("Nothing: every target is already in order."),
    way_back=N_("\nIt can be taken back on every target: `daicho undo`."),
    no_way_back=N_("Cannot be taken back on {machines}"),
    account=N_("What was changed on which target: `daicho show {run}`."),
    looking=N_("Looking at the targets of {change}; nothing is changed."),
    tried_again=N_("`daicho run {change}` tries the owed targets again inside the window."),
    next_try=N_("Next: `daicho run {change}` tries the owed targets again inside the window"),
    left_out=N_("The targets that could not be planned need a new change: `daicho request FILE`."),
)
FOLDERS: Final = Nouns(
    count=_folders,
    as_approved=_folders_approved,
    one=N_("folder"),
    many=N_("folders"),
    one_by_one=N_("Folder by folder"),
    nothing=N_("Nothing: every folder is already in order."),
    way_back=N_("\nIt can be taken back in every folder: `daicho undo`."),
    no_way_back=N_("Cannot be taken back in {machines}"),
    account=N_("What was changed in which folder: `daicho show {run}`."),
    looking=N_("Looking at the folders of {change}; nothing is changed."),
    tried_again=N_("`daicho run {change}` tries the owed folders again inside the window."),
    next_try=N_("Next: `daicho run {change}` tries the owed folders again inside the window"),
    left_out=N_("The folders that could not be planned need a new change: `daicho request FILE`."),
)
_MACHINES: Final = frozenset({"endpoint", "server", "printer"})


def nouns_of(work: str) -> Nouns:
    """What the targets of a work are called; of a work that is no longer there: targets."""
    known = WORKS.get(work)
    if known is None:
        return TARGETS
    if known.kinds == {"user"}:
        return PEOPLE
    if known.kinds <= {"network_device", "printer"}:
        return DEVICES
    if known.kinds == {"share"} and work != "restore_files":  # of which some are files
        return FOLDERS
    # What is made from the inputs (the systems that are fed) is called a server for want of a better kind.
    made = bool(known.items) and "endpoint" not in known.kinds
    return MACHINES if known.kinds <= _MACHINES and not made else TARGETS
