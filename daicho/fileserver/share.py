"""One share of a file server over SMB 3, signed and encrypted. It and contents.py work smbprotocol."""

from __future__ import annotations

import threading
import uuid
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Self

from smbprotocol.connection import Connection
from smbprotocol.create_contexts import CreateContextName, SMB2CreateContextRequest
from smbprotocol.exceptions import NoMoreFiles, SMBException, SMBResponseException
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FileAttributes,
    ImpersonationLevel,
    Open,
    ShareAccess,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.listings import children_in
from daicho.fileserver.messages import answered, asking, closing, giving, listing, opened, opening
from daicho.fileserver.wrong import Absent, TooLong, explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daicho.fileserver.listings import Child
    from daicho.fileserver.messages import Message

_PORT: Final = 445
_OWNER, _LISTED = 0x1, 0x4
_READ_RIGHTS: Final = 0x20000
_WRITE_RIGHTS: Final = 0x40000
_WRITE_OWNER: Final = 0x80000
_READ_ATTRIBUTES: Final = 0x80
_DELETE: Final = 0x10000
_READ_DATA: Final = 0x1
"""Of a file its content, of a folder its list."""
_PATIENCE_S: Final = 60
_CREDITS: Final = 64
"""So many requests may be under way; a chain takes three."""
_LONGEST: Final = 65536
_FOLDER: Final = FileAttributes.FILE_ATTRIBUTE_DIRECTORY
_SHARED: Final = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a file or folder showed."""

    before: Descriptor
    kept: Descriptor | None
    """The rights that it has been given; None: it was given none."""
    children: tuple[Child, ...] | None
    """What it holds; None: too much to be told at once."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who logs on to a file server."""

    name: str
    secret: Callable[[], str] = field(repr=False)
    """Gives the password when it is needed."""
    protocol: Literal["negotiate", "ntlm"] = "negotiate"
    """`negotiate` may try a password twice, by Kerberos and by NTLM; `ntlm` never does."""


