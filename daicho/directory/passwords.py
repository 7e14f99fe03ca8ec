"""Initial passwords: random, typed from paper without mistakes, accepted by the domain's rules."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from pydantic import Field

from daicho.documents import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# Without what is mistaken for another on paper (0 O o, 1 l I i, 2 Z z, 5 S s, 8 B, 6 G b, 9 g q, u v)
# and the marks that a Japanese keyboard has elsewhere (@ : " ^ ~ \ ').
_CLASSES: Final = ("acdefhjkmnprtwxy", "ACDEFHJKLMNPRTWXY", "347", "#%+-=?")
_MINUTE: Final = 10_000


class PasswordPolicy(Document):
    """How initial passwords are made: the part `passwords` of directory.yml."""

    length: int = Field(default=14, ge=8, le=64)
    """How many characters."""
    classes: int = Field(default=4, ge=2, le=4)
    """How many of these kinds it has at least one of: small letters, capitals, digits, marks."""
    grouped: int = Field(default=0, ge=0, le=16)
    """A hyphen after every so many characters, not counted in `length`; 0: none."""


def generate(policy: PasswordPolicy, avoid: Collection[str] = ()) -> str:
    """A new random password.

    Args:
        policy: How long, of which characters.
        avoid: Names that must not be in it, as Active Directory demands: the logon name, and each
            part of three or more letters of the display name.
    """
    parts = [part.casefold() for part in avoid if len(part) >= 3]
    for _try in range(_MINUTE):
        found = _one(policy)
        if not any(part in found.casefold() for part in parts):
            return found
    raise AssertionError(policy)  # ten thousand random texts that all hold a name


def _one(policy: PasswordPolicy) -> str:
    chance = secrets.SystemRandom()
    kinds = _CLASSES[: policy.classes]
    if policy.grouped:
        kinds = tuple(kind.replace("-", "") for kind in kinds)
    characters = [chance.choice(kind) for kind in kinds]
    # A kind weighs as it has characters: each is as likely as another.
    characters += chance.choices("".join(kinds), k=policy.length - len(kinds))
    chance.shuffle(characters)
    return "".join(characters) if not policy.grouped else _hyphenated(characters, policy.grouped)


def _hyphenated(characters: Sequence[str], size: int) -> str:
    return "-".join("".join(characters[at : at + size]) for at in range(0, len(characters), size))
