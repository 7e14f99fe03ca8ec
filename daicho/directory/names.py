r"""Distinguished names (RFC 4514) and search filters (RFC 4515): the only place that escapes values.

Everything that is sent to a directory as a name or a filter is built here from plain values, so
that a comma, a quotation mark or a bracket in a person's name is never read as structure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

type Rdn = tuple[str, str]
"""The type and the plain value of one component: ("CN", "鈴木, 花子")."""

ASKED_AT_ONCE: Final = 200
"""How many names one filter asks for; a thousand makes some servers refuse the filter."""

_SPECIAL: Final = frozenset('"#+,;<>\\=')
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_DESCRIPTION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.;:-]*")
_KIND: Final = re.compile(r"[A-Za-z0-9.-]+")
_BARE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-")
"""What stands in a filter as it is; the rest is escaped, spaces too: readers of filters strip them."""
# Most values of a directory: a plan of thousands of people takes tens of thousands of names apart. A
# word cannot hold a space, so that there is one way to read a text and a long one takes no longer.
_WORD: Final = r"[^\x00-\x20\x7f\"+,;<>\\=#\ud800-\udfff]+"
_NOTHING_SPECIAL: Final = re.compile(rf"{_WORD}(?: {_WORD})*")


def escaped(value: str) -> str:
    """A plain value as it stands in a distinguished name."""
    if _NOTHING_SPECIAL.fullmatch(value):
        return value
    last = len(value) - 1
    return "".join(_character(each, first=at == 0, last=at == last) for at, each in enumerate(value))


def _character(each: str, *, first: bool, last: bool) -> str:
    if ord(each) < 0x20 or ord(each) == 0x7F:
        return f"\\{ord(each):02X}"
    if each in _SPECIAL or (each == " " and (first or last)):
        return "\\" + each
    return each


def joined(*parts: Rdn | str) -> str:
    r"""A distinguished name from components and the name that they are under.

    `joined(("CN", "鈴木, 花子"), "OU=職員,DC=example")` is `CN=鈴木\, 花子,OU=職員,DC=example`.
    """
    texts = (part if isinstance(part, str) else f"{part[0]}={escaped(part[1])}" for part in parts)
    return ",".join(text for text in texts if text)


def components(dn: str) -> tuple[Rdn, ...]:
    """The components of a distinguished name with their plain values, the nearest first.

    Raises:
        ValueError: It is no distinguished name, or a component has several values (`CN=a+OU=b`).
    """
    return tuple(_component(text, dn) for text in _split(dn))


def parent(dn: str) -> str:
    """The name that an entry is directly under, as it was written."""
    first = next(_split(dn), "")
    return dn[len(first) + 1 :].lstrip(" ")


def own(dn: str) -> str:
    r"""The first component as it was written: `CN=鈴木\, 花子`."""
    return next(_split(dn), "")


@lru_cache(maxsize=4096)
def spelled(dn: str, kind: Callable[[str], str]) -> str:
    """A distinguished name in one spelling: one escaping, types in capitals or small letters."""
    first = own(dn)
    if not first:
        return ""
    ((its, value),) = components(first)
    above = parent(dn)
    # Thousands of names share few places: these are kept, the names themselves soon make room.
    return joined((kind(its), value), spelled(above, kind) if above else "")


def common_name(dn: str) -> str:
    """The plain value of the first component, for people to read; the whole text if it is no name."""
    try:
        return components(dn)[0][1]
    except (ValueError, IndexError):
        return dn


def same_key(dn: str) -> str:
    """What two spellings of one name have in common: directories do not tell case, space or escapes apart."""
    return _key(dn) if dn else ""


@lru_cache(maxsize=16384)
def _key(dn: str) -> str:
    first = own(dn)
    kind, value = _component(first, dn)
    mine = joined((kind.upper(), " ".join(value.split()).casefold()))
    # Thousands of names share few places: these are kept.
    return mine if len(first) == len(dn) else f"{mine},{_key(dn[len(first) + 1 :])}"


def is_under(dn: str, base: str) -> bool:
    """Whether an entry is the base or anywhere below it."""
    key, over = same_key(dn), same_key(base)
    return key == over or key.endswith("," + over)


def _split(dn: str) -> Iterator[str]:
    if "\\" not in dn:
        yield from dn.split(",") if dn else ()
        return
    begin, at = 0, 0
    while at < len(dn):
        if dn[at] == "\\":
            at += 2
        elif dn[at] == ",":
            yield dn[begin:at]
            begin = at = at + 1
        else:
            at += 1
    if dn:
        yield dn[begin:]


def _component(text: str, dn: str) -> Rdn:
    kind, equals, value = text.lstrip(" ").partition("=")
    kind = kind.rstrip(" ")
    if not equals or not _KIND.fullmatch(kind):
        raise ValueError(_("{dn!r:.200} is no distinguished name").format(dn=dn))
    return kind, _plain(value, dn)


def _plain(value: str, dn: str) -> str:
    if _NOTHING_SPECIAL.fullmatch(value):
        return value
    found = bytearray()
    kept = 0  # spaces at the end that are not escaped do not belong to the value
    at = len(value) - len(value.lstrip(" "))
    while at < len(value):
        pair = value[at + 1 : at + 3]
        if value[at] != "\\":
            if value[at] in '+"<>;':
                raise ValueError(_("{dn!r:.200} is no distinguished name").format(dn=dn))
            found += value[at].encode("utf-8")
            kept = kept if value[at] == " " else len(found)
            at += 1
            continue
        if len(pair) == 2 and _HEX.issuperset(pair):
            found.append(int(pair, 16))
            at += 3
        elif pair:
            found += pair[0].encode("utf-8")
            at += 2
        else:
            raise ValueError(_("{dn!r:.200} is no distinguished name").format(dn=dn))
        kept = len(found)
    try:
        return bytes(found[:kept]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(_("{dn!r:.200} is no distinguished name").format(dn=dn)) from error


def equals(attribute: str, value: str | bytes) -> str:
    """A filter for the entries whose attribute has exactly this value.

    Raises:
        ValueError: The attribute's name is none: it could carry structure into the filter.
    """
    if not _DESCRIPTION.fullmatch(attribute):
        raise ValueError(_("{name!r:.80} is no name of an attribute").format(name=attribute))
    raw = value.encode("utf-8") if isinstance(value, str) else value
    text = "".join(chr(each) if each in _BARE else f"\\{each:02x}" for each in raw)
    return f"({attribute}={text})"


def present(attribute: str) -> str:
    """A filter for the entries that have the attribute at all."""
    return f"({attribute}=*)"


def every(*filters: str) -> str:
    """A filter for the entries that all of these find."""
    return filters[0] if len(filters) == 1 else f"(&{''.join(filters)})"


def either(filters: Iterable[str]) -> str:
    """A filter for the entries that one of these finds; of none: nothing is found."""
    listed = tuple(filters)
    if not listed:
        return "(!(objectClass=*))"
    return listed[0] if len(listed) == 1 else f"(|{''.join(listed)})"
