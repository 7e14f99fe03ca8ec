"""What is wanted of each device, from templates and data: every hole is found before any device is touched.

Under the site's folder: `templates/NAME/PLATFORM.j2`, and data that apply from the general to the particular:
`data/all.yml`, `data/role/R.yml`, `data/site/S.yml`, `data/platform/P.yml`, `data/device/D.yml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from daicho import documents
from daicho.errors import UsageError
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LAYERS: Final = ("role", "site", "platform")
_UNTYPABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f?\t]")
_NAME: Final = re.compile(r"\w[\w.-]*", re.ASCII)


class NotRendered(UsageError):
    """Templates and data do not make a configuration; every hole is named."""

    sentence = N_("What {device} should be configured to do cannot be written down:\n{problems}")


@dataclass(frozen=True, kw_only=True)
class Wanting:
    """For whom something is rendered."""

    device: str
    platform: str
    attributes: Mapping[str, str]
    """The item's; `role` and `site` choose data."""
    secret: Callable[[str], str] = field(default=lambda name: f"<{name}>", repr=False)
    """A secret of the site by its name: `{{ secret('snmp') }}` in a line."""


class Templates:
    """The templates and data of a site."""

    def __init__(self, folder: Path) -> None:
        """Read from this folder as it is needed, each file once."""
        self._folder = folder
        self._data: dict[Path, Mapping[str, object]] = {}

    def text(self, name: str, wanting: Wanting, given: Mapping[str, object]) -> str:
        """The lines that a template makes for one device.

        Args:
            name: The template's folder.
            wanting: The device.
            given: Data of the change, which come before all other.

        Raises:
            NotRendered: There is no such template, or it has holes.
            DocumentError: A file of data cannot be read.
        """
        file = self._folder / "templates" / name / f"{wanting.platform}.j2"
        if not _NAME.fullmatch(name) or not file.is_file():
            said = _("There is no template {name} for the platform {platform}.")
            raise NotRendered(
                device=wanting.device, problems=said.format(name=name, platform=wanting.platform)
            )
        return render(documents.read_file(file), {**self.data(wanting), **given}, wanting)

    def data(self, wanting: Wanting) -> dict[str, object]:
        """Everything that is known for one device, the particular over the general."""
        known = dict(self._layer("all"))
        for layer in LAYERS:
            value = wanting.platform if layer == "platform" else wanting.attributes.get(layer, "")
            if _NAME.fullmatch(value):
                known.update(self._layer(f"{layer}/{value}"))
        return {**known, **self._layer(f"device/{wanting.device}")}

    def _layer(self, name: str) -> Mapping[str, object]:
        file = self._folder / "data" / f"{name}.yml"
        if file not in self._data:
            value = documents.load(documents.read_file(file), str(file)) if file.is_file() else {}
            self._data[file] = (
                {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}
            )
        return self._data[file]


def render(source: str, data: Mapping[str, object], wanting: Wanting) -> str:
    """The text that a template makes, with `device` as the name and `item` as the attributes.

    Raises:
        NotRendered: A variable is not defined, the template is broken, or a line cannot be typed.
    """
    holes: list[str] = []
    environment = ImmutableSandboxedEnvironment(
        undefined=_noting(holes),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    try:
        text = environment.from_string(source).render(
            {**data, "device": wanting.device, "item": dict(wanting.attributes), "secret": wanting.secret}
        )
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        holes.append(str(error))
        text = ""
    problems = list(dict.fromkeys(holes)) + untypable(text)
    if problems:
        raise NotRendered(device=wanting.device, problems="\n".join(problems))
    return text


def untypable(text: str) -> list[str]:
    """The lines that a command line would not take as they stand, in words."""
    said = _("Line {number}, `{line}`: a command line would take U+{code:04X} in it for a key of its own.")
    return [
        said.format(number=number, line=line.strip(), code=ord(found[0]))
        for number, line in enumerate(text.splitlines(), 1)
        if (found := _UNTYPABLE.search(line.strip()))
    ]


def _noting(holes: list[str]) -> type[Undefined]:
    """A kind of undefined value that notes what is missing and lets the others be found, too."""

    def note(value: Undefined) -> str:
        name = value._undefined_name  # noqa: SLF001 -- the interface of jinja2's own make_logging_undefined
        holes.append(_("{name} is not defined").format(name=name))
        return ""

    def alike(value: Undefined, *_more: object) -> Undefined:
        note(value)
        return value

    return type(
        "Noted",
        (Undefined,),
        {
            "__slots__": (),
            "__str__": note,
            "__iter__": lambda value: iter(note(value)),
            "__bool__": lambda value: bool(note(value)),
            "__len__": lambda value: len(note(value)),
            "__getattr__": alike,
            "__getitem__": alike,
            "__eq__": lambda value, _other: bool(note(value)),
            "__hash__": None,
        },
    )
