"""What a section gives to its people: groups, a place in the directory, a home folder, a logon script."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.documents import Document
from daicho.i18n import gettext as _
from daicho.items.cells import fold
from daicho.items.problems import Unfit
from daicho.people.template import check_template, fill

if TYPE_CHECKING:
    from collections.abc import Mapping

type Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_OF_SECTION: Final = ("code", "section")
_OF_PERSON: Final = (*_OF_SECTION, "account", "number")


class Gifts(Document):
    """What belongs to the people of a section; what is left out comes from the section above."""

    groups: tuple[Text, ...] = ()
    """Groups to be a member of; fields: {code}, {section}."""
    container: str = ""
    """Organisational units from the top down: `職員/{path}`; {path} stands for all sections from the top."""
    home: str = ""
    r"""Home folder: `\\fs1\homes\{account}`."""
    drive: str = Field(default="", pattern=r"^([D-Z]:)?$")
    """The letter under which it is seen: `H:`."""
    quota_mb: int | None = Field(default=None, ge=1)
    """How much fits into it, in megabytes."""
    script: str = ""
    """Logon script."""
    title: str = ""
    """How the post is shown; fields: {post}, {section}, {code}."""

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        for group in self.groups:
            check_template(group, _OF_SECTION)
        for step in self.container.split("/"):
            check_template(step, ("path",) if step == "{path}" else _OF_SECTION)
        check_template(self.home, _OF_PERSON)
        check_template(self.script, _OF_PERSON)
        check_template(self.title, (*_OF_SECTION, "post"))
        return self


class Section(Gifts):
    """One section of the organisation: 局, 部, 課 or 係."""

    code: Text
    """As personnel files write it."""
    name: Text
    """As people write it."""
    parent: str = ""
    """Code of the section above."""
    aliases: tuple[Text, ...] = ()
    """Other names that files use for it."""

    @field_validator("code", "parent")
    @classmethod
    def _folded(cls, code: str) -> str:
        return fold(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What one section gives, with all that comes from above."""

    code: str
    section: str
    groups: frozenset[str]
    container: tuple[str, ...]
    home: str
    """A template with {account} and {number}."""
    drive: str
    quota_mb: int | None
    script: str
    title: str


class Sections(Document):
    """All sections, and what everybody gets."""

    everyone: Gifts = Gifts(title="{post}")
    """What every section gives that does not say otherwise; its groups come from one's own section only."""
    code_digits: int | None = Field(default=None, ge=1, le=20)
    """Length of codes that are numbers: a spreadsheet drops their leading zeros, and they are put back."""
    tree: tuple[Section, ...] = ()
    """The sections."""

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        known = set[str]()
        for section in self.tree:
            if section.code in known:
                raise ValueError(_("section {code} is there twice").format(code=section.code))
            known.add(section.code)
        for section in self.tree:
            if section.parent and section.parent not in known:
                why = _("section {code} is below {parent}, which is not there")
                raise ValueError(why.format(code=section.code, parent=section.parent))
        for section in self.tree:
            self._no_circle(section)
        return self

    def _no_circle(self, section: Section) -> None:
        above, code = set[str](), section.code
        while code:
            if code in above:
                raise ValueError(_("section {code} is above itself").format(code=section.code))
            above.add(code)
            code = self.by_code[code].parent

    @cached_property
    def by_code(self) -> Mapping[str, Section]:
        """The sections by their codes."""
        return {section.code: section for section in self.tree}

    @cached_property
    def _by_word(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for section in self.tree:
            path = self.path(section.code)
            words = {section.name, *section.aliases, *("".join(path[start:]) for start in range(len(path)))}
            for word in words:
                found[_plain(word)].append(section.code)
        return {word: tuple(codes) for word, codes in found.items()}

    def find(self, text: str) -> str:
        """The code of the section that a file names by code, name or path (`総務部 総務課`).

        Raises:
            Unfit: There is none, or several have this name.
        """
        code = fold(text)
        if self.code_digits and code.isascii() and code.isdigit():
            code = code.zfill(self.code_digits)
        if code in self.by_code:
            return code
        codes = self._by_word.get(_plain(text), ())
        if len(codes) == 1:
            return codes[0]
        if codes:
            why = _("{text!r} is the name of several sections ({codes}). Write the code.")
            raise Unfit(why=why.format(text=text, codes=", ".join(codes)))
        why = _("there is no section {text!r}. Correct it, or add it to the sections in directory.yml.")
        raise Unfit(why=why.format(text=text[:60]))

    def path(self, code: str) -> tuple[str, ...]:
        """The names of the sections from the top down to this one."""
        return tuple(section.name for section in self._line(code))

    def name(self, code: str) -> str:
        """The name of a section; the code itself where it is not known."""
        section = self.by_code.get(code)
        return section.name if section else code

    def groups(self, code: str) -> frozenset[str]:
        """The groups that a section gives; none where it is not known."""
        return self.entitlement(code).groups if code in self.by_code else frozenset()

    def entitlement(self, code: str) -> Entitlement:
        """What a section gives.

        Raises:
            KeyError: It is not known.
        """
        known = self._entitlements.get(code)
        if known is None:
            known = self._entitlements[code] = self._entitled(code)
        return known

    @cached_property
    def _entitlements(self) -> dict[str, Entitlement]:
        return {}

    def _entitled(self, code: str) -> Entitlement:
        line = self._line(code)
        values = {"code": code, "section": line[-1].name}
        nearest: list[Gifts] = [*reversed(line), self.everyone]
        groups = {fill(group, values) for group in self.everyone.groups}
        for section in line:
            own = {"code": section.code, "section": section.name}
            groups |= {fill(group, own) for group in section.groups}

        def first(name: str) -> str:
            return next((str(getattr(gifts, name)) for gifts in nearest if getattr(gifts, name)), "")

        return Entitlement(
            code=code,
            section=line[-1].name,
            groups=frozenset(groups),
            container=self._container(code, first("container")),
            home=first("home"),
            drive=first("drive"),
            quota_mb=next((gifts.quota_mb for gifts in nearest if gifts.quota_mb), None),
            script=first("script"),
            title=first("title"),
        )

    def _container(self, code: str, template: str) -> tuple[str, ...]:
        values = {"code": code, "section": self.name(code)}
        units: list[str] = []
        for step in template.split("/"):
            units += self.path(code) if step == "{path}" else [fill(step, values)]
        return tuple(unit for unit in units if unit)

    def _line(self, code: str) -> list[Section]:
        line: list[Section] = []
        while code:
            section = self.by_code[code]
            line.append(section)
            code = section.parent
        return line[::-1]


def _plain(name: str) -> str:
    return "".join(fold(name).casefold().split())
