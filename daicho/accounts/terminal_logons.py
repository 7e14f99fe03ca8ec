"""When each terminal last logged on to the domain: it is switched on then, whatever else is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.directory.dialect import Kind
from daicho.directory.session import Query
from daicho.directory.values import from_filetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from daicho.directory.reading import Reader
    from daicho.items.item import Item

_LOGONS: Final = ("lastLogon", "lastLogonTimestamp")
"""What the server that is asked has seen itself, and what all servers know, up to 14 days late (MS-ADA1)."""


def last_logons(reader: Reader, items: Iterable[Item]) -> Mapping[str, datetime]:
    """Item → the last logon of the account of its name, where Active Directory tells one."""
    login = reader.dialect.login
    query = Query(reader.session.settings.base, reader.dialect.filter(Kind.COMPUTER), (login, *_LOGONS))
    names = {item.name.partition(".")[0].casefold(): item.name for item in items}
    found: dict[str, datetime] = {}
    for entry in reader.session.search(query):
        name = names.get(entry.text(login).removesuffix("$").casefold())
        moments = [when for each in _LOGONS if (when := from_filetime(entry.number(each)))]
        if name and moments:
            found[name] = max(moments)
    return found
