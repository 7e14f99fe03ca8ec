"""Writes the tables of fields into docs/reference/ from the schemas themselves.

Run it with `.venv/bin/python -m scripts.reference` after a schema has changed; a test compares. What a
field means is its docstring; the Japanese of it is in docs/reference/fields.ja.yml. Inputs of works are
described in daicho's own catalogue.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from ruamel.yaml import YAML

from daicho.accounts.card_rules import CardRules
from daicho.accounts.rules import DirectoryFile, HomeRules, SlipRules
from daicho.accounts.terminal_rules import TerminalRules
from daicho.budget import Budget
from daicho.change import ChangeDocument, Window
from daicho.dhcp.settings import DhcpSettings
from daicho.directory.passwords import PasswordPolicy
from daicho.directory.settings import DirectorySettings
from daicho.documents import Document
from daicho.fileserver.policy import FolderPolicy, Right
from daicho.fileserver.posix import PosixFolder, PosixRight
from daicho.fileserver.version_policy import FileVersion
from daicho.i18n import gettext
from daicho.i18n import language as speaking
from daicho.nameservice.settings import DnsSettings
from daicho.people.days import Days
from daicho.people.policy import Naming, People
from daicho.people.romaji import Romaji
from daicho.people.sections import Gifts, Section, Sections
from daicho.policy import Freeze, Key, Policy, Principal, Quorum, Rights, Wide
from daicho.printing.settings import CounterSettings, PrintServer, QueueRules
from daicho.reachability.checks import KINDS, Check, WithAccount
from daicho.rings import Rings
from daicho.services import ServicesFile
from daicho.works import WORKS
from daicho.works.work import Inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

DOCS: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"


def _with_parts(model: type[Document]) -> Iterator[type[Document]]:
    """A document and those that it is made of, as far as people write them."""
    yield model
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, Document) and _is_described(part):
                yield from _with_parts(part)


def _is_described(model: type[Document]) -> bool:
    return all(field.description for field in model.model_fields.values())


_INPUTS: Final = tuple(dict.fromkeys(part for work in WORKS.values() for part in _with_parts(work.inputs)))
PAGES: Final[Mapping[str, tuple[type[Document], ...]]] = {
    "change": (
        ChangeDocument,
        Window,
        Budget,
        *_INPUTS,
        FolderPolicy,
        Right,
        FileVersion,
        PosixFolder,
        PosixRight,
    ),
    "checks": (Check, WithAccount, *KINDS.values()),
    "policy": (Policy, Principal, Key, Rights, Quorum, Wide, Freeze, Budget, Rings),
    "directory": (
        *(DirectoryFile, DirectorySettings, People, Naming, Romaji, Days, Sections, Section, Gifts),
        *(PasswordPolicy, SlipRules, HomeRules, CardRules, TerminalRules),
    ),
    "services": (ServicesFile, DhcpSettings, DnsSettings, PrintServer, QueueRules, CounterSettings),
}
_PARTS: Final = {
    "DirectoryFile": "directory.yml",
    "DirectorySettings": "directory",
    "PasswordPolicy": "passwords",
    "SlipRules": "slips",
    "HomeRules": "homes",
    "FolderPolicy": "folders",
    "Right": "rights",
    "FileVersion": "files",
    "PosixFolder": "posix folders",
    "PosixRight": "posix rights",
    "CardRules": "cards",
    "TerminalRules": "terminals",
    "Program": "software",
    "Device": "devices",
    "Terminal": "terminals",
    "ServicesFile": "services.yml",
    "DhcpSettings": "dhcp",
    "DnsSettings": "dns",
    "PrintServer": "printing",
    "QueueRules": "queues",
    "CounterSettings": "counters",
    "NewPrinter": "printers",
}
_PLACE: Final = re.compile(r"(<!-- fields -->\n).*(<!-- /fields -->)", re.DOTALL)
_HEADS: Final = {
    "en": "| field | value | if left out | meaning |",
    "ja": "| 項目 | 値 | 省略時 | 意味 |",
}
_REQUIRED: Final = {"en": "needed", "ja": "必須"}
_WORDS: Final = {
    "str": ("text", "文字列"),
    "str | None": ("text", "文字列"),
    "int": ("whole number", "整数"),
    "bool": ("`true` or `false`", "`true` か `false`"),
    "date | None": ("day", "日付"),
    "SiteMoment": ("day and time", "日時"),
    "SiteMoment | None": ("day and time", "日時"),
    "Amount": ("number, or share such as `10%`", "台数、または割合（`10%` など）"),
    "tuple[Selector, ...]": ("list of selectors", "対象指定のリスト"),
    "tuple[int | str, ...]": ("list of numbers or shares", "台数または割合のリスト"),
    "tuple[str | int, ...]": ("list of numbers or shares", "台数または割合のリスト"),
    "tuple[str, ...]": ("list of texts", "文字列のリスト"),
    "float": ("number", "数"),
    "Patience": ("seconds, 0.1 to 60", "秒（0.1〜60）"),
    "Address": ("IP address", "IP アドレス"),
    "Address | None": ("IP address", "IP アドレス"),
    "Network": ("network such as `10.0.0.0/8`", "ネットワーク（`10.0.0.0/8` など）"),
    "Network | None": ("network such as `10.0.0.0/8`", "ネットワーク（`10.0.0.0/8` など）"),
    "Port": ("1 to 65535", "1〜65535"),
    "SecretName": ("name of a secret, `check-…`", "秘密の名前（`check-…`）"),
    "WholePath | None": ("path that begins with `/`", "`/` で始まるパス"),
    "dict[str, object]": ("the work's inputs", "作業の入力項目"),
    "Text": ("text", "文字列"),
    "Sum": ("SHA-256 as 64 hexadecimal digits", "SHA-256（16 進 64 桁）"),
    "tuple[Word, ...]": ("list of texts", "文字列のリスト"),
    "tuple[str, ...] | None": ("list of texts", "文字列のリスト"),
    "tuple[Text, ...]": ("list of texts", "文字列のリスト"),
    "dict[str, Any]": ("values by name", "名前ごとの値"),
    "bool | None": ("`true` or `false`", "`true` か `false`"),
    "dict[str, int] | None": ("whole numbers by name", "名前ごとの整数"),
    "tuple[Literal['patches', 'definitions'], ...]": (
        "list of `patches`, `definitions`",
        "`patches`、`definitions` のリスト",
    ),
    "dict[str, str]": ("texts by text", "文字列と文字列の対応"),
    "dict[str, Kind]": ("kinds of movements by word", "語と異動種別の対応"),
    "int | None": ("whole number", "整数"),
    "Path | None": ("path", "パス"),
    "Flavour": ("`ad`, `ldap`", "`ad`、`ldap`"),
    "date": ("day", "日付"),
    "tuple[date, ...]": ("list of days", "日付のリスト"),
    "tuple[PersonRow, ...]": ("rows of personnel's file", "人事ファイルの行"),
    "tuple[Annotated[str, StringConstraints(pattern='^[a-z][a-z0-9_-]{0,62}$')], ...]": (
        "list of names",
        "名前のリスト",
    ),
    "tuple[FolderPath, ...]": ("list of folders' paths", "フォルダのパスのリスト"),
    "AwareDatetime": (
        "moment with its zone, `2026-11-20T12:00:00+09:00`",
        "時差つきの日時（`2026-11-20T12:00:00+09:00`）",
    ),
    "LocalPath": ("path of a folder on the server", "サーバー上のフォルダのパス"),
    "FolderPath": ("path of a folder", "フォルダのパス"),
    "May": (
        "`full`, `modify`, `read`, `list`, `traverse` or a mask",
        "`full`・`modify`・`read`・`list`・`traverse` かマスク",
    ),
    "Name": ("text", "文字列"),
    "Owner": ("text", "文字列"),
    "tuple[Part, ...]": (
        "list of `folder`, `subfolders`, `files`",
        "`folder`・`subfolders`・`files` のリスト",
    ),
    "tuple[Kept, ...]": ("list of `interfaces`, `neighbours`", "`interfaces`、`neighbours` のリスト"),
    "tuple[NewPrinter, ...]": ("list of printers", "プリンタのリスト"),
    "tuple[Zone, ...]": ("list of zones", "ゾーンのリスト"),
    "Zone": ("zone", "ゾーン"),
    "Word": ("text", "文字列"),
    "tuple[NewDevice, ...]": ("list of devices", "機器のリスト"),
    "tuple[PortWish, ...]": ("list of ports", "ポートのリスト"),
    "tuple[Card, ...]": ("list of cards", "カードのリスト"),
    "tuple[Owner, ...]": ("list of people, each identified", "本人確認済みの人のリスト"),
    "tuple[RecordedPerson, ...]": ("people from the record", "記録にある人"),
}
_TITLES: Final[Mapping[type[Document], str]] = {
    ChangeDocument: "change",
    Principal: "principals",
    Rights: "may",
    Key: "keys",
    Check: "every check",
    WithAccount: "those that log on",
}


class Untranslated(LookupError):
    """A field has no docstring, no Japanese, or a type without words."""


def page(name: str, language: str, text: str) -> str:
    """The text of a page with its tables made anew."""
    tables = "\n".join(_table(model, language) for model in PAGES[name])
    return _PLACE.sub(lambda found: f"{found[1]}{tables}{found[2]}", text)


def path_of(name: str, language: str) -> Path:
    """Where a page is."""
    return DOCS / (f"{name}.md" if language == "en" else f"{name}.{language}.md")


def _table(model: type[Document], language: str) -> str:
    told = meanings(model)
    lines = [f"### {heading(model)}\n", _HEADS[language], "|---|---|---|---|"]
    for name, (annotation, meaning) in told.items():
        field = model.model_fields[name]
        told_here = _spoken(model, name, meaning) if language == "ja" else meaning
        value = _value(field, annotation, language) + _bounds(field)
        cells = (f"`{field.alias or name}`", value, _default(field, language), told_here)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _spoken(model: type[Document], name: str, meaning: str) -> str:
    """The Japanese of what a field means."""
    if model.model_fields[name].description:
        with speaking("ja"):
            return gettext(meaning)
    known = _japanese()
    for each in (model, *_above(model)):
        if said := known.get(f"{each.__name__}.{name}"):
            return said
    raise Untranslated(f"docs/reference/fields.ja.yml has no {model.__name__}.{name}: {meaning}")


def _above(model: type[Document]) -> list[type[Document]]:
    """What a document has its further fields from; those that every check has are in a table of their own."""
    return [
        each
        for each in model.__mro__[1:]
        if issubclass(each, Document) and each not in (Document, Inputs, Check, WithAccount)
    ]


def heading(model: type[Document]) -> str:
    """What a table is called: the field that holds it, or the kind of check."""
    for kind, check in KINDS.items():
        if check is model:
            return kind
    for name, work in WORKS.items():
        if work.inputs is model:
            return f"inputs: {name}"
    return _PARTS.get(model.__name__) or _TITLES.get(model, model.__name__.lower())


def meanings(model: type[Document]) -> dict[str, tuple[str, str]]:
    """Each field's annotation as it is written, and its docstring."""
    found = {name: told for each in _above(model) for name, told in _own(each).items()}
    return found | _own(model)


