"""A YAML list of flat items, read event by event: no tags, no aliases, no depth, all text as written.

Every scalar is taken as the text that stands there, so that `no`, `00123` and `11:22:33:44:55:66`
stay what they are. Because nothing is ever expanded or nested, a YAML bomb has nothing to work with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

# PyYAML comes with ansible-core; its C parser is what makes 12,000 items bearable.
import yaml  # type: ignore[import-untyped,unused-ignore]

from daicho.i18n import gettext as _
from daicho.items.problems import UnreadableFile
from daicho.items.table import MOST_ROWS, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_yaml(text: str, document: str) -> Table:
    """The items in a YAML text: a list of mappings, or a mapping `items:` with such a list.

    Raises:
        UnreadableFile: Anything else; the line is named.
    """
    headings: dict[str, int] = {}
    found: list[tuple[int, dict[str, str]]] = []
    try:
        for line, item in _items(_Events(text, document)):
            headings.update(dict.fromkeys(item, 0))
            found.append((line, item))
            if len(found) > MOST_ROWS:
                raise UnreadableFile(
                    document=document,
                    why=_("it has more than {most} items. Split it.").format(most=MOST_ROWS),
                )
    except yaml.YAMLError as error:
        raise UnreadableFile(document=document, why=_described(error)) from error
    rows = tuple((line, tuple(item.get(heading, "") for heading in headings)) for line, item in found)
    return Table(document, "line", tuple(headings), rows)


class _Events:
    """The parser's events with the three questions that the grammar of items asks."""

    def __init__(self, text: str, document: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._document = document
        self.now: Any = None
        for _start in ("stream", "document"):
            self.step()
        self.step()

    def step(self) -> None:
        self.now = next(self._events, None)
        if isinstance(self.now, yaml.AliasEvent) or getattr(self.now, "anchor", None) is not None:
            self.refuse(_("anchors (&) and aliases (*) are not taken. Write the values out"))

    def at(self, event: str) -> bool:
        return type(self.now).__name__ == f"{event}Event"

    @property
    def line(self) -> int:
        return int(self.now.start_mark.line) + 1 if self.now is not None else 1

    def refuse(self, why: str) -> None:
        raise UnreadableFile(
            document=self._document, why=_("line {line}: {why}.").format(line=self.line, why=why)
        )

    def text(self) -> str:
        if not self.at("Scalar"):
            self.refuse(_("a value must be plain text, not a list or a mapping"))
        plain = not self.now.style and self.now.value in {"~", "null", "Null", "NULL"}
        value = "" if plain else str(self.now.value)
        self.step()
        return value


def _items(events: _Events) -> Iterator[tuple[int, dict[str, str]]]:
    wrapped = events.at("MappingStart")
    if wrapped:
        events.step()
        if events.text() != "items":
            events.refuse(_("the file must be a list of items, or `items:` with such a list"))
    if not events.at("SequenceStart"):
        events.refuse(_("the file must be a list of items, each beginning with `- name:`"))
    events.step()
    while not events.at("SequenceEnd"):
        yield _item(events)
    events.step()
    if wrapped:
        if not events.at("MappingEnd"):
            events.refuse(_("nothing may stand beside `items:`"))
        events.step()
    events.step()
    if not events.at("StreamEnd"):
        events.refuse(_("the file must hold one document only"))


def _item(events: _Events) -> tuple[int, dict[str, str]]:
    line = events.line
    if not events.at("MappingStart"):
        events.refuse(_("an item must be a mapping such as `name: pc-1`"))
    events.step()
    item: dict[str, str] = {}
    while not events.at("MappingEnd"):
        key = events.text()
        if key in item:
            events.refuse(_("{key!r} is given twice in the item at line {line}").format(key=key, line=line))
        item[key] = events.text()
    events.step()
    return line, item


def _described(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    if mark is None:
        return _("it is not YAML ({problem}).").format(problem=problem)
    return _("line {line} is not YAML ({problem}).").format(line=mark.line + 1, problem=problem)
