"""How a platform writes its configuration down, as data; and what follows from it for one line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """The rules of one platform's configuration text. All patterns match from a line's beginning."""

    comment: str = "!"
    negation: str = "no "
    leave: str = "exit"
    """Takes the conversation one section up."""
    noise: tuple[str, ...] = ()
    """Whole lines that say nothing or change by themselves; matched without their indentation."""
    sections: tuple[str, ...] = ()
    """Lines that open a section, also when it is empty."""
    single: tuple[str, ...] = ()
    """Beginnings of which a section holds one at a time: the next such line replaces it."""
    several: tuple[str, ...] = ()
    """Beginnings of which it holds many, and where the new one comes before the old one goes."""
    lists: tuple[str, ...] = ()
    """Beginnings of lines that hold VLAN numbers, with `add` and `remove`."""
    unlisted: str = "all"
    """Which VLANs a port bears without such a line."""
    fleeting: tuple[str, ...] = ()
    """Sections that are shown as long as something stands in them, and cannot be taken away themselves."""
    toggles: tuple[str, ...] = ()
    """What is always shown, as it is or negated: `no shutdown` is a value, and takes nothing away."""
    quoted: tuple[str, ...] = ()
    """Beginnings whose value the device shows in double quotes, however it was typed."""
    ordered: tuple[str, ...] = ()
    """Sections whose lines have a meaning by their place."""
    shown_negations: tuple[str, ...] = ()
    """What is on unless a line says it is not: the negation is what the configuration shows."""
    secrets: tuple[str, ...] = ()
    """Each with a group `secret`: what nobody may read in a plan."""
    interface: str = r"interface (?P<name>\S.*)"
    created: str = r"(?!)"
    """Interface names that come into being by being named."""
    ranks: tuple[str, ...] = ()
    """Definitions before what refers to them; removed in the other direction."""

    def is_noise(self, line: str) -> bool:
        """Whether a line without its indentation says nothing."""
        return line.startswith(self.comment) or self._noise.fullmatch(line) is not None

    def opens(self, line: str) -> bool:
        """Whether a line opens a section."""
        return self._sections.match(line) is not None

    def slot(self, line: str) -> str:
        """What a line is replaced by: lines of the same slot cannot stand in one section together."""
        body = line.removeprefix(self.negation)
        if self._toggles.match(body):
            line = body
        found = self._single.match(line) or self._lists.match(line)
        return found[0].rstrip() if found else line

    def takes_away(self, line: str) -> bool:
        """Whether a line is entered to take another one away."""
        return line.startswith(self.negation) and not self._toggles.match(line.removeprefix(self.negation))

    def as_shown(self, line: str) -> str:
        """A line as the device shows it when it was typed without its quotes."""
        found = self._quoted.match(line)
        value = line[found.end() :].strip() if found else ""
        return f'{line[: found.end()].rstrip()} "{value}"' if found and value[:1] not in {"", '"'} else line

    def is_list(self, line: str) -> bool:
        """Whether a line holds VLAN numbers."""
        return self._lists.match(line) is not None

    def is_ordered(self, header: str) -> bool:
        """Whether the lines of this section have a meaning by their place."""
        return self._ordered.match(header) is not None

    def is_several(self, line: str) -> bool:
        """Whether the new one of such lines comes before the old one goes."""
        return self._several.match(line) is not None

    def is_fleeting(self, line: str) -> bool:
        """Whether a section comes and goes with what stands in it."""
        return self._fleeting.match(line) is not None

    def shows_negation(self, body: str) -> bool:
        """Whether this is on unless the configuration says `no`."""
        return self._shown_negations.match(body) is not None

    def negated(self, line: str) -> str:
        """The line that takes this one away."""
        if line.startswith(self.negation):
            return line.removeprefix(self.negation)
        return self.negation + self.slot(line)

    def rank(self, line: str) -> int:
        """Where a line belongs among definitions and what refers to them."""
        body = line.removeprefix(self.negation)
        return next((n for n, rank in enumerate(self._ranks) if rank.match(body)), len(self._ranks))

    @cached_property
    def hidden(self) -> tuple[re.Pattern[str], ...]:
        """The patterns of secrets."""
        return tuple(re.compile(pattern) for pattern in self.secrets)

    @cached_property
    def _noise(self) -> re.Pattern[str]:
        return _any(self.noise)

    @cached_property
    def _sections(self) -> re.Pattern[str]:
        return _any(self.sections)

    @cached_property
    def _fleeting(self) -> re.Pattern[str]:
        return _any(self.fleeting)

    @cached_property
    def _toggles(self) -> re.Pattern[str]:
        return _any(self.toggles)

    @cached_property
    def _quoted(self) -> re.Pattern[str]:
        return _any(self.quoted)

    @cached_property
    def _single(self) -> re.Pattern[str]:
        return _any(self.single)

    @cached_property
    def _several(self) -> re.Pattern[str]:
        return _any(self.several)

    @cached_property
    def _lists(self) -> re.Pattern[str]:
        return _any(self.lists)

    @cached_property
    def _ordered(self) -> re.Pattern[str]:
        return _any(self.ordered)

    @cached_property
    def _shown_negations(self) -> re.Pattern[str]:
        return _any(self.shown_negations)

    @cached_property
    def _ranks(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.ranks)


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")
