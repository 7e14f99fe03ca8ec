"""A desk for the works on people: the lab's directory and file server, and files as personnel sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.domain_people import DISABLED
from lab.population import SECTIONS
from tests.directory_desk import DirectoryDesk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lab.domain import Domain
    from lab.ldif import Entry

RULES: Final[dict[str, Any]] = {
    "naming": {
        "principal": "{account}@ad.example.test",
        "mail": "{account}@example.test",
        "display_name": "{family} {given} ({section})",
        "number_digits": 8,
    },
    "days": {"prepare": 3, "handover": 14},
    "sections": {
        "code_digits": 6,
        "everyone": {
            "groups": ["SG_{section}", "全職員"],
            "container": "職員/{path}",
            "home": "\\\\fs1.ad.example.test\\home\\{account}",
            "drive": "H:",
            "title": "{post}",
        },
        "tree": [
            {"code": section.code, "name": section.name, "parent": section.parent or ""}
            for section in SECTIONS
        ],
    },
}
HIDDEN: Final = "msNPAllowDialin"
"""A boolean of every Active Directory, in place of msExchHideFromAddressLists, which Exchange brings."""


@dataclass(frozen=True)
class PeopleDesk(DirectoryDesk):
    """A desk whose site has the rules of the lab's ministry."""

    @classmethod
    def at_work(cls, folder: Path, domain: Domain, servers: str = "dc1,dc2", **more: Any) -> PeopleDesk:
        """A new site; `more` are further parts of its directory.yml."""
        parts = {"people": RULES, **more}
        text = f"  hidden_attribute: {HIDDEN}\n" + "".join(
            f"{name}: {json.dumps(part, ensure_ascii=False)}\n" for name, part in parts.items()
        )
        return cls.opened(folder, domain, text, servers)  # type: ignore[return-value]

    def file(self, name: str, data: bytes) -> Path:
        """A file on the desk."""
        path = self.desk.folder / name
        path.write_bytes(data)
        return path

    def requested_by_file(self, path: Path, on: str, *words: str) -> dict[str, str]:
        """Work → change, after `daicho people request`."""
        done = self.desk.expect(
            "people", "request", str(path), "--on", on, "--output", "json", *words, who="sato"
        )
        found: dict[str, str] = done.json["changes"]
        return found

    def carried_out(self, change: str) -> dict[str, Any]:
        """Plan, approve, run."""
        self.planned(change)
        self.approve(change)
        return self.ran(change)


VOLATILE: Final = frozenset(
    {
        *("whenChanged", "uSNChanged", "dSCorePropagationData", "lastLogon", "lastLogonTimestamp"),
        *("logonCount", "badPwdCount", "badPasswordTime"),
    }
)
"""What the directory writes by itself."""


def accounts(domain: Domain, but: Iterable[str] = ()) -> dict[str, Entry]:
    """Employee number → everything that `ldapsearch` tells of the account, but for what moves by itself."""
    left_out = {*VOLATILE, *but}
    return {
        found["employeeID"][0]: (dn, {k: sorted(v) for k, v in found.items() if k not in left_out})
        for dn, found in domain.ldapsearch("(&(objectCategory=person)(employeeID=*))")
    }


def put_aside(domain: Domain, numbers: Iterable[str], day: str = "20250401") -> None:
    """Close accounts by hand, as if their owners had left on a day: with ldapmodify, not with our code."""
    folder = f"OU={day},{DISABLED}"
    text = f"dn: {folder}\nchangetype: add\nobjectClass: organizationalUnit\n\n"
    for number in numbers:
        dn, found = domain.ldapsearch(f"(employeeID={number})", "memberOf")[0]
        name = dn.split(",")[0]
        text += f"dn: {dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n\n"
        for group in found.get("memberOf", ()):
            text += f"dn: {group}\nchangetype: modify\ndelete: member\nmember: {dn}\n\n"
        text += f"dn: {dn}\nchangetype: moddn\nnewrdn: {name}\ndeleteoldrdn: 1\nnewsuperior: {folder}\n\n"
    modify(domain, text)


def joining(*numbers: str, kind: str = "採用", section: str = "011101") -> bytes:
    """A file in CP932 with people of these numbers."""
    rows = "".join(
        f"R9.4.1,{kind},{number},試験　{_kanji(number)},シケン {_kana(number)},{section},係員\r\n"
        for number in numbers
    )
    return f"発令日,異動種別,職員番号,氏名,フリガナ,新所属コード,官職\r\n{rows}".encode("cp932")


def _kana(number: str) -> str:
    return "".join("アカサタナハマヤラワ"[int(digit)] for digit in number[-4:])


def _kanji(number: str) -> str:
    return "".join("亜加左太奈波末也良和"[int(digit)] for digit in number[-4:])


def account(domain: Domain, number: str) -> Entry:
    """The one account of an employee."""
    (found,) = domain.ldapsearch(f"(employeeID={number})")
    return found


def modify(domain: Domain, text: str) -> None:
    """Change the directory by hand, with OpenLDAP's own client."""
    logon = ["-D", domain.bind_dn, "-y", str(domain.secret_file())]
    done = domain.execute(["ldapmodify", "-x", "-H", domain.uri(), *logon], text=text)
    assert done.returncode == 0, done.stderr
