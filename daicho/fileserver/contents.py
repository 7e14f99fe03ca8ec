"""What is in files and folders of a share, now or in a previous version of it, over SMB 3."""

from __future__ import annotations

import hashlib
import struct
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from smbprotocol.create_contexts import CreateContextName, SMB2CreateContextRequest
from smbprotocol.exceptions import NoMoreFiles
from smbprotocol.file_info import FileInformationClass, InfoType
from smbprotocol.ioctl import CtlCode, IOCTLFlags, SMB2IOCTLRequest, SMB2IOCTLResponse
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

from daicho.fileserver.descriptors import Descriptor
from daicho.fileserver.wrong import Absent, FileServerError, explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daicho.fileserver.share import Share

_READ: Final = 0x1
_WRITE: Final = 0x2
_READ_ATTRIBUTES: Final = 0x80
_WRITE_ATTRIBUTES: Final = 0x100
_DELETE: Final = 0x10000
_READ_RIGHTS: Final = 0x20000
_OWNER_AND_LIST: Final = 0x1 | 0x4
_FOLDER: Final = 0x10
_LINK: Final = 0x400
_LONGEST: Final = 65536
_BLOCK: Final = 1 << 20
_SHARED: Final = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE
_NAME: Final = "@GMT-%Y.%m.%d-%H.%M.%S"
_NOT_OFFERED: Final = frozenset({0xC0000010, 0xC00000BB})
"""STATUS_INVALID_DEVICE_REQUEST, STATUS_NOT_SUPPORTED."""
_SINCE_1601: Final = datetime(1601, 1, 1, tzinfo=UTC)
_LISTED: Final = struct.Struct("<III")
_BASIC: Final = struct.Struct("<QQQQII")
"""FILE_BASIC_INFORMATION (MS-FSCC 2.4.7)."""
_RENAME: Final = struct.Struct("<B7xQI")
"""FILE_RENAME_INFORMATION_TYPE_2 (MS-FSCC 2.4.37.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file or folder as it was or is."""

    name: str
    folder: bool
    link: bool
    size: int
    written: datetime
    """When its content was last changed."""


