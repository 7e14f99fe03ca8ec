"""The site's secrets come and go: who did it is on record, what they are is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.credentials import Keys
from daicho.ledger.entry import Draft

if TYPE_CHECKING:
    from daicho.site import Site


def keep_secret(site: Site, name: str, value: str) -> None:
    """Keep a secret under a name.

    Raises:
        NotAllowed: The acting person may not administer.
        BadSecretName: This cannot be a name.
        LedgerUnwritable: Nothing was kept.
    """
    by = site.administrator("secret")
    keys = Keys.of(site.settings)
    keys.check_secret_name(name)
    site.ledger.append(Draft(kind="secret.kept", of=name, by=by, body={}))
    keys.keep_secret(name, value)


def forget_secret(site: Site, name: str) -> None:
    """Remove a secret.

    Raises:
        NotAllowed: The acting person may not administer.
        NoSecret: There is none.
    """
    by = site.administrator("secret")
    keys = Keys.of(site.settings)
    keys.secret(name)
    site.ledger.append(Draft(kind="secret.forgotten", of=name, by=by, body={}))
    keys.forget_secret(name)
