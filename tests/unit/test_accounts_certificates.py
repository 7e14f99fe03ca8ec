"""Certificates of cards: strong mappings alone, as Windows writes them; certificates are openssl's."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.accounts.certificates import UnfitCertificate, is_strong, of_serial, pem_of, read_pem
from daicho.documents import judge
from daicho.errors import DocumentError
from daicho.works.register_cards import RegisterCards

if TYPE_CHECKING:
    from pathlib import Path


def made(folder: Path, subject: str = "/C=JP/O=例示省/CN=職員CA", *more: str) -> tuple[str, bytes]:
    """A certificate from openssl; PEM and DER."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", subject),
            *("-set_serial", "0x2B0000000011AC0000000012", "-days", "30", *more),
            *("-keyout", str(folder / "key"), "-out", str(folder / "crt")),
        ],
        check=True,
        capture_output=True,
    )
    der = subprocess.run(
        ["openssl", "x509", "-in", folder / "crt", "-outform", "DER"], check=True, capture_output=True
    )
    return (folder / "crt").read_text("ascii"), der.stdout


def test_the_mapping_is_the_one_of_microsofts_example() -> None:
    found = of_serial("DC=com,DC=contoso,CN=CONTOSO-DC-CA", "2B0000000011AC0000000012")
    assert found.mapping == "X509:<I>DC=com,DC=contoso,CN=CONTOSO-DC-CA<SR>1200000000AC11000000002B"


def test_a_certificate_and_its_serial_number_come_to_the_same(tmp_path: Path) -> None:
    pem, der = made(tmp_path)
    found = read_pem(pem)
    assert found.mapping == "X509:<I>C=JP,O=例示省,CN=職員CA<SR>1200000000AC11000000002B"
    assert (
        found.mapping == of_serial("C=JP,O=例示省,CN=職員CA", "2b:00:00:00:00:11:ac:00:00:00:00:12").mapping
    )
    assert pem_of(der) == pem_of(pem.encode()) == pem
    assert found.ends is not None
    assert (found.ends - datetime.now(UTC)).days in {29, 30}
    assert found.for_logon


def test_a_mapping_by_key_is_the_key_identifier_that_openssl_shows(tmp_path: Path) -> None:
    pem, _der = made(tmp_path)
    shown = subprocess.run(
        ["openssl", "x509", "-in", tmp_path / "crt", "-noout", "-ext", "subjectKeyIdentifier"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = shown.splitlines()[1].strip().replace(":", "").lower()
    assert read_pem(pem, "ski").mapping == f"X509:<SKI>{wanted}"


@pytest.mark.parametrize(
    ("use", "fits"), [("clientAuth", True), ("msSmartcardLogin", True), ("serverAuth", False)]
)
def test_what_a_certificate_is_meant_for(tmp_path: Path, use: str, fits: bool) -> None:
    pem, _der = made(tmp_path, "/CN=ca", "-addext", f"extendedKeyUsage={use}")
    assert read_pem(pem).for_logon is fits


def test_names_that_windows_quotes_are_quoted(tmp_path: Path) -> None:
    pem, _der = made(tmp_path, "/O=Example, Inc./OU=a;b/CN=x")
    assert read_pem(pem).mapping.startswith('X509:<I>O="Example, Inc.",OU="a;b",CN=x<SR>')


def test_an_issuer_with_a_part_that_windows_names_otherwise_is_refused(tmp_path: Path) -> None:
    pem, _der = made(tmp_path, "/UID=ca/CN=x")
    with pytest.raises(UnfitCertificate) as found:
        read_pem(pem)
    assert str(found.value) == (
        "The certificate cannot be registered: its issuer's name has a part of the kind "
        "0.9.2342.19200300.100.1.1, whose name is not known. Use the mapping by key."
    )
    assert read_pem(pem, "ski").mapping.startswith("X509:<SKI>")


@pytest.mark.parametrize(
    ("issuer", "serial", "why"),
    [
        ("CN=ca", "12 xyz", "'12 xyz' is no hexadecimal serial number"),
        ("CN=ca", "", "'' is no hexadecimal serial number"),
        ("the CA", "12", "'the CA' is no issuer; write C=JP,O=...,CN=..."),
        ("CN=a<SR>00", "12", "'CN=a<SR>00' is no issuer; write C=JP,O=...,CN=..."),
    ],
)
def test_a_serial_number_that_cannot_be_used_is_said(issuer: str, serial: str, why: str) -> None:
    with pytest.raises(UnfitCertificate) as found:
        of_serial(issuer, serial)
    assert str(found.value) == f"The certificate cannot be registered: {why}."


@given(st.binary(min_size=1, max_size=40))
def test_the_serial_number_stands_backwards(serial: bytes) -> None:
    mapping = of_serial("CN=ca", serial.hex()).mapping
    assert bytes.fromhex(mapping.rpartition("<SR>")[2])[::-1] == serial


@pytest.mark.parametrize(
    ("mapping", "strong"),
    [
        ("X509:<I>CN=ca<SR>12", True),
        ("X509:<SKI>ab", True),
        ("X509:<SHA1-PUKEY>ab", True),
        ("X509:<S>CN=user", False),
        ("X509:<I>CN=ca<S>CN=user", False),
        ("X509:<RFC822>a@example.jp", False),
        ("Kerberos:a@EXAMPLE.JP", False),
    ],
)
def test_which_mappings_are_strong(mapping: str, strong: bool) -> None:
    assert is_strong(mapping) is strong


@pytest.mark.parametrize(
    ("card", "why"),
    [
        ({}, "a card needs its certificate, or else its issuer and serial number"),
        (
            {"certificate": "x", "serial": "1"},
            "a card needs its certificate, or else its issuer and serial number",
        ),
        ({"issuer": "CN=ca"}, "an issuer and a serial number belong together"),
    ],
)
def test_a_card_is_known_one_way(card: dict[str, str], why: str) -> None:
    with pytest.raises(DocumentError) as found:
        judge(RegisterCards, {"cards": [{"person": "1", **card}]}, "change.yml", "inputs")
    assert str(found.value) == f"change.yml cannot be used:\nAt inputs.cards[0]: {why}."