def _own(model: type[Document]) -> dict[str, tuple[str, str]]:
    body = ast.parse(inspect.getsource(model)).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for each, after in zip(lines, [*lines[1:], None], strict=False):
        if not (isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)):
            continue
        if each.target.id == "check" and model is not Check:
            continue  # the table's own name
        said = model.model_fields[each.target.id].description or _docstring(after)
        if not said:
            raise Untranslated(f"{model.__name__}.{each.target.id} has no docstring")
        found[each.target.id] = (ast.unparse(each.annotation), " ".join(said.split()))
    return found


def _docstring(statement: ast.stmt | None) -> str:
    said = getattr(getattr(statement, "value", None), "value", None)
    return said if isinstance(said, str) else ""


def _value(field: FieldInfo, annotation: str, language: str) -> str:
    annotation = ast.unparse(_Bare().visit(ast.parse(annotation, mode="eval")))
    if annotation in _WORDS:
        return _WORDS[annotation][language == "ja"]
    if choices := re.fullmatch(r"Literal\[(.*)\](?: \| None)?", annotation):
        return ", ".join(f"`{choice.strip(chr(39))}`" for choice in choices[1].split(", "))
    if several := re.fullmatch(r"tuple\[Literal\[(.*)\], \.\.\.\]", annotation):
        names = ", ".join(f"`{choice.strip(chr(39))}`" for choice in several[1].split(", "))
        return {"en": f"list of {names}", "ja": f"{names} のリスト"}[language]
    for model in (field.annotation, *get_args(field.annotation)):
        if isinstance(model, type) and issubclass(model, Document):
            link = f"[{heading(model)}](#{heading(model).replace(' ', '-')})"
            listed = {"en": "list of ", "ja": "次のリスト: "}[language] if "tuple" in annotation else ""
            return listed + link
    raise Untranslated(f"{annotation} has no words in scripts/reference.py")


