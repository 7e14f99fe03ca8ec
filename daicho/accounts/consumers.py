"""The systems that use accounts, and the file that each of them gets: the site file `consumers.yml`."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from daicho.documents import Document, judge, load, read_file
from daicho.i18n import gettext as _

NAME: Final = "consumers.yml"
type Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
OF_ACCOUNT: Final = ("login", "number", "dn", "open", "expires")
"""What a column may hold beside an attribute of the directory."""


class Column(Document):
    """One column of a file."""

    heading: Text
    """As the consumer calls it."""
    source: Text = Field(alias="from")
    """An attribute of the directory, or login, number, dn, open (1 or 0), expires."""


class Consumer(Document):
    """A system that is told who has an account."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    """How changes name it."""
    title: str = ""
    """As people call it."""
    file: PurePosixPath
    """Where its file is."""
    format: Literal["csv", "tsv", "ldif", "json"] = "csv"
    encoding: Literal["utf-8", "utf-8-sig", "cp932"] = "utf-8"
    """How text is written; cp932 is what Excel and older systems read."""
    newline: Literal["lf", "crlf"] = "lf"
    heading: bool = True
    """Whether the first line holds the headings (csv, tsv)."""
    columns: tuple[Column, ...] = Field(min_length=1)
    key: Text
    """The heading of the column by which the consumer tells people apart."""
    sections: tuple[Text, ...] = ()
    """Codes of the sections whose people it is told of, with those below them; none: all."""
    section_attribute: Text = "departmentNumber"
    """Which attribute holds the code."""
    closed: bool = False
    """Whether it is told of closed accounts, too."""
    substitutes: dict[str, str] = Field(default_factory=dict)
    """What is written for a character that the encoding cannot hold: `𠮷: 吉`."""
    most_removed_percent: int = Field(default=20, ge=0, le=100)
    """More than this share of its rows is not taken away without being asked for."""
    mode: str = Field(default="0640", pattern=r"^0[0-7]{3}$")
    """Who may read the file."""

    @field_validator("file")
    @classmethod
    def _is_whole(cls, file: PurePosixPath) -> PurePosixPath:
        if not file.is_absolute() or ".." in file.parts:
            raise ValueError(_("write the whole path, beginning with /"))
        return file

    @field_validator("substitutes")
    @classmethod
    def _one_character_each(cls, given: dict[str, str]) -> dict[str, str]:
        for each in given:
            if len(each) != 1:
                raise ValueError(_("{text!r:.20} is not one character").format(text=each))
        return given

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        names = self.headings
        if len(set(names)) < len(names):
            raise ValueError(_("a heading is there twice"))
        if self.key not in names:
            raise ValueError(_("no column has the heading {key!r} that `key` names").format(key=self.key))
        if self.format == "ldif" and self.column("dn") is None:
            raise ValueError(_("ldif needs a column with the heading dn"))
        if self.format in {"ldif", "json"} and self.encoding != "utf-8":
            raise ValueError(_("ldif and json are always utf-8"))
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings in their order."""
        return tuple(column.heading for column in self.columns)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes of the directory that it needs."""
        needed = {column.source for column in self.columns} - {*OF_ACCOUNT}
        return tuple(sorted({*needed, self.section_attribute}))

    def column(self, heading: str) -> int | None:
        """The place of a column."""
        return self.headings.index(heading) if heading in self.headings else None

    @property
    def place(self) -> Path:
        """The file on this machine."""
        return Path(self.file)


class Consumers(Document):
    """All of them."""

    consumers: tuple[Consumer, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_apart(self) -> Self:
        for what in ("name", "file"):
            given = [str(getattr(consumer, what)) for consumer in self.consumers]
            if twice := sorted({each for each in given if given.count(each) > 1}):
                raise ValueError(_("{names} is there twice").format(names=", ".join(twice)))
        return self

    def named(self, name: str) -> Consumer | None:
        """The consumer of this name."""
        return next((consumer for consumer in self.consumers if consumer.name == name), None)


def read_consumers(folder: Path) -> Consumers:
    """The consumers of a site.

    Raises:
        DocumentError: The file is absent, or every problem with its field.
    """
    return judge(Consumers, load(read_file(folder / NAME), NAME), NAME)
