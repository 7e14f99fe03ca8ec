"""What file servers say, in words; and what they list."""

from __future__ import annotations

import struct

import pytest
from smbprotocol.exceptions import SMB2ErrorResponse, SMBConnectionClosed, SMBException, SMBResponseException
from smbprotocol.header import SMB2HeaderResponse

from daicho.fileserver.listings import Child, children_in
from daicho.fileserver.wrong import (
    Absent,
    FileServerError,
    LedElsewhere,
    NoFileServer,
    TooLong,
    explained,
)


def _answer(status: int) -> SMB2HeaderResponse:
    header = SMB2HeaderResponse()
    header["status"] = status
    header["data"] = SMB2ErrorResponse()
    return header


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (0xC0000022, FileServerError, "The file server fs1 refuses a\\b: the account has no right to it"),
        (0xC0000034, Absent, "The file server fs1 refuses a\\b: there is no such file or folder"),
        (0xC000003A, Absent, "The file server fs1 refuses a\\b: there is no such file or folder"),
        (0xC0000257, LedElsewhere, "a\\b on fs1 is a link to another place, which is not followed."),
        (
            0xC000005E,
            NoFileServer,
            "The file server fs1 does not answer: it reaches no domain controller at the moment",
        ),
    ],
)
def test_a_status_has_its_kind_and_its_words(status: int, kind: type[FileServerError], said: str) -> None:
    with pytest.raises(FileServerError) as found, explained("fs1", "a\\b"):
        raise SMBResponseException(_answer(status))
    assert type(found.value) is kind
    assert str(found.value) == said
    assert found.value.facts["status"] == status


def test_what_has_no_words_is_said_as_the_server_says_it() -> None:
    with pytest.raises(TooLong) as found, explained("fs1", "a"):
        raise SMBResponseException(_answer(0xC0000023))
    assert "STATUS_BUFFER_TOO_SMALL" in str(found.value)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SMBConnectionClosed("gone"), "it hung up in the middle"),
        (SMBException("Failed to connect"), "Failed to connect"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_a_server_that_does_not_answer(error: Exception, why: str) -> None:
    with pytest.raises(NoFileServer) as found, explained("fs1", "a"):
        raise error
    assert str(found.value) == f"The file server fs1 does not answer: {why}"


def _listed(name: str, attributes: int, number: int, *, last: bool = False) -> bytes:
    text = name.encode("utf-16-le")
    further = 0 if last else 80 + len(text)
    return struct.pack("<I52xII8xQ", further, attributes, len(text), number) + text


def test_a_listing_is_read_without_the_folder_itself() -> None:
    data = _listed(".", 0x10, 1) + _listed("..", 0x10, 2) + _listed("人事課", 0x10, 3)
    data += _listed("別", 0x410, 4) + _listed("a.txt", 0x20, 0, last=True)
    assert list(children_in(data)) == [
        Child(name="人事課", folder=True, link=False, number=3),
        Child(name="別", folder=True, link=True, number=4),
        Child(name="a.txt", folder=False, link=False, number=0),
    ]
