"""The look at a tree and the contents of versions, on a real file server that does what servers do."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from daicho.fileserver import sddl
from daicho.fileserver.contents import Contents
from daicho.fileserver.restoring import aside
from daicho.fileserver.share import Account, Share
from daicho.fileserver.survey import Survey, Surveyor
from daicho.fileserver.wrong import Absent, FileServerError, NoFileServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lab.domain import Domain

ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
NIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@contextmanager
def logged_on(domain: Domain) -> Iterator[Share]:
    """A connection; a server that has just started does not know its domain yet."""
    account = Account(name="svc-daicho@ad.example.test", secret=domain.secret)
    until = time.monotonic() + 30
    with ExitStack() as opened:
        while True:
            try:
                share = opened.enter_context(Share(domain.fqdn("fs1"), "dept", account))
                break
            except NoFileServer:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        yield share


@pytest.fixture
def shares(domain: Domain) -> Iterator[list[Share]]:
    """Three connections; the folder `tree` is there, and what is made in it inherits."""
    with ExitStack() as opened:
        found = [opened.enter_context(logged_on(domain)) for _ in range(3)]
        found[0].make("tree")
        found[0].give("tree", sddl.from_text(f"O:BAD:PAI{ADMINS}(A;OICI;0x1200a9;;;AU)"))
        yield found


def look_for_ever(shares: list[Share]) -> None:
    while True:
        Surveyor(shares).below("tree")


def ways(survey: Survey) -> list[str]:
    return [place.way for place in survey.places]


def test_what_is_not_as_the_folder_above_says_is_kept_and_nothing_else(shares: list[Share]) -> None:
    for name in ("plain", "plain\\below", "own", "own\\below", "protected", "open", "gone"):
        shares[0].make(f"tree\\{name}")
    inherited = "(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;AU)"
    shares[0].give("tree\\own", sddl.from_text(f"D:AI(A;;FX;;;S-1-5-21-9-9-9-4711){inherited}"))
    shares[0].give("tree\\protected", sddl.from_text(f"D:PAI{ADMINS}"))
    shares[0].give("tree\\open", sddl.from_text("D:NO_ACCESS_CONTROL"))
    found = Surveyor(shares).below("tree")
    assert ways(found) == ["tree", "tree\\open", "tree\\own", "tree\\protected"]
    assert (found.folders, found.files, found.links, found.refused) == (8, 0, 0, [])
    assert [place.rights.null for place in found.places] == [False, True, False, False]


def test_links_are_counted_and_lead_nowhere(domain: Domain, shares: list[Share]) -> None:
    shares[0].make("tree\\a")
    disk = domain.machine("fs1").root / "srv/dept"
    (disk / "tree/a/round").symlink_to("..")
    (disk / "tree/a/gone").symlink_to("/nowhere")
    (disk / "tree/a/dfs").symlink_to("msdfs:fs9.ad.example.test\\share")
    found = Surveyor(shares).below("tree")
    assert found.folders + found.files < 10
    assert found.refused == []


def test_what_cannot_be_read_is_named_and_the_rest_is_seen(shares: list[Share]) -> None:
    for number in range(8):
        shares[0].make(f"tree\\{number}")
    shares[0].give("tree\\4", sddl.from_text("O:SYD:P(A;;FX;;;S-1-5-21-9-9-9-4711)"))
    found = Surveyor(shares).below("tree")
    assert [(way, str(error)) for way, error in found.refused] == [
        ("tree\\4", "The file server fs1.ad.example.test refuses tree\\4: the account has no right to it")
    ]
    assert found.folders == 8
    with pytest.raises(Absent):
        Surveyor(shares).below("nowhere")


def test_a_server_that_goes_away_ends_the_look_with_a_sentence(domain: Domain, shares: list[Share]) -> None:
    for number in range(300):
        shares[0].make(f"tree\\{number:03}")
    killing = threading.Timer(0.1, lambda: domain.kill("fs1"))
    killing.start()
    with pytest.raises(NoFileServer) as found:
        look_for_ever(shares)
    killing.join()
    assert str(found.value).startswith("The file server fs1.ad.example.test does not answer: ")
    domain.start("fs1")
    with logged_on(domain) as share:
        assert Surveyor([share]).below("tree").folders == 301


def test_versions_of_a_server_that_keeps_some_and_of_one_that_keeps_none(
    domain: Domain, shares: list[Share], tmp_path: Path
) -> None:
    contents = Contents(shares[0])
    assert contents.versions() == []
    text = "名簿\n" * 300_000  # more than one request carries
    (tmp_path / "text").write_text(text, encoding="utf-8")
    domain.smbclient("dept", f"put {tmp_path}/text tree/大きい.txt")
    disk = domain.machine("fs1").root / "srv/dept/tree/大きい.txt"
    later = NIGHT.replace(day=21)
    assert [domain.keep_version(at) for at in (NIGHT, later)][1] == "@GMT-2026.11.21-03.00.00"
    domain.smbclient("dept", "del tree/大きい.txt")
    with logged_on(domain) as share:
        contents = Contents(share)
        assert contents.versions("tree") == [later, NIGHT]
        assert contents.seen("tree\\大きい.txt") is None
        assert [each.name for each in contents.children("tree", NIGHT)] == ["大きい.txt"]
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert contents.digest("tree\\大きい.txt", NIGHT) == digest
        # An attempt that was interrupted has left a part of it.
        part = aside("tree\\大きい.txt").replace("\\", "/")
        domain.smbclient("dept", f"put /etc/services {part}")
        contents.bring_back("tree\\大きい.txt", NIGHT, aside("tree\\大きい.txt"), replace=False)
        assert hashlib.sha256(disk.read_bytes()).hexdigest() == digest
        assert [each.name for each in contents.children("tree")] == ["大きい.txt"]
        disk.write_text("新しい", encoding="utf-8")
        with pytest.raises(FileServerError, match="there is another one of this name"):
            contents.bring_back("tree\\大きい.txt", NIGHT, aside("tree\\大きい.txt"), replace=False)
        assert disk.read_text(encoding="utf-8") == "新しい"
