"""Long lists: Windows hands out 1,500 values at a time, which Samba never does (MS-ADTS 3.1.1.3.1.3.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pytest

from daicho.directory.reading import members, whole
from daicho.directory.values import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daicho.directory.session import Session

GROUP = "CN=全職員,OU=グループ,DC=example"


class Windows:
    """A domain controller as far as the members of one group go."""

    def __init__(self, count: int, limit: int = 1500) -> None:
        self.members = [f"CN={number:05},DC=example".encode() for number in range(count)]
        self.limit = limit
        self.asked = 0

    def one(self, dn: str, attributes: Sequence[str]) -> Entry:
        assert dn == GROUP
        self.asked += 1
        [name] = attributes
        wanted = re.fullmatch(r"member(?:;range=(\d+)-\*)?", name)
        assert wanted
        begin = int(wanted[1] or 0)
        part = self.members[begin : begin + self.limit]
        end = begin + len(part)
        if begin == 0 and end == len(self.members):
            return Entry(dn, {"member": part} if part else {})
        last = "*" if end == len(self.members) else str(end - 1)
        return Entry(dn, {f"member;range={begin}-{last}": part, "member": []})


@pytest.mark.parametrize("count", [0, 1, 1499, 1500, 1501, 3000, 5000, 15_000])
def test_every_member_is_read_once(count: int) -> None:
    server = Windows(count)
    found = list(members(cast("Session", server), GROUP))
    assert [name.encode() for name in found] == server.members
    assert server.asked == max(1, -(-count // 1500))


def test_a_list_that_ends_early_gives_what_there_is() -> None:
    class Gone(Windows):
        def one(self, dn: str, attributes: Sequence[str]) -> Entry:
            return Entry(dn, {}) if self.asked else super().one(dn, attributes)

    server = Gone(5000)
    entry = whole(cast("Session", server), server.one(GROUP, ["member"]))
    assert len(entry.values["member"]) == 1500
