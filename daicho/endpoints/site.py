r"""The site file `windows.yml`: how the Windows endpoints of a site are logged on to.

    user: OFFICE\svc-daicho
    ca_file: windows-ca.pem

The password is the site's secret `windows` (`daicho secret set windows`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, StringConstraints

from daicho.documents import Document, judge, load, read_file
from daicho.i18n import N_

if TYPE_CHECKING:
    from typing import Self

FILE: Final = "windows.yml"
PORT: Final = 5986
"""Where WinRM listens with HTTPS, unless a site or an item says otherwise."""
SECRET: Final = "windows"  # noqa: S105 -- the name of a secret
"""The site's secret that holds the password of `user`."""


class WindowsFile(Document):
    r"""How Windows endpoints are reached; always HTTPS with a certificate that fits the item's address."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description=N_(r"The account: `OFFICE\svc-daicho`, or `.\svc-daicho` for one of each machine's own.")
    )
    ca_file: Path = Field(description=N_("The authority that signed the endpoints' certificates (PEM)."))
    port: int = Field(default=PORT, ge=1, le=65535, description=N_("Where WinRM listens, with HTTPS."))
    check_names: bool = Field(
        default=True,
        description=N_(
            "Whether a machine must carry its item's name; what calls itself otherwise is left alone."
        ),
    )
    connect_timeout_s: int = Field(
        default=5, ge=1, le=120, description=N_("Seconds until a machine that does not answer counts as off.")
    )
    operation_timeout_s: int = Field(
        default=20,
        ge=2,
        le=300,
        description=N_("Seconds after which a machine must say that it is still busy."),
    )
    at_once: int = Field(default=50, ge=1, le=500, description=N_("How many machines are spoken to at once."))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The file of a site; `ca_file` counts from its folder.

        Raises:
            DocumentError: It is absent, or every problem with its field.
        """
        path = folder / FILE
        found = judge(cls, load(read_file(path), str(path)), FILE)
        return found.model_copy(update={"ca_file": folder / found.ca_file})


def runs_windows(os: str | None) -> bool:
    """Whether an item's attribute `os` names a Windows: `windows`, `Windows 11`."""
    return (os or "").casefold().startswith("windows")
