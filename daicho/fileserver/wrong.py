"""What can go wrong with a file server, in words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from smbprotocol.exceptions import (
    ObjectNameNotFound,
    ObjectPathNotFound,
    SMBConnectionClosed,
    SMBException,
    SMBOSError,
    SMBResponseException,
)

from daicho.errors import DaichoError, ExitCode
from daicho.fileserver.refusals import REASONS
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_LOGON_SERVERS: Final = 0xC000005E
_TOO_SMALL: Final = 0xC0000023
_LEADS_ELSEWHERE: Final = frozenset({0xC0000257, 0x8000002D})
"""STATUS_PATH_NOT_COVERED: a DFS link; STATUS_STOPPED_ON_SYMLINK."""


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


class LedElsewhere(FileServerError):
    """What is there leads to another place, or another server."""

    sentence = N_("{path} on {server} is a link to another place, which is not followed.")


class Absent(FileServerError):
    """There is no such file or folder."""


class TooLong(FileServerError):
    """The rights do not fit into what was asked for."""


@contextmanager
def explained(server: str, path: str) -> Iterator[None]:
    """What the server says, in words.

    Raises:
        FileServerError: It refuses; `facts["status"]` is its own number for that.
        NoFileServer: It does not answer, or cannot at the moment.
    """
    try:
        yield
    except (SMBResponseException, SMBOSError) as error:
        status = _status(error)
        why = _(REASONS[status]) if status in REASONS else str(error)
        raise _kind(error, status)(server=server, path=path, why=why, status=status) from error
    except SMBConnectionClosed as error:
        raise NoFileServer(server=server, why=_("it hung up in the middle")) from error
    except (SMBException, OSError, ValueError) as error:
        raise NoFileServer(server=server, why=str(error)) from error


def _kind(error: SMBResponseException | SMBOSError, status: int) -> type[FileServerError]:
    if isinstance(error, ObjectNameNotFound | ObjectPathNotFound):
        return Absent
    if status == _NO_LOGON_SERVERS:
        return NoFileServer
    if status in _LEADS_ELSEWHERE:
        return LedElsewhere
    return TooLong if status == _TOO_SMALL else FileServerError


def _status(error: SMBResponseException | SMBOSError) -> int:
    return int(error.status if isinstance(error, SMBResponseException) else error.ntstatus)
