"""The works: each kind of change with its runner, its inputs, and the items it is for.

Looking to add one? A module here, a playbook and a role (or task) of the same name, a how-to
and an acceptance test; tests/repo names what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from daicho.errors import UnknownObject
from daicho.i18n import gettext as _

if TYPE_CHECKING:
    from daicho.works.work import Work

_NAMES: Final = (
    "allow_device",
    "audit_share_permissions",
    "backup_network_config",
    "change_port",
    "check_connectivity",
    "collect_network_state",
    "configure_network",
    "distribute_accounts",
    "install_network_device",
    "install_printer",
    "install_software",
    "isolate_endpoint",
    "list_users",
    "offboard_users",
    "onboard_users",
    "patch_endpoints",
    "read_endpoints",
    "read_page_counts",
    "record_baseline",
    "register_cards",
    "relocate_printers",
    "relocate_terminals",
    "reprepare_terminal",
    "reset_passwords",
    "restore_files",
    "restore_users",
    "retire_printer",
    "rotate_admin_passwords",
    "select_loan_terminals",
    "set_posix_permissions",
    "set_share_permissions",
    "transfer_users",
    "update_terminals_master",
    "update_virus_definitions",
)
CUMULATIVE: Final = ("patch_endpoints", "update_virus_definitions")
"""Those of which a target owes only the newest; the ledger's tables ask before any work is read."""


class _Works(Mapping[str, "Work"]):
    """Every work by its name. A command is about one or two: only these are read."""

    def __getitem__(self, name: str) -> Work:
        if name not in _NAMES:
            raise KeyError(name)
        work: Work = getattr(import_module(f"{__name__}.{name}"), name.upper())
        return work

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)

    def __contains__(self, name: object) -> bool:
        return name in _NAMES


WORKS: Final[Mapping[str, Work]] = _Works()


def work_named(name: str) -> Work:
    """The work of this name.

    Raises:
        UnknownObject: There is none.
    """
    if name not in WORKS:
        raise UnknownObject(kind=_("work"), name=name, listing="daicho works")
    return WORKS[name]
