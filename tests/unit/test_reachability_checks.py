"""Declared checks: what a file may say, and what the bytes of servers mean."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.credentials import NoSecret
from daicho.errors import DocumentError
from daicho.reachability import dhcp, ipp, wire
from daicho.reachability.checks import KINDS, DnsAnswers, LogonWorks, parse_checks
from daicho.reachability.entering import PROBES as ENTERING
from daicho.reachability.passwords import Logon, Passwords
from daicho.reachability.probes import PROBES
from daicho.reachability.wrong import CannotTell, Wrong

GOOD = """\
checks:
  - check: dns_answers
    title: DNS
    server: 10.0.0.53
    name: www.example.go.jp
    expect: [192.0.2.10]
  - check: directory_answers
    address: 10.0.0.10
    needs: [DNS]
"""


def test_a_file_of_checks() -> None:
    dns, directory = parse_checks(GOOD, "checks.yml")

    assert dns == DnsAnswers(
        check="dns_answers", title="DNS", server="10.0.0.53", name="www.example.go.jp", expect=("192.0.2.10",)
    )
    assert (directory.called(), directory.needs) == ("directory_answers 10.0.0.10", ("DNS",))


def test_every_kind_has_its_probe() -> None:
    assert PROBES.keys() | ENTERING.keys() == KINDS.keys()
    assert not PROBES.keys() & ENTERING.keys()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("checks:\n  - check: tcp_connects\n    address: 10.0.0.1\n", "At checks[0].port: it is missing."),
        (
            "checks:\n  - {check: tcp_connects, address: dc1.example, port: 389}\n",
            (
                "At checks[0].address: 'dc1.example' is no IP address; write one, for after an outage the "
                "DNS may be down."
            ),
        ),
        (
            "checks:\n  - {check: tcp_connects, address: 10.0.0.1, port: 99999}\n",
            "At checks[0].port: it must be at most 65535.",
        ),
        (
            "checks:\n  - {check: route_present, to: 10.0.0.1/8}\n",
            "At checks[0].to: '10.0.0.1/8' is no network; write it like 10.0.0.0/8.",
        ),
        (
            "checks:\n  - {check: ssh_greets, address: 10.0.0.1, needs: [DNS]}\n",
            "At checks[0].needs: no check before this one is called 'DNS'.",
        ),
        (
            "checks:\n" + "  - {check: ssh_greets, address: 10.0.0.1}\n" * 2,
            "At checks[1].title: there is a check 'ssh_greets 10.0.0.1' already. Give it another title.",
        ),
        ("checks:\n  - {address: 10.0.0.1}\n", "At checks[0].check: it is missing."),
        (
            "checks:\n  - {check: share_opens, address: 10.0.0.1, share: d, account: a, secret: vault}\n",
            (
                "At checks[0].secret: 'vault' is no secret of checks. Their names begin with `check-`, so "
                "that no file of checks can carry another password of the site to a server of its choice."
            ),
        ),
        (
            (
                "checks:\n  - {check: logon_works, address: 10.0.0.1, server: dc1, account: a, "
                "secret: check-logon, ca_file: ca.crt, password: x}\n"
            ),
            (
                "At checks[0].ca_file: ca.crt must be a whole path; begin it with /.\n"
                "At checks[0].password: there is no such field; look for a spelling mistake."
            ),
        ),
        (
            "checks:\n  - {check: print_queue_accepts, address: 10.0.0.1, job_format: PDF}\n",
            "At checks[0].job_format: it must look like ^([a-z]+/[A-Za-z0-9.+-]+)?$.",
        ),
    ],
)
def test_a_wrong_file_names_field_and_remedy(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        parse_checks(text, "checks.yml")

    assert str(refused.value) == f"checks.yml cannot be used:\n{problem}"


def test_an_unknown_kind_lists_the_known() -> None:
    with pytest.raises(DocumentError) as refused:
        parse_checks("checks:\n  - {check: fax_answers}\n", "checks.yml")

    assert str(refused.value).startswith(
        "checks.yml cannot be used:\nAt checks[0].check: it must be one of 'dns"
    )


@given(st.binary(max_size=300))
def test_no_bytes_from_a_server_are_an_error(data: bytes) -> None:
    assert wire.is_ldap_entry(data) in (True, False)
    assert isinstance(wire.naming_context(data), str)
    assert wire.smb_dialect(data) == ""
    assert wire.ntp_time(data, 1.5, 2.5) is None
    assert dhcp.parse(data, 7) is None
    assert dhcp.read(data, 7) is None
    with pytest.raises(Wrong):
        ipp.parse(data)


@given(st.binary(max_size=60))
def test_cut_off_directory_answers(data: bytes) -> None:
    assert isinstance(wire.naming_context(b"x defaultNamingContext" + data), str)


def test_the_directory_names_itself() -> None:
    # What Samba 4 answers to the question, for the domain example.jp.
    name = b"DC=example,DC=jp"
    values = b"\x31" + bytes([len(name) + 2]) + b"\x04" + bytes([len(name)]) + name
    attribute = b"\x04\x14defaultNamingContext" + values
    entry = b"\x04\x00\x30" + bytes([len(attribute) + 2]) + b"\x30" + bytes([len(attribute)]) + attribute
    answer = b"\x30" + bytes([len(entry) + 5]) + b"\x02\x01\x01\x64" + bytes([len(entry)]) + entry

    assert wire.is_ldap_entry(answer)
    assert wire.naming_context(answer) == "DC=example,DC=jp"


@pytest.mark.parametrize(
    ("leap", "stratum", "ahead", "synchronised", "offset"),
    [(0, 2, 0.0, True, 0.0), (3, 2, 0.0, False, 0.0), (0, 16, 0.0, False, 0.0), (0, 1, 90.0, True, 90.0)],
)
def test_the_time_server(leap: int, stratum: int, ahead: float, synchronised: bool, offset: float) -> None:
    sent, came = 1_795_246_627.25, 1_795_246_627.27
    question = wire.ntp_request(sent)
    middle = struct.unpack("!2I", wire.ntp_request((sent + came) / 2 + ahead)[40:])
    header = struct.pack("!BBbb3I", leap << 6 | 0x24, stratum, 0, 0, 0, 0, 0)
    answer = header + bytes(8) + question[40:] + struct.pack("!4I", *middle, *middle)
    told = wire.ntp_time(answer, sent, came)

    assert told is not None
    assert (told.stratum, told.synchronised, round(told.offset_s, 3)) == (stratum, synchronised, offset)
    assert wire.ntp_time(answer, sent + 1, came) is None


def test_an_offer_of_a_lease() -> None:
    asked = bytearray(dhcp.question(7, b"\x02abcde"))
    asked[0] = 2
    asked[16:20] = bytes([192, 0, 2, 77])
    offer = bytes(asked[:240]) + b"\x35\x01\x02\x36\x04\xc0\x00\x02\x01\xff"

    assert dhcp.parse(offer, 7) == dhcp.Offer("192.0.2.77", "192.0.2.1")
    assert dhcp.parse(offer, 8) is None
    assert dhcp.parse(bytes(asked), 7) is None


def test_the_client_of_leases_is_known_and_always_the_same() -> None:
    one, again, other = (dhcp.who("ops-1", device) for device in ("eth0", "eth0", "eth1"))

    assert (one.hardware, one.options) == (again.hardware, again.options)
    assert one.hardware != other.hardware
    assert one.hardware[0] == 2  # made up by whom it belongs to: no maker's number
    assert one.options == b"\x3d\x18\0daicho-check ops-1 eth0" + b"\x0c\x0cdaicho-check"


@pytest.mark.parametrize(("kind", "text"), [(5, ""), (6, "address in use")])
def test_what_a_server_says_to_a_request(kind: int, text: str) -> None:
    asked = bytearray(dhcp.question(7, b"\x02abcde"))
    asked[0] = 2
    asked[16:20] = bytes([192, 0, 2, 77])
    said = bytes([56, len(text)]) + text.encode() if text else b""
    options = bytes([53, 1, kind]) + b"\x36\x04\xc0\x00\x02\x01\x33\x04\0\0\x0e\x10" + said

    answer = dhcp.read(bytes(asked[:240]) + options + b"\xff", 7)

    assert answer == dhcp.Answer(kind, "192.0.2.77", "192.0.2.1", 3600, text)


def test_a_missing_or_empty_secret_and_one_that_was_refused() -> None:
    (check,) = parse_checks(
        "checks: [{check: logon_works, address: 10.0.0.1, server: d, account: Check@x, secret: check-logon}]",
        "checks.yml",
    )
    assert isinstance(check, LogonWorks)

    def never_set(name: str) -> str:
        raise NoSecret(name=name)

    with pytest.raises(CannotTell) as missing:
        Passwords(never_set).of(check)
    assert str(missing.value) == (
        "The site has no secret 'check-logon'. Set it with `daicho secret set check-logon`."
    )
    with pytest.raises(CannotTell) as empty:
        Passwords(lambda _name: "").of(check)
    assert str(empty.value) == (
        "The secret check-logon is empty. Set it with `daicho secret set check-logon`."
    )
    with pytest.raises(CannotTell) as refused:
        Passwords(lambda _name: "x", {Logon("check@x", "check-logon"): False}).of(check)
    assert str(refused.value) == (
        "not tried, so that the account is not locked: the password of check@x was refused before. "
        "Set the right one with `daicho secret set check-logon`."
    )
    assert Passwords(lambda _name: "x", {Logon("check@x", "check-logon"): True}).of(check) == "x"
