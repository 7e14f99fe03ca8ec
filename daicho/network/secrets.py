"""Secrets in configurations: a plan, a diff, the ledger and a message hold a mark in their place."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daicho.network.grammar import Grammar

_MARKED: Final = re.compile(r"<secret(?: (?:[0-9a-f]{8}|given))?>")


def is_marked(line: str) -> bool:
    """Whether something was hidden in this line."""
    return _MARKED.search(line) is not None


def given(shown: str) -> str:
    """The line with the mark of a secret that we give: a device shows it as it likes, often hashed."""
    return _MARKED.sub("<secret given>", shown)


def is_given(shown: str, wanted: str) -> bool:
    """Whether a line stands for one that was wanted with a secret that we gave."""
    return wanted != _MARKED.sub("<secret>", wanted) and given(shown) == wanted


@dataclass(frozen=True)
class Mask:
    """Hides the secrets of one platform's lines."""

    grammar: Grammar
    salt: bytes = b""
    """Of the site. With it a mark tells a changed secret from the same one, and no guess can be tried
    without it; the mark is too short to confirm one. Empty: all secrets look alike."""

    def __call__(self, line: str) -> str:
        """The line with `<secret 1a2b3c4d>` where a secret stood."""
        body = line.removeprefix(self.grammar.negation)
        away = line[: len(line) - len(body)]
        for pattern in self.grammar.hidden:
            if found := pattern.match(body):
                start, end = found.span("secret")
                return away + body[:start] + self._mark(body[start:end]) + body[end:]
        return line

    def _mark(self, secret: str) -> str:
        if _MARKED.fullmatch(secret):
            return secret
        if not self.salt:
            return "<secret>"
        return f"<secret {hmac.new(self.salt, secret.encode(), 'sha256').hexdigest()[:8]}>"
