"""What rights of folders cost: ours beside `smbcacls` and one connection in sequence; a big tree looked at.

    python -m benchmarks.fileserver [--folders 2000] [--entries 100000] [--loop 40]

Brings up a domain of the lab with a file server by itself (root). Ours and the one connection take turns on
trees of the same shape, because the machine is never quiet. `smbcacls` has so many turns as --loop says.
The big tree is laid on the server's disk, with the rights that the server itself wrote for a pattern.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING

from smbprotocol.connection import Connection
from smbprotocol.exceptions import NoMoreFiles
from smbprotocol.file_info import FileInformationClass, InfoType
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FileAttributes,
    ImpersonationLevel,
    Open,
    QueryDirectoryFlags,
    ShareAccess,
    SMB2QueryInfoRequest,
    SMB2QueryInfoResponse,
    SMB2SetInfoRequest,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from daicho.fileserver import sddl
from daicho.fileserver.connections import AT_ONCE
from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.inheritance import following
from daicho.fileserver.share import Account, Share
from daicho.fileserver.survey import Surveyor
from daicho.fileserver.walk import Order, Walk, Walked, put
from lab.domain import Domain
from lab.domain_build import login_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daicho.fileserver.descriptors import Entry

_ADMINS = "(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)"
_ONE = f"O:BAD:PAI{_ADMINS}(A;OICI;0x1200a9;;;AU)"
_OTHER = f"O:BAD:PAI{_ADMINS}(A;OICI;0x1301bf;;;AU)"
_FILES_IN_A_FOLDER = 49


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What rights of folders cost.")
    parser.add_argument("--folders", type=int, default=2000, help="how many folders are changed")
    parser.add_argument("--entries", type=int, default=100_000, help="how many are looked at; 0: none")
    parser.add_argument("--loop", type=int, default=40, help="how many folders smbcacls changes one by one")
    arguments = parser.parse_args()
    domain = Domain("benchmark-files")
    try:
        domain.up(300, ("fs1",))
        with domain.visit(), ExitStack() as opened:
            account = Account(name="svc-daicho@ad.example.test", secret=domain.secret)
            shares = [
                opened.enter_context(Share(domain.fqdn("fs1"), "dept", account)) for _ in range(AT_ONCE)
            ]
            _change(domain, shares, arguments.folders, arguments.loop)
            if arguments.entries:
                _look(domain, shares, arguments.entries)
    finally:
        domain.down()


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _change(domain: Domain, shares: list[Share], count: int, loop: int) -> None:
    """Many folders below one get other rights."""
    for tree in ("ours", "sequence"):
        shares[0].make(tree)
        shares[0].give(tree, sddl.from_text(_ONE))
        for number in range(count):
            shares[0].make(f"{tree}\\フォルダ{number:05}")
    alone = _Alone(domain)
    spent = {"ours": 0.0, "sequence": 0.0}
    for text in (_OTHER, _ONE):
        spent["ours"] += _timed(lambda text=text: _ours(shares, "ours", text))  # type: ignore[misc]
        spent["sequence"] += _timed(lambda text=text: alone.walk("sequence", count, text))  # type: ignore[misc]
    per = {name: seconds / 2 / count for name, seconds in spent.items()}
    one = _timed(lambda: _ours(shares[:1], "ours", _OTHER)) / count
    again = _ours(shares, "ours", _OTHER)
    by_hand = _smbcacls_loop(domain, loop) / loop
    propagated = _timed(lambda: _propagated(domain)) / count
    alone.leave()
    print(f"{count} folders below one, other rights, each read, listed and written:")
    print(f"  ours, {AT_ONCE} connections       {1000 * per['ours']:6.2f} ms each, {1 / per['ours']:.0f}/s")
    print(f"  ours, one connection      {1000 * one:6.2f} ms each")
    ratio = per["sequence"] / per["ours"]
    print(f"  one connection in sequence {1000 * per['sequence']:5.2f} ms each: {ratio:.2f} × ours")
    ratio = by_hand / per["ours"]
    print(f"  smbcacls, one by one      {1000 * by_hand:6.1f} ms each (n={loop}): {ratio:.0f} × ours")
    print(f"  smbcacls --propagate-inheritance {1000 * propagated:.2f} ms each")
    print(f"  ours again: {again.seen} seen, {again.changed} written")


def _ours(shares: list[Share], tree: str, text: str) -> Walked:
    before = shares[0].rights(tree)
    if before is None:
        raise SystemExit(f"{tree} is not there")
    after = sddl.from_text(text)
    if before != after:
        put(shares[0], tree, before, after)
    return Walk(shares, Order(write=True)).below(tree, before, after)


class _Alone:
    """One connection, one request after the other, as anybody would write it."""

    def __init__(self, domain: Domain) -> None:
        server = domain.fqdn("fs1")
        self._connection = Connection(uuid.uuid4(), server, 445)
        self._connection.connect()
        session = Session(self._connection, "svc-daicho@ad.example.test", domain.secret())
        session.connect()
        self._tree = TreeConnect(session, rf"\\{server}\dept")
        self._tree.connect()
        self._ids = (session.session_id, self._tree.tree_connect_id)

    def walk(self, tree: str, count: int, text: str) -> None:
        """Give a folder its rights, and let so many below follow."""
        rights = sddl.from_text(text)
        self._one(tree, lambda _present: rights)
        for number in range(count):
            self._one(f"{tree}\\フォルダ{number:05}", lambda present: self._followed(present, rights.entries))

    def leave(self) -> None:
        """Log off."""
        self._connection.disconnect(close=True)

    @staticmethod
    def _followed(present: Descriptor, above: tuple[Entry, ...]) -> Descriptor:
        return following(present, above, folder=True)

    def _one(self, path: str, wanted: Callable[[Descriptor], Descriptor]) -> None:
        folder = Open(self._tree, path)
        folder.create(
            ImpersonationLevel.Impersonation,
            0xE0081,
            FileAttributes.FILE_ATTRIBUTE_DIRECTORY,
            ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE,
            CreateDisposition.FILE_OPEN,
            CreateOptions.FILE_DIRECTORY_FILE,
        )
        asking = SMB2QueryInfoRequest()
        asking["info_type"] = InfoType.SMB2_0_INFO_SECURITY
        asking["output_buffer_length"] = 65536
        asking["additional_information"] = 5
        asking["file_id"] = folder.file_id
        answer = SMB2QueryInfoResponse()
        answer.unpack(self._asked(asking))
        self._list(folder)
        setting = SMB2SetInfoRequest()
        setting["info_type"] = InfoType.SMB2_0_INFO_SECURITY
        setting["additional_information"] = 4
        setting["file_id"] = folder.file_id
        setting["buffer"] = wanted(Descriptor.unpacked(answer["buffer"].get_value())).packed()
        self._asked(setting)
        folder.close()

    @staticmethod
    def _list(folder: Open) -> None:
        """There could be something below."""
        flags: int = QueryDirectoryFlags.SMB2_RESTART_SCANS
        try:
            while folder.query_directory("*", FileInformationClass.FILE_DIRECTORY_INFORMATION, flags):
                flags = 0
        except NoMoreFiles:
            return

    def _asked(self, request: SMB2QueryInfoRequest | SMB2SetInfoRequest) -> bytes:
        data: bytes = self._connection.receive(self._connection.send(request, *self._ids))["data"].get_value()
        return data


def _smbcacls(domain: Domain, *words: str) -> None:
    with login_file(domain.places, "svc-daicho", "svc-daicho") as login:
        share = f"//{domain.fqdn('fs1')}/dept"
        done = domain.execute(["smbcacls", share, *words, f"--authentication-file={login}"], timeout=600)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def _smbcacls_loop(domain: Domain, count: int) -> float:
    entry = "ACL:NT AUTHORITY\\Authenticated Users:ALLOWED/OI|CI/READ"
    begin = time.perf_counter()
    for number in range(count):
        _smbcacls(domain, f"ours/フォルダ{number:05}", "-a", entry)
    return time.perf_counter() - begin


def _propagated(domain: Domain) -> None:
    entry = "ACL:EXAMPLE\\Domain Users:ALLOWED/OI|CI/READ"
    _smbcacls(domain, "sequence", "-a", entry, "--propagate-inheritance")


def _look(domain: Domain, shares: list[Share], entries: int) -> None:
    """A big tree in which everything is in order."""
    top = sddl.from_text(_ONE)
    shares[0].make("big")
    shares[0].give("big", top)
    shares[0].make("big\\pattern")
    domain.smbclient("dept", "put /etc/hostname big/pattern/file.txt")
    Walk(shares[:1], Order(write=True)).below("big", top, top)
    folders = _lay(domain.machine("fs1").root / "srv/dept/big", entries)
    cpu, begin = time.process_time(), time.perf_counter()
    found = Walk(shares, Order(write=False)).below("big", top, top)
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{found.seen} files and folders ({folders} folders) looked at, {found.changed} not in order:")
    print(f"  {wall:.0f} s, {found.seen / wall:.0f}/s, own CPU {used:.0f} s, at most {peak} MB")
    cpu, begin = time.process_time(), time.perf_counter()
    survey = Surveyor(shares).below("big")
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    seen = survey.folders + survey.files
    print(f"{seen} of them audited, {len(survey.places)} with rights of their own:")
    print(f"  {wall:.0f} s, {seen / wall:.0f}/s, own CPU {used:.0f} s, at most {peak} MB")


def _lay(big: Path, entries: int) -> int:
    """Folders of 49 files each on the server's disk, with the rights of the pattern."""
    pattern = big / "pattern"
    of_folder, of_file = (_attributes(each) for each in (pattern, pattern / "file.txt"))
    folders = entries // (_FILES_IN_A_FOLDER + 1)
    for number in range(folders):
        folder = big / f"課{number:05}"
        folder.mkdir()
        _give(folder, of_folder)
        for each in range(_FILES_IN_A_FOLDER):
            path = folder / f"文書{each:02}.txt"
            path.touch()
            _give(path, of_file)
    return folders


def _attributes(path: Path) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


def _give(path: Path, attributes: dict[str, bytes]) -> None:
    for name, value in attributes.items():
        os.setxattr(path, name, value)


if __name__ == "__main__":
    main()
