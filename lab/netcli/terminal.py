"""The device's side of a terminal: echo, line editing, pages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Gone(Exception):
    """The session has ended."""


class Wire(Protocol):
    """Where bytes go."""

    def write(self, data: bytes) -> None: ...


_ENTER: Final = b"\r\n"
_BACK: Final = b"\x7f\x08"


class Terminal:
    """One session's keyboard and screen."""

    def __init__(self, wire: Wire, *, width: int = 80, height: int = 24) -> None:
        """Write to `wire`; a height of 0 never stops for a page."""
        self.width, self.height = width, height
        self.encoding = "utf-8"
        self.echo_seconds = 0.0
        self.more = b" --More-- "
        self._wire = wire
        self._typed = bytearray()
        self._shown = bytearray()
        self._prompt = ""
        self._waiting: asyncio.Future[None] | None = None
        self._gone = self._ended = False
        self._after_return = False

    # From the wire

    def typed(self, data: bytes) -> None:
        """Bytes have arrived."""
        self._typed += data
        self._wake()

    def end(self) -> None:
        """Nothing more will arrive; what has is still read, and answered."""
        self._ended = True
        self._wake()

    def hang_up(self) -> None:
        """The other end is gone."""
        self._gone = True
        self.end()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _key(self) -> int:
        while not self._typed:
            self.flush()
            if self._ended:
                raise Gone
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._typed.pop(0)

    # To the screen

    def say(self, text: str) -> None:
        """Show text; every line feed gets its carriage return."""
        self._shown += text.replace("\n", "\r\n").encode(self.encoding, errors="surrogateescape")

    def flush(self) -> None:
        """Send what was shown."""
        if self._shown and not self._gone:
            self._wire.write(bytes(self._shown))
        self._shown.clear()

    async def pause(self, seconds: float) -> None:
        """Show what there is, then take this long."""
        self.flush()
        await asyncio.sleep(seconds)
        if self._gone:
            raise Gone

    async def ask(self, question: str) -> str:
        """A question and its echoed answer."""
        self.say(question)
        return await self.line()

    async def secret(self, question: str) -> str:
        """A question whose answer is not echoed."""
        self.say(question)
        return await self.line(echo=False)

    async def choice(self, question: str) -> str:
        """A question that a single key answers."""
        self.say(question)
        key = chr(await self._key())
        self._drop_line_feed(key)
        self.say(f"{key}\n" if key.isprintable() else "\n")
        return key

    def _drop_line_feed(self, key: str) -> None:
        self._after_return = key == "\r"

    async def line(self, prompt: str = "", *, echo: bool = True) -> str:
        """A line that is typed after the prompt; Ctrl-Z and Ctrl-C are lines of their own."""
        self.say(prompt)
        self._prompt = prompt
        found = bytearray()
        while True:
            if (whole := self._whole_line(found, echo=echo)) is not None:
                return whole
            key = await self._key()
            if key in _ENTER:
                if key == 10 and self._after_return and not found:
                    self._after_return = False
                    continue
                self._after_return = key == 13
                self.say("\n")
                return found.decode(self.encoding, errors="surrogateescape")
            self._after_return = False
            if key in (3, 26):
                self.say("^C\n" if key == 3 else "^Z\n")
                return chr(key)
            await self._edit(found, key, echo=echo)

    def _whole_line(self, found: bytearray, *, echo: bool) -> str | None:
        """A line that has arrived whole and needs no editing is echoed at once: the fast way."""
        end = self._typed.find(b"\r")
        other = self._typed.find(b"\n")
        end = other if end < 0 else end if other < 0 else min(end, other)
        if found or end <= 0 or self.echo_seconds or (self._after_return and self._typed[0] == 10):
            return None
        text = self._typed[:end]
        if min(text) < 32 or 127 in text or len(self._prompt) + end >= (self.width or 1 << 30):
            return None
        self._after_return = self._typed[end] == 13
        del self._typed[: end + 1]
        if echo:
            self._shown += text
        self.say("\n")
        return text.decode(self.encoding, errors="surrogateescape")

    async def _edit(self, found: bytearray, key: int, *, echo: bool) -> None:
        if key in _BACK:
            if found:
                found.pop()
                self.say("\b \b" if echo else "")
        elif key == 21:
            self.say("\b \b" * len(found) if echo else "")
            found.clear()
        elif key >= 32:
            found.append(key)
            if echo:
                if self.echo_seconds:
                    await self.pause(self.echo_seconds)
                self._echo(found)

    def _echo(self, found: bytearray) -> None:
        """The last key; a line wider than the terminal scrolls to the left behind a `$`."""
        if self.width and len(self._prompt) + len(found) >= self.width:
            self.say(f"\r{self._prompt}$")
            self._shown += found[-10:]
        else:
            self._shown += found[-1:]

    async def pages(self, lines: Sequence[str]) -> None:
        """Show lines, a screenful at a time; `q` ends, Enter shows one more line."""
        if not self.height or len(lines) < self.height:
            self.say("".join(f"{line}\n" for line in lines))
            return
        shown, room = 0, self.height - 1
        while shown < len(lines):
            self.say("".join(f"{line}\n" for line in lines[shown : shown + room]))
            shown += room
            if shown >= len(lines):
                return
            self._shown += self.more
            key = await self._key()
            width = len(self.more)
            self.say("\b" * width + " " * width + "\b" * width)
            if key in (ord("q"), ord("Q"), 3):
                return
            room = 1 if key in _ENTER else self.height - 1
