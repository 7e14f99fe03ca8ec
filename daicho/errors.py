"""What can go wrong, as one tree; each class knows its exit code and its default sentence.

DaichoError
├── UsageError            2   what was typed or written cannot be understood
│   ├── DocumentError         a document (change, policy, items) breaks its schema
│   └── UnknownObject         no such change, run, entry, item
├── NothingMatched        6   a selector matched no target
├── Refused               5   the gate, the state of a change, or the policy says no
│   └── NotAllowed            the person may not do this
├── Incomplete            3   a run or check could not tell its result
├── HostsFailed           4   a run or check was carried out and something is wrong
└── LedgerError           1   the record cannot be trusted or written
    ├── LedgerUnwritable      disk full, read-only, locked: no effect is allowed
    └── LedgerBroken          an entry does not fit the chain

A sentence says what happened, on which object, and what to do next.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from daicho.i18n import N_
from daicho.i18n import gettext as _


class ExitCode(IntEnum):
    """What every command ends with; schedulers may rely on it."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    INCOMPLETE = 3
    FAILED = 4
    REFUSED = 5
    NOTHING_MATCHED = 6
    INTERRUPTED = 130


class DaichoError(Exception):
    """The root: `str()` gives the sentence in the reader's language, filled with the facts."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    sentence: ClassVar[str] = N_("Something went wrong: {why}")

    def __init__(self, sentence: str | None = None, **facts: object) -> None:
        """Keep the facts apart from the words, so that the ledger can record the facts.

        Args:
            sentence: An untranslated template that replaces the class's own.
            facts: Values for the template's fields.
        """
        self.template = sentence or type(self).sentence
        self.facts = facts
        super().__init__(self.template, facts)

    def __str__(self) -> str:
        """Return the sentence in the language in force."""
        return _(self.template).format(**self.facts)


class UsageError(DaichoError):
    """What was typed or written cannot be understood."""

    exit_code = ExitCode.USAGE
    sentence = N_("{why}")


class DocumentError(UsageError):
    """A document breaks its schema; every problem is named with its field."""

    sentence = N_("{document} cannot be used:\n{problems}")


class UnknownObject(UsageError):
    """There is no such change, run, entry or item."""

    sentence = N_("There is no {kind} {name!r}. `{listing}` lists them.")


class NothingMatched(DaichoError):
    """A selector matched no target: an empty run is never meant."""

    exit_code = ExitCode.NOTHING_MATCHED
    sentence = N_("No item matches {selector}. Compare it with `daicho item list`.")


class Refused(DaichoError):
    """The answer is no; the sentence says why and what would make it yes."""

    exit_code = ExitCode.REFUSED
    sentence = N_("Refused: {why}")


class NotAllowed(Refused):
    """The person may not do this under the site policy in force."""

    sentence = N_("{person} may not {act} {work!r}. The policy in force lists who may: `daicho policy show`.")


class Incomplete(DaichoError):
    """A run or check ended without a result that can be relied on."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("Could not tell: {why}")


class HostsFailed(DaichoError):
    """The work was carried out and something is wrong with some targets."""

    exit_code = ExitCode.FAILED
    sentence = N_("{count} of {total} targets are not as approved. `daicho show {run}` names them.")


class LedgerError(DaichoError):
    """The record cannot be trusted or written."""

    sentence = N_("The ledger cannot be used: {why}")


class LedgerUnwritable(LedgerError):
    """Nothing may happen that cannot be recorded."""

    sentence = N_("The ledger {path} cannot be written ({why}). Nothing was started. {remedy}")


class LedgerBroken(LedgerError):
    """An entry does not fit the chain."""

    sentence = N_("The ledger is broken at entry {seq}: {why}")
