r"""The site file `definitions.yml`: where virus definitions come from.

defender:
sources: [wsus, share, microsoft]
share: \\fs1\defender
clamav:
mirror: http://definitions.office.example.jp
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from daicho.documents import Document, judge, load, read_file
from daicho.i18n import N_
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

FILE: Final = "definitions.yml"

type Source = Literal["wsus", "share", "microsoft", "malware_center"]
type Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"]+$", max_length=500)]
type Container = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s\"]+\.(cud|cld|cvd)$", max_length=500)
]


class Defender(Document):
    """Where Microsoft Defender gets its definitions."""

    sources: tuple[Source, ...] = Field(
        default=("wsus", "microsoft"),
        min_length=1,
        description=N_("In this order, until the definitions are new enough."),
    )
    share: Annotated[str, StringConstraints(pattern=r"^(\\\\[^\s|]+)?$", max_length=250)] = Field(
        default="", description=N_(r"For `share`: the folder with the definitions, `\\fs1\defender`.")
    )

    @model_validator(mode="after")
    def _knows_its_share(self) -> Self:
        if "share" in self.sources and not self.share:
            raise ValueError(_("`share` is among the sources: say which, `share: \\\\SERVER\\FOLDER`"))
        return self


class ClamAv(Document):
    """Where ClamAV gets its definitions."""

    mirror: Url | None = Field(
        default=None, description=N_("A private mirror of ClamAV's own databases (freshclam: PrivateMirror).")
    )
    files: tuple[Container, ...] = Field(
        default=(),
        max_length=50,
        description=N_(
            "Databases of the site: versioned containers, made with sigtool (freshclam: DatabaseCustomURL)."
        ),
    )
    folder: Annotated[str, StringConstraints(pattern=r"^/[\w./-]+$")] = Field(
        default="/var/lib/clamav", description=N_("Where the machines keep them.")
    )

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not self.mirror and not self.files:
            raise ValueError(_("name a `mirror` or `files`: no machine may ask ClamAV's servers itself"))
        return self


class DefinitionsFile(Document):
    """Where virus definitions come from."""

    defender: Defender = Field(default=Defender(), description=N_("For Windows."))
    clamav: ClamAv | None = Field(
        default=None, description=N_("For Linux; without it Linux machines are refused.")
    )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        path = folder / FILE
        return judge(cls, load(read_file(path), str(path)), FILE)
