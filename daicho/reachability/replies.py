"""From the sweep's answers by address to the replies by item that verdicts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.reachability.answers import Alive, CouldNotTell, Silent, Unreachable
from daicho.reachability.baseline import Reply, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.reachability.answers import Answer


def reply(answer: Answer) -> Reply:
    """The reply that an answer of the sweep stands for."""
    match answer:
        case Alive():
            return Reply(Seen.ALIVE)
        case Silent():
            return Reply(Seen.SILENT)
        case Unreachable():
            return Reply(Seen.UNREACHABLE, answer.reported_by)
        case CouldNotTell():
            return Reply(Seen.COULD_NOT_TELL, answer.why)


def replies(addresses: Mapping[str, str], answers: Mapping[str, Answer]) -> dict[str, Reply]:
    """Item → reply, from item → address and address → answer; who was not asked could not be told."""
    return {
        name: reply(answers[address]) if address in answers else Reply(Seen.COULD_NOT_TELL)
        for name, address in addresses.items()
    }
