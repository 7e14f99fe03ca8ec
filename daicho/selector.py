"""Which items a change means: names, globs and attributes, as its document writes them. Pure.

    targets:
      - pc-0001                       # this one
      - pc-02*                        # a glob over names
      - {kind: endpoint, site: [本省, 別館], floor: "3*"}   # all of these attributes
    except:
      - {ring: late}

A target selector that finds nothing is an error, never an empty run. Letters are compared without
regard to case and to full or half width, because that is how people write names of machines.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from daicho.errors import NothingMatched, UsageError
from daicho.i18n import N_
from daicho.items.item import FIXED, Item, natural_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

type Selector = str | Mapping[str, str | Sequence[str]]
"""A name or glob, or attribute → value or values (globs too); `kind` and `name` are attributes."""

_GLOB: Final = re.compile(r"[*?\[]")


class UnknownAttribute(UsageError):
    """A selector asks for an attribute that no item has."""

    sentence = N_("No item has the attribute {attribute!r} (in {selector}). Did you mean: {near}?")


class AllExcepted(NothingMatched):
    """Everything that the targets name is taken away again."""

    sentence = N_("Nothing is left of {selector}: every item of the targets is excepted too.")


class SelectorUnusable(UsageError):
    """A selector is neither a name nor a mapping with values."""

    sentence = N_(
        "The selector {selector} cannot be used. Write a name, a glob such as 'pc-*', "
        "or attributes with values such as {{kind: endpoint, site: [a, b]}}; put numbers in quotes."
    )


def select(
    items: Iterable[Item], targets: Sequence[Selector], exclude: Sequence[Selector] = ()
) -> list[Item]:
    """The items that the targets mean and the exclusion does not, in natural order of their names.

    Raises:
        NothingMatched: A target selector, or an excluded *name*, finds no item; it is echoed as written.
        AllExcepted: The exclusion leaves nothing.
        UnknownAttribute: No item has an attribute that a selector names.
        SelectorUnusable: A selector has neither of the two shapes.
    """
    office = _Office(items)
    chosen: dict[str, Item] = {}
    for selector in targets:
        found = office.matching(selector)
        if not found:
            raise NothingMatched(selector=echo(selector))
        chosen.update((item.name, item) for item in found)
    for selector in exclude:
        found = office.matching(selector)
        # A mistyped name here would let a change through to the machine that was to be spared.
        if not found and isinstance(selector, str) and not _GLOB.search(selector):
            raise NothingMatched(selector=echo(selector))
        for item in found:
            chosen.pop(item.name, None)
    if not chosen:
        written = ", ".join(echo(selector) for selector in targets)
        raise AllExcepted(selector=written) if targets else NothingMatched(selector="[]")
    return sorted(chosen.values(), key=lambda item: natural_key(item.name))


def echo(selector: Selector) -> str:
    """The selector as its author wrote it: `pc-*` or `{kind: endpoint, site: [a, b]}`."""
    if not isinstance(selector, Mapping):
        return str(selector)
    pairs = (
        f"{name}: {wanted}"
        if isinstance(wanted, str)
        else f"{name}: [{', '.join(map(str, _several(wanted)))}]"
        for name, wanted in selector.items()
    )
    return "{" + ", ".join(pairs) + "}"


class _Office:
    """The items with the indexes that make ten thousand names as cheap as one."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = tuple(items)
        self._named = {_alike(item.name): item for item in self._items}
        self._attributes = {*FIXED, *(name for item in self._items for name in item.attributes)}

    def matching(self, selector: Selector) -> list[Item]:
        match selector:
            case str() if selector.strip():
                return self._by_name(selector)
            case Mapping() if selector:
                return self._by_attributes(selector)
        raise SelectorUnusable(selector=echo(selector))

    def _by_name(self, name: str) -> list[Item]:
        if not _GLOB.search(name):
            item = self._named.get(_alike(name))
            return [item] if item else []
        fits = _fits([name])
        return [item for key, item in self._named.items() if fits(key)]

    def _by_attributes(self, selector: Mapping[str, str | Sequence[str]]) -> list[Item]:
        left: Iterable[Item] = self._items
        for attribute, wanted in selector.items():
            values = _several(wanted)
            if not values or not all(isinstance(value, str) for value in values):
                raise SelectorUnusable(selector=echo(selector))
            if attribute not in self._attributes:
                self._unknown(attribute, selector)
            fits = _fits(values)
            left = [
                item for item in left if (value := item.value(attribute)) is not None and fits(_alike(value))
            ]
        return list(left)

    def _unknown(self, attribute: str, selector: Selector) -> None:
        known = sorted(self._attributes)
        near = difflib.get_close_matches(str(attribute), known, n=3) or known
        raise UnknownAttribute(attribute=attribute, selector=echo(selector), near=", ".join(near))


def _several(wanted: object) -> list[object]:
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return list(wanted)
    return [wanted]


def _alike(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold() if not text.isascii() else text.lower()


def _fits(values: Sequence[object]) -> Callable[[str], bool]:
    plain = {_alike(str(value)) for value in values if not _GLOB.search(str(value))}
    globs = [_alike(str(value)) for value in values if _GLOB.search(str(value))]
    if not globs:
        return plain.__contains__
    pattern = re.compile("|".join(fnmatch.translate(glob) for glob in globs))
    return lambda text: text in plain or pattern.match(text) is not None
