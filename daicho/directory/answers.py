"""Entries as they come from the wire, decoded once and only as far as is needed.

ldap3 decodes every value twice, looks for its encoding in a configuration each time, and keeps the
names in a dictionary of its own: that is most of the time that reading 15,000 accounts takes. Its
decoder of answers is put aside for entries; everything else goes on to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import ldap3

_SEARCH_RESULT_ENTRY: Final = 4
_VALUE: Final = 3
"""Where ldap3's BER decoder keeps a value, after class, form and tag."""

type Answer = dict[str, Any]


def decode_lightly(its: ldap3.Connection) -> None:
    """Have a connection decode entries as `dn` and `raw_attributes`, by names in small letters."""
    ordinary: Callable[[Answer], Answer] = its.strategy.decode_response_fast

    def decode(message: Answer) -> Answer:
        if message["protocolOp"] != _SEARCH_RESULT_ENTRY or message["controls"]:
            return ordinary(message)
        name, listed = message["payload"]
        return {
            "type": "searchResEntry",
            "dn": name[_VALUE].decode("utf-8", "replace"),
            "raw_attributes": {
                kind[_VALUE].decode("ascii", "replace").lower(): [value[_VALUE] for value in values[_VALUE]]
                for _class, _form, _tag, (kind, values) in listed[_VALUE]
            },
        }

    its.strategy.decode_response_fast = decode
