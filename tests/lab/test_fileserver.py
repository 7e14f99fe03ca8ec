"""The client of file servers and its walk, on a real one: names, links, refusals, a server that goes away."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from daicho.fileserver import sddl
from daicho.fileserver.share import Account, Share
from daicho.fileserver.walk import Order, Walk, Walked, put
from daicho.fileserver.wrong import FileServerError, NoFileServer
from lab.domain_build import login_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.domain import Domain

ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
BEFORE = sddl.from_text(f"O:BAD:PAI{ADMINS}(A;OICI;0x1200a9;;;AU)")
AFTER = sddl.from_text(f"O:BAD:PAI{ADMINS}(A;OICI;0x1301bf;;;AU)")
FOLLOWS = "AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;AU)"


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
    """Three connections; the folder `tree` is there."""
    with ExitStack() as opened:
        found = [opened.enter_context(logged_on(domain)) for _ in range(3)]
        found[0].make("tree")
        found[0].give("tree", BEFORE)
        yield found


def walked(shares: list[Share], *, write: bool = True) -> Walked:
    now = shares[0].rights("tree")
    assert now is not None
    if write and now != AFTER:
        put(shares[0], "tree", now, AFTER)
    return Walk(shares, Order(write=write)).below("tree", BEFORE, AFTER)


def shown(domain: Domain, place: str) -> str:
    """The list that smbcacls shows."""
    with login_file(domain.places, "svc-daicho", "svc-daicho") as login:
        words = [f"//{domain.fqdn('fs1')}/dept", place, "--sddl", f"--authentication-file={login}"]
        done = domain.execute(["smbcacls", *words])
    assert done.returncode == 0, done.stdout + done.stderr
    text = done.stdout.strip().partition("D:")[2]
    return text.replace("0x001f01ff", "FA").replace("0x00", "0x")


def test_names_that_windows_cannot_type_and_ways_longer_than_260(domain: Domain, shares: list[Share]) -> None:
    names = ["㍻の〜①", "a.", "b ", "c" * 200, "𠮷野家", "%2e & 'x'"]
    for name in names:
        shares[0].make(f"tree\\{name}")
    deep = "tree" + "\\深い階層のフォルダ名" * 30
    at = "tree"
    for step in deep.split("\\")[1:]:
        at = f"{at}\\{step}"
        shares[0].make(at)
    assert len(deep) > 260
    found = walked(shares)
    assert (found.seen, found.changed, found.refused) == (len(names) + 30, len(names) + 30, [])
    assert shown(domain, deep.replace("\\", "/")) == FOLLOWS
    assert shown(domain, "tree/㍻の〜①") == FOLLOWS
    again = walked(shares)
    assert (again.seen, again.changed) == (len(names) + 30, 0)


def test_what_is_its_own_stays_its_own(domain: Domain, shares: list[Share]) -> None:
    deleted = "(A;OICI;FR;;;S-1-5-21-9-9-9-4711)"
    for name in ("own", "protected", "protected\\below", "open"):
        shares[0].make(f"tree\\{name}")
    shares[0].give("tree\\own", sddl.from_text(f"D:AI(D;;DT;;;BG){deleted}(A;OICIID;FA;;;WD)"))
    shares[0].give("tree\\protected", sddl.from_text(f"D:PAI{ADMINS}"))
    shares[0].give("tree\\open", sddl.from_text("D:NO_ACCESS_CONTROL"))
    before = shown(domain, "tree/protected"), shown(domain, "tree/protected/below")
    found = walked(shares)
    assert (found.seen, found.changed, found.protected) == (3, 1, 1)
    assert shown(domain, "tree/own") == FOLLOWS.replace(
        "AI", f"AI(D;;DT;;;BG){deleted}".replace("FR", "0x120089"), 1
    )
    assert (shown(domain, "tree/protected"), shown(domain, "tree/protected/below")) == before
    rights = shares[0].rights("tree\\open")
    assert rights
    assert rights.null


def test_links_lead_nowhere(domain: Domain, shares: list[Share]) -> None:
    shares[0].make("tree\\a")
    disk = domain.machine("fs1").root / "srv/dept"
    shares[0].make("elsewhere")
    shares[0].give("elsewhere", BEFORE)
    (disk / "tree/a/round").symlink_to("..")
    (disk / "tree/a/gone").symlink_to("/nowhere")
    (disk / "tree/a/dfs").symlink_to("msdfs:fs9.ad.example.test\\share")
    found = walked(shares)
    assert found.seen < 10
    assert found.refused == []
    assert shares[0].rights("elsewhere") == BEFORE


def test_what_is_refused_is_named_and_the_rest_is_done(domain: Domain, shares: list[Share]) -> None:
    for number in range(8):
        shares[0].make(f"tree\\{number}")
    [(_dn, person)] = domain.ldapsearch("(sAMAccountName=k.tanaka)", "sAMAccountName")
    assert person
    closed = sddl.from_text("O:SYD:P(A;;FR;;;S-1-5-21-9-9-9-4711)")
    shares[0].give("tree\\4", closed)
    found = walked(shares)
    assert [way for way, _error in found.refused] == ["tree\\4"]
    assert str(found.refused[0][1]) == (
        "The file server fs1.ad.example.test refuses tree\\4: the account has no right to it"
    )
    assert (found.seen, found.changed) == (7, 7)
    assert shown(domain, "tree/7") == FOLLOWS


def test_files_that_somebody_has_open_follow_too(domain: Domain, shares: list[Share]) -> None:
    domain.smbclient("dept", "put /etc/hostname tree/名簿.txt")
    with shares[0]._opened("tree", 0x1):
        found = walked(shares[1:])
    assert (found.changed, found.refused) == (1, [])
    assert shown(domain, "tree/名簿.txt").startswith("AI(A;ID;FA;;;BA)")


def test_a_server_that_goes_away_ends_the_walk_and_it_goes_on_when_it_is_back(
    domain: Domain, shares: list[Share]
) -> None:
    for number in range(300):
        shares[0].make(f"tree\\{number:03}")
    killing = threading.Timer(0.15, lambda: domain.kill("fs1"))
    killing.start()
    with pytest.raises(NoFileServer) as found:
        walked(shares)
    killing.join()
    assert str(found.value).startswith("The file server fs1.ad.example.test does not answer: ")
    domain.start("fs1")
    with logged_on(domain) as share:
        rest = walked([share])
        assert rest.seen == 300
        assert rest.changed > 0
        assert walked([share]).changed == 0


def test_more_entries_than_the_server_keeps_are_refused(shares: list[Share]) -> None:
    some = "".join(f"(A;OICI;FR;;;S-1-5-21-9-9-9-{number})" for number in range(1000, 1060))
    put(shares[0], "tree", BEFORE, sddl.from_text(f"O:BAD:PAI{ADMINS}{some}"))
    many = "".join(f"(A;OICI;FR;;;S-1-5-21-9-9-9-{number})" for number in range(1000, 2700))
    with pytest.raises(FileServerError, match="STATUS_DISK_FULL"):
        shares[0].give("tree", sddl.from_text(f"O:BAD:PAI{ADMINS}{many}"))
    kept = shares[0].rights("tree")
    assert kept
    assert len(kept.entries) == 62
