"""Names that are taken: asked for together, answered as one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from daicho.directory.names import same_key
from daicho.directory.taken import TakenNames
from daicho.directory.values import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.directory.session import Query, Session

BASE: Final = "DC=example,DC=test"
PEOPLE: Final = "(objectClass=user)"
THERE: Final = (f"CN=佐藤,OU=a,{BASE}", f"CN=佐藤,OU=b,{BASE}", f"CN=プリンタ,OU=a,{BASE}")


class Directory:
    """A directory as far as its names go; what is asked of it is kept."""

    def __init__(self) -> None:
        self.settings = self
        self.base = BASE
        self.asked: list[str] = []

    def search(self, query: Query) -> Iterator[Entry]:
        self.asked.append(query.filter)
        told = re.findall(r"\(cn=([^)]*)\)", query.filter, re.IGNORECASE)
        wanted = {
            re.sub(rb"\\(..)", lambda one: bytes.fromhex(one[1].decode()), each.encode()) for each in told
        }
        people = f"(!{PEOPLE})" not in query.filter
        return (
            Entry(dn.lower(), {})
            for dn in THERE
            if dn[3:].split(",")[0].encode() in wanted and (people or "プリンタ" in dn)
        )

    def exists(self, dn: str) -> bool:
        self.asked.append(dn)
        return dn in THERE


def _octet(escaped: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escaped[1].decode())


def taken(names: TakenNames, *asked: str) -> list[bool]:
    return [dn in names for dn in asked]


def test_many_names_are_one_question() -> None:
    directory = Directory()
    names = TakenNames(cast("Session", directory))
    asked = [*THERE, f"CN=佐藤,OU=c,{BASE}", f"cn=プリンタ, OU=A,{BASE}", f"CN=鈴木\\, 花子,OU=a,{BASE}"]
    names.ask(asked)
    assert taken(names, *asked) == [True, True, True, False, True, False]
    names.ask(asked)
    assert len(directory.asked) == 1


def test_a_thousand_names_are_five_questions() -> None:
    directory = Directory()
    names = TakenNames(cast("Session", directory))
    names.ask([*(f"CN=u{number},OU=a,{BASE}" for number in range(999)), THERE[0]])
    assert len(directory.asked) == 5
    assert taken(names, THERE[0], f"CN=u998,OU=a,{BASE}") == [True, False]
    assert len(directory.asked) == 5


def test_people_who_have_been_read_are_not_asked_for() -> None:
    directory = Directory()
    names = TakenNames(cast("Session", directory))
    names.know({same_key(dn) for dn in THERE[:2]}, PEOPLE)
    asked = [*THERE, f"CN=佐藤,OU=c,{BASE}"]
    names.ask(asked)
    assert taken(names, *asked) == [True, True, True, False]
    assert all(question.endswith(f"(!{PEOPLE}))") for question in directory.asked)


def test_who_was_not_announced_is_asked_for_alone_and_once() -> None:
    directory = Directory()
    names = TakenNames(cast("Session", directory))
    assert taken(names, THERE[0], THERE[0], f"CN=x,OU=a,{BASE}") == [True, True, False]
    assert directory.asked == [THERE[0], f"CN=x,OU=a,{BASE}"]


def test_names_outside_the_base_are_asked_for_where_they_are() -> None:
    directory = Directory()
    names = TakenNames(cast("Session", directory))
    names.ask(["CN=x,DC=elsewhere"])
    assert directory.asked == []
    assert "CN=x,DC=elsewhere" not in names
    assert directory.asked == ["CN=x,DC=elsewhere"]
