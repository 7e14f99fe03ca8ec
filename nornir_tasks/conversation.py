"""A conversation over a command line: lines out, prompts back, every echo and every error looked at.

Lines travel in a window: the next ones are under way while the answers to the first come back, so that
the distance to a device is paid once and not for each line. A line on which the meaning of those after it
hangs (it opens a section, it changes the prompt) is waited for.
"""

from __future__ import annotations

import codecs
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from daicho.network.way import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daicho.network.platform import Step, Talk
    from daicho.network.way import Line

WINDOW: Final = 240
"""Octets under way at most: a terminal line of IOS keeps 254 of what is typed ahead."""
_CODES: Final = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Za-z0-9]|[=>])|[\x00\x07\x0e\x0f]")
_FILLER: Final = "\x01"
_ASKED: Final = "\x02"
_OVERWRITTEN: Final = re.compile(r"[^\n\r]*\r +\r(?!\n)")
_ERASED: Final = re.compile(r"[^\x08\n]\x08")
_RENAMES: Final = re.compile(r"(no )?(hostname|console prompt|prompt) ?")


class Silent(Exception):
    """The device did not give its prompt in time."""


class HungUp(Exception):
    """The session ended."""


class Garbled(Exception):
    """The device did not repeat what was typed."""


class Wire(Protocol):
    """What carries a conversation."""

    def send(self, data: bytes) -> None:
        """Send it all. Raises HungUp."""

    def receive(self, seconds: float) -> bytes:
        """What came, as soon as anything did. Raises Silent after so many seconds, HungUp at the end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device said to one line."""

    line: str
    said: str
    prompt: str
    """The prompt after it."""
    error: str = ""
    """The words that refuse the line."""


