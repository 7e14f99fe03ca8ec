"""Values as they are kept: full-width letters folded, addresses in one form, nothing unseen inside.

Names, kinds, addresses, MAC addresses, ports and serial numbers are identifiers: people type
them full-width or with a Japanese dash and mean the same machine, so they are folded with NFKC.
All other text stays as it was written.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from daicho.i18n import gettext as _
from daicho.items.item import KINDS
from daicho.items.problems import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_TEXT: Final = 1000
_LONGEST_NAME: Final = 200
# Hyphens, dashes and the minus sign that input methods and Excel put where "-" was meant.
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
# C0 (without tab and newline), C1, the line separators and lone surrogates cannot be seen in a table.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_NAME: Final = re.compile(r"\w[\w.@$+-]*")
_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_MAC: Final = re.compile(r"[0-9a-f]{12}")
_MAC_MARKS: Final = re.compile(r"[-:. ]")
# Ansible gives these words a meaning of its own; `localhost` is the controller, never a target.
_RESERVED: Final = frozenset({"all", "ungrouped", "localhost", "none", "_meta"})
_KIND_WORDS: Final = {
    "endpoint": (
        "端末",
        "個人端末",
        "pc",
        "パソコン",
        "クライアント",
        "クライアント端末",
        "terminal",
        "client",
    ),
    "network_device": ("ネットワーク機器", "nw機器", "スイッチ", "ルータ", "ルーター", "switch", "router"),
    "printer": ("プリンタ", "プリンター", "複合機"),
    "server": ("サーバ", "サーバー"),
    "share": ("共有", "共有フォルダ", "共有フォルダー", "ファイル共有"),
    "user": ("利用者", "ユーザ", "ユーザー"),
    "location": ("場所", "設置場所", "拠点"),
}
_KINDS: Final = {word: kind for kind, words in _KIND_WORDS.items() for word in words} | {k: k for k in KINDS}


def fold(text: str) -> str:
    """Full-width letters, digits and dashes as ASCII ones, half-width kana as kana."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def clean(attribute: str, text: str) -> str:
    """The value of an attribute as it is kept; empty stays empty.

    Raises:
        Unfit: The text cannot be a value of this attribute.
    """
    text = _seen(text)
    return _CLEANERS.get(attribute, _as_written)(text) if text else ""


def _seen(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if found := _UNSEEN.search(text):
        raise Unfit(
            why=_("{text!r} holds the invisible character U+{code:04X}. Delete it.").format(
                text=text[:60], code=ord(found[0])
            )
        )
    if "\ufffd" in text:
        raise Unfit(
            why=_(
                "{text!r} holds U+FFFD: characters were lost before the file came here. "
                "Export it again from its source."
            ).format(text=text[:60])
        )
    if len(text) > _LONGEST_TEXT:
        raise Unfit(
            why=_("{count} characters are too many; write at most {most}.").format(
                count=len(text), most=_LONGEST_TEXT
            )
        )
    return text


def _as_written(text: str) -> str:
    return text


def _name(text: str) -> str:
    name = fold(text)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise Unfit(
            why=_(
                "{text!r} cannot be a name. Use letters, digits and . _ - @ $ + (no spaces), at most {most}."
            ).format(text=text[:60], most=_LONGEST_NAME)
        )
    if name.casefold() in _RESERVED:
        raise Unfit(
            why=_("{text!r} is a word that Ansible reserves. Give the item another name.").format(text=text)
        )
    return name


def _kind(text: str) -> str:
    word = fold(text).casefold().replace(" ", "_")
    if word not in _KINDS:
        raise Unfit(
            why=_("{text!r} is not a kind of item. Write one of {kinds}.").format(
                text=text[:60], kinds=", ".join(KINDS)
            )
        )
    return _KINDS[word]


def _address(text: str) -> str:
    address = fold(text)
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        if _is_host_name(address):
            return address
    else:
        if not (number.is_multicast or number.is_unspecified or "%" in address):
            return str(number)
    raise Unfit(
        why=_(
            "{text!r} is not the address of one machine. Write an IPv4 or IPv6 address without "
            "leading zeros, prefix length or port, or a host name."
        ).format(text=text[:60])
    )


def _is_host_name(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    # A last label of digits only is a mistyped IPv4 address (RFC 1123, section 2.1).
    return len(text) <= 253 and not labels[-1].isdigit() and all(_LABEL.fullmatch(label) for label in labels)


def _mac(text: str) -> str:
    digits = _MAC_MARKS.sub("", fold(text)).lower()
    if not _MAC.fullmatch(digits):
        raise Unfit(
            why=_(
                "{text!r} is not a MAC address. Write twelve hexadecimal digits, such as 00:16:3e:12:34:56."
            ).format(text=text[:60])
        )
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _port(text: str) -> str:
    number = fold(text)
    if not (number.isascii() and number.isdigit() and len(number) < 6 and 0 < int(number) < 65536):
        raise Unfit(why=_("{text!r} is not a port. Write a number from 1 to 65535.").format(text=text[:60]))
    return str(int(number))


_CLEANERS: Final[dict[str, Callable[[str], str]]] = {
    "name": _name,
    "kind": _kind,
    "address": _address,
    "mac": _mac,
    "port": _port,
    "serial": fold,
}
