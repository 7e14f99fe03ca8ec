"""Values are kept in one form, and what cannot be one says what to write."""

from __future__ import annotations

import pytest

from daicho.items.cells import clean
from daicho.items.problems import Unfit


@pytest.mark.parametrize(
    ("attribute", "written", "kept"),
    [
        ("name", "ｐｃ－０００１", "pc-0001"),
        ("name", " pc‐0001 ", "pc-0001"),
        ("name", "複合機３Ｆ", "複合機3F"),
        ("name", "sato.t@example", "sato.t@example"),
        ("name", "FS1$", "FS1$"),
        ("kind", "端末", "endpoint"),
        ("kind", "ＰＣ", "endpoint"),
        ("kind", "Network Device", "network_device"),
        ("kind", "ルータ", "network_device"),
        ("kind", "ﾌﾟﾘﾝﾀ", "printer"),
        ("kind", "location", "location"),
        ("address", "１９２．０．２．１", "192.0.2.1"),
        ("address", "2001:DB8:0:0::1", "2001:db8::1"),
        ("address", "fs1.example.jp", "fs1.example.jp"),
        ("address", "PC_0001", "PC_0001"),
        ("mac", "00-16-3E-12-34-56", "00:16:3e:12:34:56"),
        ("mac", "0016.3e12.3456", "00:16:3e:12:34:56"),
        ("mac", "００１６３Ｅ１２３４５６", "00:16:3e:12:34:56"),
        ("port", "００２２", "22"),
        ("serial", "ＳＮ０１", "SN01"),
        ("owner", "髙橋　㈱", "髙橋　㈱"),
        ("note", "一行目\r\n二行目", "一行目\n二行目"),
        ("name", "  ", ""),
        ("address", "", ""),
    ],
)
def test_kept(attribute: str, written: str, kept: str) -> None:
    assert clean(attribute, written) == kept


_ADDRESS = (
    " is not the address of one machine. Write an IPv4 or IPv6 address without leading zeros, "
    "prefix length or port, or a host name."
)
_NAME = " cannot be a name. Use letters, digits and . _ - @ $ + (no spaces), at most 200."


@pytest.mark.parametrize(
    ("attribute", "written", "sentence"),
    [
        ("address", "192.0.2.256", "'192.0.2.256'" + _ADDRESS),
        ("address", "192.0.2.01", "'192.0.2.01'" + _ADDRESS),
        ("address", "192.0.2.0/24", "'192.0.2.0/24'" + _ADDRESS),
        ("address", "224.0.0.1", "'224.0.0.1'" + _ADDRESS),
        ("address", "0.0.0.0", "'0.0.0.0'" + _ADDRESS),  # noqa: S104 -- nothing is bound
        ("address", "fe80::1%eth0", "'fe80::1%eth0'" + _ADDRESS),
        ("address", "-pc.example", "'-pc.example'" + _ADDRESS),
        ("name", "pc 1", "'pc 1'" + _NAME),
        ("name", "pc*", "'pc*'" + _NAME),
        ("name", "../pc", "'../pc'" + _NAME),
        ("name", "-pc", "'-pc'" + _NAME),
        ("name", "x" * 201, f"'{'x' * 60}'" + _NAME),
        ("name", "LocalHost", "'LocalHost' is a word that Ansible reserves. Give the item another name."),
        (
            "kind",
            "机",
            (
                "'机' is not a kind of item. "
                "Write one of endpoint, network_device, printer, server, share, user, location."
            ),
        ),
        (
            "mac",
            "00:16:3e",
            "'00:16:3e' is not a MAC address. Write twelve hexadecimal digits, such as 00:16:3e:12:34:56.",
        ),
        ("port", "0", "'0' is not a port. Write a number from 1 to 65535."),
        ("port", "٢٢", "'٢٢' is not a port. Write a number from 1 to 65535."),
        ("note", "a\x07b", "'a\\x07b' holds the invisible character U+0007. Delete it."),
        (
            "note",
            "総\ufffd課",
            (
                "'総\ufffd課' holds U+FFFD: characters were lost before the file came here. "
                "Export it again from its source."
            ),
        ),
        ("note", "x" * 1001, "1001 characters are too many; write at most 1000."),
    ],
)
def test_refused(attribute: str, written: str, sentence: str) -> None:
    with pytest.raises(Unfit) as refused:
        clean(attribute, written)
    assert str(refused.value) == sentence
