"""One share of a file server over SMB 3, signed and encrypted. The only place that knows smbprotocol."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Self

from smbprotocol.connection import Connection
from smbprotocol.create_contexts import CreateContextName, SMB2CreateContextRequest
from smbprotocol.exceptions import (
    NoMoreFiles,
    ObjectNameNotFound,
    ObjectPathNotFound,
    SMBConnectionClosed,
    SMBException,
    SMBOSError,
    SMBResponseException,
)
from smbprotocol.file_info import FileInformationClass, InfoType
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FileAttributes,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2QueryInfoRequest,
    SMB2QueryInfoResponse,
    SMB2SetInfoRequest,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from daicho.errors import DaichoError, ExitCode
from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.refusals import REASONS
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PORT: Final = 445
_NO_LOGON_SERVERS: Final = 0xC000005E
_OWNER, _LISTED = 0x1, 0x4
_READ_RIGHTS: Final = 0x20000
_WRITE_RIGHTS: Final = 0x40000
_WRITE_OWNER: Final = 0x80000
_READ_ATTRIBUTES: Final = 0x80
_READ_DATA: Final = 0x1
"""Of a file its content, of a folder its list."""
_DELETE: Final = 0x10000
_LONGEST: Final = 65536
_FOLDER: Final = FileAttributes.FILE_ATTRIBUTE_DIRECTORY
_SHARED: Final = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE


class FileServerError(DaichoError):
    """The file server refused."""

    exit_code = ExitCode.FAILED
    sentence = N_("The file server {server} refuses {path}: {why}")
    unreachable = False


class NoFileServer(FileServerError):
    """The file server does not answer."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("The file server {server} does not answer: {why}")
    unreachable = True


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

    def count(self) -> int:
        """How many files and folders are at the top of the share."""
        kind, found = FileInformationClass.FILE_NAMES_INFORMATION, 0
        with self._told(""), self._opened("", _READ_DATA) as top, suppress(NoMoreFiles):
            while True:
                names = [each["file_name"].get_value() for each in top.query_directory("*", kind)]
                found += len([name for name in names if name.decode("utf-16-le") not in {".", ".."}])
        return found

    def head(self, path: str, most: int) -> bytes:
        """The beginning of a file, at most so many bytes."""
        plain = CreateOptions.FILE_NON_DIRECTORY_FILE
        with self._told(path), self._opened(path.replace("/", "\\"), _READ_DATA, options=plain) as file:
            size = min(most, file.end_of_file)
            data: bytes = file.read(0, size) if size else b""
        return data

    def rights(self, path: str) -> Descriptor | None:
        """The rights of a folder; None: there is no such folder."""
        try:
            with self._told(path), self._opened(path, _READ_RIGHTS) as folder:
                return self._read(folder)
        except _Absent:
            return None

    def make(self, path: str, rights: Descriptor) -> None:
        """Make a folder with these rights in one step, so that it never stands open, if there is none."""
        wanted = SMB2CreateContextRequest()
        wanted["buffer_name"] = CreateContextName.SMB2_CREATE_SD_BUFFER
        wanted["buffer_data"] = rights.packed()
        with self._told(path), self._opened(path, 0, CreateDisposition.FILE_OPEN_IF, contexts=[wanted]):
            pass

    def give(self, path: str, rights: Descriptor) -> None:
        """Give a folder these rights, and its owner if one is told."""
        wanted = _READ_RIGHTS | _WRITE_RIGHTS | (_WRITE_OWNER if rights.owner else 0)
        with self._told(path), self._opened(path, wanted) as folder:
            request = SMB2SetInfoRequest()
            request["info_type"] = InfoType.SMB2_0_INFO_SECURITY
            request["additional_information"] = _LISTED | (_OWNER if rights.owner else 0)
            request["file_id"] = folder.file_id
            request["buffer"] = rights.packed()
            self._ask(request)

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

    def _hang_up(self) -> None:
        transport = self._connection.transport
        if transport is not None:
            transport.close()

    def _read(self, folder: Open) -> Descriptor:
        request = SMB2QueryInfoRequest()
        request["info_type"] = InfoType.SMB2_0_INFO_SECURITY
        request["output_buffer_length"] = _LONGEST
        request["additional_information"] = _OWNER | _LISTED
        request["file_id"] = folder.file_id
        answer = SMB2QueryInfoResponse()
        answer.unpack(self._ask(request))
        return Descriptor.unpacked(answer["buffer"].get_value())

    def _ask(self, request: SMB2QueryInfoRequest | SMB2SetInfoRequest) -> bytes:
        sent = self._connection.send(request, *self._ids)
        answer: bytes = self._connection.receive(sent)["data"].get_value()
        return answer

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

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """What the server says, in words."""
        try:
            yield
        except (ObjectNameNotFound, ObjectPathNotFound) as error:
            raise _Absent(server=self.server, path=path, why=_(REASONS[_status(error)])) from error
        except (SMBResponseException, SMBOSError) as error:
            status = _status(error)
            why = _(REASONS[status]) if status in REASONS else str(error)
            if status == _NO_LOGON_SERVERS:
                raise NoFileServer(server=self.server, why=why) from error
            raise FileServerError(server=self.server, path=path, why=why, status=status) from error
        except SMBConnectionClosed as error:
            raise NoFileServer(server=self.server, why=_("it hung up in the middle")) from error
        except (SMBException, OSError, ValueError) as error:
            raise NoFileServer(server=self.server, why=str(error)) from error


def _status(error: SMBResponseException | SMBOSError) -> int:
    return int(error.status if isinstance(error, SMBResponseException) else error.ntstatus)


class _Absent(FileServerError):
    """There is no such file or folder."""


def parted(path: str) -> tuple[str, str, str]:
    r"""Server, share and the way below it of `\\fs1\home\sato`; empty texts where it is no such path."""
    parts = path.replace("/", "\\").removeprefix("\\\\").split("\\", 2)
    if not path.startswith(("\\\\", "//")) or len(parts) != 3 or not all(parts):
        return "", "", ""
    return parts[0], parts[1], parts[2]
