"""What `approve` and `review` share: a key or a signature, after a question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from daicho.cli.asking import confirm
from daicho.cli.kit import option, yes_option
from daicho.cli.reading import text_of
from daicho.i18n import N_
from daicho.life.approving import NoKey

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How somebody signs."""

    key: Path | None
    file: str | None
    yes: bool

    def require(self) -> None:
        """Make sure that there is something to sign with.

        Raises:
            NoKey: There is neither a key nor a signature.
        """
        if not (self.key or self.file):
            raise NoKey

    def ask(self, question: str) -> None:
        """Ask, unless told not to."""
        if not self.yes:
            confirm(question)

    @property
    def signature(self) -> str | None:
        """The signature that was made elsewhere."""
        return text_of(self.file)[0] if self.file else None


def signing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--key`, `--signature` and `--yes`, as one `signing`."""

    @wraps(function)
    def gathered(*args: Any, key: Path | None, signature: str | None, yes: bool, **more: Any) -> Any:
        return function(*args, signing=Signing(key=key, file=signature, yes=yes), **more)

    made: Callable[..., Any] = yes_option(gathered)
    made = option(
        "--signature",
        metavar="FILE",
        help=N_("A signature made elsewhere over what `show --to-sign` writes."),
    )(made)
    key_file = click.Path(path_type=Path)
    return option("--key", type=key_file, metavar="FILE", help=N_("The SSH key to sign with."))(made)