class _Bare(ast.NodeTransformer):
    """`Annotated[str, ...]` without what is said of it."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """What is annotated."""
        if ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[0]
        return self.generic_visit(node)


def _bounds(field: FieldInfo) -> str:
    shown = {"ge": "≥ {}", "le": "≤ {}", "pattern": "`{}`", "max_length": "≤ {}"}
    parts = [
        template.format(value)
        for rule in field.metadata
        for name, template in shown.items()
        if (value := getattr(rule, name, None)) is not None
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _default(field: FieldInfo, language: str) -> str:
    if field.is_required():
        return _REQUIRED[language]
    match field.get_default(call_default_factory=True):
        case None | "" | () | {}:
            return "–"
        case Document():
            return {"en": "as below", "ja": "下表のとおり"}[language]
        case bool() as flag:
            return f"`{str(flag).lower()}`"
        case tuple() as several:
            return (
                f"`[{', '.join(str(each) if each != '*' else chr(34) + '*' + chr(34) for each in several)}]`"
            )
        case other:
            return f"`{other}`"


@cache
def _japanese() -> dict[str, str]:
    known: dict[str, str] = YAML(typ="safe").load((DOCS / "fields.ja.yml").read_text(encoding="utf-8"))
    return known


def main() -> int:
    """Write all pages."""
    for name in PAGES:
        for language in _HEADS:
            path = path_of(name, language)
            path.write_text(page(name, language, path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