class Share:
    """One share, logged on to. Use it as a context manager."""

    def __init__(
        self, server: str, share: str, account: Account, address: str = "", port: int = _PORT
    ) -> None:
        """Nothing is opened yet.

        Args:
            server: Its host name.
            share: The share's name.
            account: Who logs on.
            address: Where it is, if the name service cannot be asked.
            port: Where it listens.
        """
        self.server = server
        self._share = share
        self._account = account
        self._connection = Connection(uuid.uuid4(), address or server, port)
        self._tree: TreeConnect | None = None
        self._ids = (0, 0)

    def __enter__(self) -> Self:
        """Log on.

        Raises:
            FileServerError: It refuses us.
            NoFileServer: It does not answer.
        """
        try:
            with self._told(""):
                self._connection.connect(timeout=10)
                self._log_on()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Log off."""
        try:
            self._connection.disconnect(close=True)
        except (SMBException, OSError, ValueError):
            return

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End a visit that lasts longer, wherever it is: a server that hangs does not hold us."""
        bell = threading.Timer(seconds, self._hang_up)
        bell.start()
        try:
            yield
        finally:
            bell.cancel()

    @property
    def tree(self) -> TreeConnect | None:
        """What smbprotocol opens files in; None: nobody is logged on."""
        return self._tree

    def count(self) -> int:
        """How many files and folders are at the top of the share."""
        return sum(1 for _child in self.children(""))

    def head(self, path: str, most: int) -> bytes:
        """The beginning of a file, at most so many bytes."""
        plain = CreateOptions.FILE_NON_DIRECTORY_FILE
        with self._told(path), self._opened(path.replace("/", "\\"), _READ_DATA, options=plain) as file:
            size = min(most, file.end_of_file)
            data: bytes = file.read(0, size) if size else b""
        return data

    def rights(self, path: str) -> Descriptor | None:
        """The rights of a file or folder, of a link its own; None: there is none of this name."""
        try:
            return Descriptor.unpacked(self.packed_rights(path))
        except Absent:
            return None

    def packed_rights(self, path: str) -> bytes:
        """The rights of a file or folder as the server keeps them, in one exchange.

        Raises:
            FileServerError: They cannot be read, or it is not there.
            LedElsewhere: It is a link to another server.
        """
        try:
            return self._packed(path, _LONGEST)
        except TooLong:
            return self._packed(path, 3 * _LONGEST)

    def make(self, path: str, rights: Descriptor | None = None) -> None:
        """Make a folder, if there is none.

        Args:
            path: Where it is to be.
            rights: Its own, in the same step, so that it never stands open; None: it inherits.
        """
        contexts = [_created_with(rights)] if rights else []
        with self._told(path), self._opened(path, 0, CreateDisposition.FILE_OPEN_IF, contexts=contexts):
            pass

    def give(self, path: str, rights: Descriptor) -> Descriptor:
        """Give a file or folder these rights, and its owner if one is told; what it has afterwards."""
        wanted = _READ_RIGHTS | _WRITE_RIGHTS | (_WRITE_OWNER if rights.owner else 0) | _READ_ATTRIBUTES
        setting = giving(_which(rights), rights.packed())
        with self._told(path):
            chain = [opening(path, wanted), setting, asking(_OWNER | _LISTED, _LONGEST), closing()]
            return Descriptor.unpacked(answered(self._chain(chain)[2]))

    def look(
        self, path: str, *, folder: bool, decide: Callable[[Descriptor], Descriptor | None] | None = None
    ) -> Look:
        """Read the rights of something and list it if it is a folder, in one exchange; change in another.

        Args:
            path: Where it is.
            folder: Whether it is one.
            decide: Makes of its rights the ones that it gets; None: they stay.
        """
        with self._told(path):
            access = _WRITE_RIGHTS if decide else 0
            begin = [opening(path, access | _READ_RIGHTS | _READ_ATTRIBUTES | (_READ_DATA if folder else 0))]
            begin += [asking(_OWNER | _LISTED, _LONGEST)]
            begin += [listing(_LONGEST, anew=anew) for anew in (True, False) if folder]
            told = self._exchange(begin if decide else [*begin, closing()])
            if isinstance(told[0], SMBResponseException):
                raise told[0]
            file = opened(told[0])
            ending: list[Message] = []
            kept = None
            try:
                if isinstance(told[1], SMBResponseException):
                    raise told[1]
                before = Descriptor.unpacked(answered(told[1]))
                if decide and (rights := decide(before)):
                    ending.append(giving(_which(rights), rights.packed(), file))
                    # What is plain is kept as it was given; of other kinds some servers keep only a part.
                    if not all(entry.plain for entry in rights.entries):
                        ending.append(asking(_OWNER | _LISTED, _LONGEST, file))
                    kept = rights
            finally:
                answers = self._chain([*ending, closing(file)]) if decide else []
            if kept and len(answers) == 3:
                kept = Descriptor.unpacked(answered(answers[1]))
            return Look(before=before, kept=kept, children=_listed(told[2:4]) if folder else ())

    def children(self, path: str) -> Iterator[Child]:
        """What is directly in a folder, as the server lists it."""
        with self._told(path), self._opened(path, _READ_DATA) as folder:
            anew = True
            while True:
                asked = [listing(_LONGEST, anew=anew, file=folder.file_id)]
                try:
                    yield from children_in(answered(self._chain(asked)[0]))
                except NoMoreFiles:
                    return
                anew = False

    def remove(self, path: str) -> None:
        """Remove a folder, which has to be empty."""
        options = CreateOptions.FILE_DELETE_ON_CLOSE
        with self._told(path), self._opened(path, _DELETE, options=options):
            pass

    def _log_on(self) -> None:
        account = self._account
        session = Session(self._connection, account.name, account.secret(), auth_protocol=account.protocol)
        session.connect()
        self._tree = TreeConnect(session, rf"\\{self.server}\{self._share}")
        self._tree.connect()
        self._ids = (session.session_id, self._tree.tree_connect_id)
        self._connection.echo(session.session_id, timeout=_PATIENCE_S, credit_request=_CREDITS)

    def _hang_up(self) -> None:
        transport = self._connection.transport
        if transport is not None:
            transport.close()

    def _packed(self, path: str, longest: int) -> bytes:
        begin = opening(path, _READ_RIGHTS | _READ_ATTRIBUTES)
        with self._told(path):
            return answered(self._chain([begin, asking(_OWNER | _LISTED, longest), closing()])[1])

    def _chain(self, messages: Sequence[Message]) -> list[bytes]:
        """What was answered to some requests about one file, in one exchange; none of them was refused."""
        told = self._exchange(messages)
        for each in told:
            if isinstance(each, SMBResponseException):
                raise each
        return [each for each in told if isinstance(each, bytes)]

    def _exchange(self, messages: Sequence[Message]) -> list[bytes | SMBResponseException]:
        sent = self._connection.send_compound(list(messages), *self._ids, related=True)
        found: list[bytes | SMBResponseException] = []
        for each in sent:  # all of them, for each is kept until it is heard
            try:
                found.append(self._received(each))
            except SMBResponseException as error:
                found.append(error)
        return found

    def _received(self, sent: object) -> bytes:
        # A link on the way is not followed: it could lead out of what was approved.
        answer = self._connection.receive(sent, timeout=_PATIENCE_S, resolve_symlinks=False)
        data: bytes = answer["data"].get_value()
        return data

    @contextmanager
    def _opened(
        self,
        path: str,
        access: int,
        act: int = CreateDisposition.FILE_OPEN,
        *,
        options: int = 0,
        contexts: Sequence[SMB2CreateContextRequest] = (),
    ) -> Iterator[Open]:
        folder = Open(self._tree, path)
        if not options & CreateOptions.FILE_NON_DIRECTORY_FILE:
            options |= CreateOptions.FILE_DIRECTORY_FILE
        level = ImpersonationLevel.Impersonation
        folder.create(
            level, access | _READ_ATTRIBUTES, _FOLDER, _SHARED, act, options, list(contexts) or None
        )
        try:
            yield folder
        finally:
            folder.close()

    def _told(self, path: str) -> AbstractContextManager[None]:
        return explained(self.server, path)


def _which(rights: Descriptor) -> int:
    return _LISTED | (_OWNER if rights.owner else 0)


def _created_with(rights: Descriptor) -> SMB2CreateContextRequest:
    """What gives a new folder its rights in the creation itself (MS-SMB2 2.2.13.2.2)."""
    wanted = SMB2CreateContextRequest()
    wanted["buffer_name"] = CreateContextName.SMB2_CREATE_SD_BUFFER
    wanted["buffer_data"] = rights.packed()
    return wanted


def _listed(answers: Sequence[bytes | SMBResponseException]) -> tuple[Child, ...] | None:
    """What a folder holds; None: not all of it was told."""
    if isinstance(answers[0], SMBResponseException) or not isinstance(answers[1], NoMoreFiles):
        return None
    return tuple(children_in(answered(answers[0])))


def parted(path: str) -> tuple[str, str, str]:
    r"""Server, share and the way below it of `\\fs1\home\sato`; empty texts where it is no such path."""
    parts = path.replace("/", "\\").removeprefix("\\\\").split("\\", 2)
    if not path.startswith(("\\\\", "//")) or len(parts) != 3 or not all(parts):
        return "", "", ""
    return parts[0], parts[1], parts[2]