class Contents:
    """The files of one share."""

    def __init__(self, share: Share) -> None:
        """Work over this connection, which is logged on."""
        self._share = share

    def versions(self, way: str = "") -> list[datetime]:
        """The moments of which the server keeps a previous version, newest first; none if it offers none.

        Layout: MS-SMB2 2.2.32.2 (SRV_SNAPSHOT_ARRAY); the first question only asks how long the answer is.
        """
        try:
            data = self._version_names(way)
        except FileServerError as error:
            if error.facts.get("status") in _NOT_OFFERED:
                return []
            raise
        found = {datetime.strptime(name, _NAME).replace(tzinfo=UTC) for name in data.split("\0") if name}
        return sorted(found, reverse=True)

    def _version_names(self, way: str) -> str:
        longest = _LISTED.size + 4
        with self._told(way), self._opened(way, _READ_ATTRIBUTES, folder=None) as file:
            while True:
                data = self._controlled(file, CtlCode.FSCTL_SRV_ENUMERATE_SNAPSHOTS, longest)
                _total, returned, size = _LISTED.unpack_from(data)
                needed = _LISTED.size + size
                if needed <= longest or returned:
                    break
                longest = needed
        return data[_LISTED.size :].decode("utf-16-le", "replace")

    def seen(self, way: str, at: datetime | None = None) -> Seen | None:
        """A file or folder, now or at the moment of a version; None: it is not there."""
        try:
            with self._told(way), self._opened(way, _READ_ATTRIBUTES, at=at, folder=None) as file:
                attributes = file.file_attributes
                return Seen(
                    name=way.rpartition("\\")[2],
                    folder=bool(attributes & _FOLDER),
                    link=bool(attributes & _LINK),
                    size=file.end_of_file,
                    written=file.last_write_time.replace(tzinfo=UTC),
                )
        except Absent:
            return None

    def children(self, way: str, at: datetime | None = None) -> list[Seen]:
        """What is directly in a folder, by name."""
        found = []
        with self._told(way), self._opened(way, _READ, at=at, folder=True) as folder:
            try:
                while True:
                    rows = folder.query_directory(
                        "*", FileInformationClass.FILE_ID_FULL_DIRECTORY_INFORMATION
                    )
                    found += [_seen(row) for row in rows]
            except NoMoreFiles:
                pass
        return sorted((each for each in found if each.name not in {".", ".."}), key=lambda each: each.name)

    def rights(self, way: str, at: datetime | None = None) -> Descriptor:
        """The rights of a file or folder, now or at the moment of a version.

        Raises:
            NotReadable: They are not as the protocol says.
        """
        with self._told(way), self._opened(way, _READ_RIGHTS, at=at, folder=None) as file:
            asked = SMB2QueryInfoRequest()
            asked["info_type"] = InfoType.SMB2_0_INFO_SECURITY
            asked["output_buffer_length"] = _LONGEST
            asked["additional_information"] = _OWNER_AND_LIST
            asked["file_id"] = file.file_id
            answer = SMB2QueryInfoResponse()
            answer.unpack(self._asked(file, asked))
            return Descriptor.unpacked(answer["buffer"].get_value())

    def digest(self, way: str, at: datetime | None = None) -> str:
        """The SHA-256 of a file's content."""
        found = hashlib.sha256()
        for block in self.blocks(way, at):
            found.update(block)
        return found.hexdigest()

    def blocks(self, way: str, at: datetime | None = None) -> Iterator[bytes]:
        """The content of a file, piece by piece."""
        with self._told(way), self._opened(way, _READ, at=at, folder=False) as file:
            done, size = 0, min(_BLOCK, file.connection.max_read_size)
            while done < file.end_of_file:
                block: bytes = file.read(done, min(size, file.end_of_file - done))
                yield block
                done += len(block)

    def bring_back(self, way: str, at: datetime, aside: str, *, replace: bool) -> None:
        """Make a file what it was; it appears whole or not at all.

        Args:
            way: Where it was and is to be.
            at: Which version.
            aside: Where it is written first, in the same folder; what an attempt left there is replaced.
            replace: Whether a file that is there now may go.
        """
        written = self.seen(way, at)
        access = _WRITE | _DELETE | _WRITE_ATTRIBUTES
        act = CreateDisposition.FILE_OVERWRITE_IF
        with self._told(way), self._opened(aside, access, folder=False, act=act) as file:
            done, size = 0, min(_BLOCK, file.connection.max_write_size)
            for block in self.blocks(way, at):
                for begin in range(0, len(block), size):
                    done += file.write(block[begin : begin + size], done)
            if written:
                ticks = (written.written - _SINCE_1601) // timedelta(microseconds=1) * 10
                basic = _BASIC.pack(0, 0, ticks, 0, 0, 0)
                self._set(file, FileInformationClass.FILE_BASIC_INFORMATION, basic)
            name = way.encode("utf-16-le", "surrogatepass")
            renamed = _RENAME.pack(replace, 0, len(name)) + name
            self._set(file, FileInformationClass.FILE_RENAME_INFORMATION, renamed)

    def remove(self, way: str, *, folder: bool) -> None:
        """Remove a file, or a folder that is empty; one that is not there is no error."""
        try:
            with self._told(way):
                options = CreateOptions.FILE_DELETE_ON_CLOSE
                with self._opened(way, _DELETE, folder=folder, options=options):
                    pass
        except Absent:
            return

    @contextmanager
    def _opened(  # noqa: PLR0913 -- as the protocol's own request
        self,
        way: str,
        access: int,
        *,
        at: datetime | None = None,
        folder: bool | None,
        act: int = CreateDisposition.FILE_OPEN,
        options: int = 0,
    ) -> Iterator[Open]:
        if folder is not None:
            options |= CreateOptions.FILE_DIRECTORY_FILE if folder else CreateOptions.FILE_NON_DIRECTORY_FILE
        file = Open(self._share.tree, way)
        file.create(
            ImpersonationLevel.Impersonation,
            access | _READ_ATTRIBUTES,
            FileAttributes.FILE_ATTRIBUTE_NORMAL,
            _SHARED,
            act,
            # A link would lead out of what was approved.
            options | CreateOptions.FILE_OPEN_REPARSE_POINT,
            [_as_of(at)] if at else None,
        )
        try:
            yield file
        finally:
            file.close()

    def _controlled(self, file: Open, code: int, longest: int) -> bytes:
        asked = SMB2IOCTLRequest()
        asked["ctl_code"] = code
        asked["file_id"] = file.file_id
        asked["max_output_response"] = longest
        asked["flags"] = IOCTLFlags.SMB2_0_IOCTL_IS_FSCTL
        answer = SMB2IOCTLResponse()
        answer.unpack(self._asked(file, asked))
        data: bytes = answer["buffer"].get_value()
        return data

    def _set(self, file: Open, which: int, data: bytes) -> None:
        asked = SMB2SetInfoRequest()
        asked["info_type"] = InfoType.SMB2_0_INFO_FILE
        asked["file_info_class"] = which
        asked["file_id"] = file.file_id
        asked["buffer"] = data
        self._asked(file, asked)

    def _asked(self, file: Open, message: object) -> bytes:
        connection, tree = file.connection, file.tree_connect
        sent = connection.send(message, tree.session.session_id, tree.tree_connect_id)
        data: bytes = connection.receive(sent)["data"].get_value()
        return data

    def _told(self, way: str) -> AbstractContextManager[None]:
        return explained(self._share.server, way)


def _as_of(at: datetime) -> SMB2CreateContextRequest:
    """What opens a version in place of what is there now (MS-SMB2 2.2.13.2.7)."""
    wanted = SMB2CreateContextRequest()
    wanted["buffer_name"] = CreateContextName.SMB2_CREATE_TIMEWARP_TOKEN
    ticks = (at - _SINCE_1601) // timedelta(microseconds=1) * 10
    wanted["buffer_data"] = struct.pack("<Q", ticks)
    return wanted


def _seen(row: object) -> Seen:
    attributes = row["file_attributes"].get_value()  # type: ignore[index]
    return Seen(
        name=row["file_name"].get_value().decode("utf-16-le", "surrogatepass"),  # type: ignore[index]
        folder=bool(attributes & _FOLDER),
        link=bool(attributes & _LINK),
        size=row["end_of_file"].get_value(),  # type: ignore[index]
        written=row["last_write_time"].get_value().replace(tzinfo=UTC),  # type: ignore[index]
    )