class Conversation:
    """Typing and reading, on one session."""

    def __init__(self, wire: Wire, talk: Talk, seconds: float) -> None:
        """Begin with what the device says first.

        Args:
            wire: Carries it.
            talk: The platform's way to talk.
            seconds: Patience with one answer.
        """
        self._wire, self._talk, self._seconds = wire, talk, seconds
        self._decoder = codecs.getincrementaldecoder(talk.encoding)(errors="replace")
        self._any_prompt = re.compile(talk.prompt)
        self._errors = re.compile(talk.errors, re.MULTILINE)
        self._pager = re.compile(rf"(?:{talk.pager})[ \t]*$")
        self._own: re.Pattern[str] | None = None
        self._text = ""
        self.prompt = ""
        self.round_trip = 0.0
        """Seconds from the last line that was waited for alone to its prompt."""

    def open(self) -> None:
        """Wait for the first prompt. Raises Silent, HungUp."""
        self._until_prompt(())

    def ask(self, step: Step, patience: float | None = None) -> Answer:
        """Type one line, answer what it asks, and give what it says.

        Raises:
            Silent: The prompt did not come back.
            HungUp: The session ended.
            Garbled: The line did not come back as it was typed.
        """
        began = time.monotonic()
        self._send(step.line)
        text = self._until_prompt(step.answers, patience)
        self.round_trip = time.monotonic() - began
        return self._answer(step.line, self._after_echo(step.line, text))

    def type(self, lines: Sequence[Line], told: Callable[[Line], None] = lambda _line: None) -> list[Answer]:
        """Type lines, as many at once as may be under way; ends with the first that is refused.

        Args:
            lines: In their order.
            told: Called with each line that was taken, before the next is waited for.

        Raises:
            Silent, HungUp, Garbled: As `ask`.
        """
        answers: list[Answer] = []
        sent = 0
        while len(answers) < sent or sent < len(lines):
            until = self._window(lines, len(answers), sent)
            if until > sent:
                self._send(*(line.text for line in lines[sent:until]))
                sent = until
            answer = self._next_answer(lines[len(answers)], renamed=_renames(lines[len(answers)]))
            answers.append(answer)
            if answer.error:
                # What is under way already is let run out, so that the next prompt is the last one.
                answers += [self._next_answer(line, renamed=False) for line in lines[len(answers) : sent]]
                return answers
            told(lines[len(answers) - 1])
        return answers

    def until(self, pattern: str, line: str) -> bool:
        """Type a line, or a password; whether the device then asks for what matches, and gives no prompt."""
        self._send(line)
        return self._until_prompt(((pattern, ""),), stop=True) == _ASKED

    # The window

    def _window(self, lines: Sequence[Line], answered: int, sent: int) -> int:
        if any(_waits(line) for line in lines[answered:sent]):
            return sent
        room = WINDOW - sum(_size(line) for line in lines[answered:sent])
        until = sent
        while until < len(lines) and (_size(lines[until]) <= room or until == answered):
            room -= _size(lines[until])
            until += 1
            if _waits(lines[until - 1]):
                break
        return until

    def _next_answer(self, line: Line, *, renamed: bool) -> Answer:
        deadline = time.monotonic() + self._seconds
        if renamed:
            self._own = None
            return self._answer(line.text, self._after_echo(line.text, self._until_prompt(())))
        prompt = re.compile(self._prompt_pattern().pattern, re.MULTILINE)
        begin = self._echoed(line.text, deadline)
        while (found := prompt.search(self._text, begin)) is None:
            self._more(deadline)
        said, self._text = self._text[begin : found.start()], self._text[found.end() :]
        self.prompt = found[0].strip()
        return self._answer(line.text, said)

    def _echoed(self, line: str, deadline: float) -> int:
        """Where the answer to a line begins in what was read."""
        while "\n" not in self._text:
            self._more(deadline)
        head, _newline, _rest = self._text.partition("\n")
        if not _same(line, head):
            raise Garbled(line, head)
        return len(head) + 1

    # Reading

    def _until_prompt(
        self, answers: Sequence[tuple[str, str]], patience: float | None = None, *, stop: bool = False
    ) -> str:
        deadline = time.monotonic() + (patience or self._seconds)
        answered = 0
        while True:
            tail = self._text[self._text.rfind("\n") + 1 :]
            if (reply := _reply(answers, self._text[answered:])) is not None:
                if stop:
                    self._text = ""
                    return _ASKED
                answered = len(self._text)
                self._send(reply)
            elif found := self._pager.search(tail):
                self._text = self._text[: len(self._text) - len(found[0])] + _FILLER * len(found[0])
                self._wire.send(b" ")
            elif self._prompt_pattern().fullmatch(tail.replace("\r", "")) and self._settled():
                return self._taken(tail)
            self._more(deadline)

    def _taken(self, prompt: str) -> str:
        text, self._text = self._text[: len(self._text) - len(prompt)], ""
        self._learn(prompt.strip())
        return text.replace(_FILLER, "").replace("\r", "")

    def _learn(self, prompt: str) -> None:
        self.prompt = prompt
        base = re.split(r"[(>#]", prompt.lstrip("!"), maxsplit=1)[0]
        # IOS shows 20 letters of the name in its configuration modes.
        end = r"(?:\([^()\r\n]{1,60}\))?[>#]"
        name = rf"{re.escape(base[:20])}[^\s>#(]*"
        if base:
            self._own = re.compile(rf"^!?{rf'(?:{name})?' if self._talk.bare_modes else name}{end} ?")

    def _prompt_pattern(self) -> re.Pattern[str]:
        return self._own or re.compile(rf"^(?:{self._any_prompt.pattern}) ?")

    def _settled(self) -> bool:
        """Whether nothing follows a prompt that could as well be the beginning of a line."""
        if self._own is not None:
            return True
        try:
            self._more(time.monotonic() + 0.03)
        except Silent:
            return True
        return False

    def _more(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        data = self._wire.receive(max(0.001, left))
        self._text = _plain(self._text, self._decoder.decode(data))

    def _send(self, *lines: str) -> None:
        self._wire.send("".join(f"{line}\n" for line in lines).encode(self._talk.encoding))

    def _after_echo(self, line: str, text: str) -> str:
        head, _newline, rest = text.partition("\n")
        if not _same(line, head):
            if line and line in head:
                return rest
            raise Garbled(line, head)
        return rest

    def _answer(self, line: str, said: str) -> Answer:
        refused = self._errors.search(said)
        return Answer(line, said, self.prompt, refused[0].strip() if refused else "")


def _plain(before: str, data: str) -> str:
    """What was read, as a terminal would show it."""
    text = before + _CODES.sub("", data)
    while "\b" in text and _ERASED.search(text):
        text = _ERASED.sub("", text)
    return _OVERWRITTEN.sub("", text).replace("\r\n", "\n") if "\r" in text else text


def _reply(answers: Sequence[tuple[str, str]], text: str) -> str | None:
    return next((reply for asks, reply in answers if re.search(asks, text)), None)


def _same(line: str, echo: str) -> bool:
    shown = "".join(echo.split())
    typed = "".join(line.split())
    return shown == typed or shown.endswith(typed)


def _size(line: Line) -> int:
    return len(line.text.encode(errors="replace")) + 1


def _waits(line: Line) -> bool:
    return line.kind is Kind.ENTER or _renames(line)


def _renames(line: Line) -> bool:
    return _RENAMES.match(line.text) is not None
