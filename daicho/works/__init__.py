"""The works: each kind of change with its runner, its inputs, and the items it is for.

Looking to add one? A module here, a playbook and a role (or task) of the same name, a how-to
and an acceptance test; tests/repo names what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daicho.errors import UnknownObject
from daicho.i18n import gettext as _
from daicho.works.allow_device import ALLOW_DEVICE
from daicho.works.audit_share_permissions import AUDIT_SHARE_PERMISSIONS
from daicho.works.backup_network_config import BACKUP_NETWORK_CONFIG
from daicho.works.change_port import CHANGE_PORT
from daicho.works.check_connectivity import CHECK_CONNECTIVITY
from daicho.works.collect_network_state import COLLECT_NETWORK_STATE
from daicho.works.configure_network import CONFIGURE_NETWORK
from daicho.works.distribute_accounts import DISTRIBUTE_ACCOUNTS
from daicho.works.install_network_device import INSTALL_NETWORK_DEVICE
from daicho.works.install_printer import INSTALL_PRINTER
from daicho.works.install_software import INSTALL_SOFTWARE
from daicho.works.isolate_endpoint import ISOLATE_ENDPOINT
from daicho.works.list_users import LIST_USERS
from daicho.works.offboard_users import OFFBOARD_USERS
from daicho.works.onboard_users import ONBOARD_USERS
from daicho.works.patch_endpoints import PATCH_ENDPOINTS
from daicho.works.read_endpoints import READ_ENDPOINTS
from daicho.works.read_page_counts import READ_PAGE_COUNTS
from daicho.works.record_baseline import RECORD_BASELINE
from daicho.works.register_cards import REGISTER_CARDS
from daicho.works.relocate_printers import RELOCATE_PRINTERS
from daicho.works.relocate_terminals import RELOCATE_TERMINALS
from daicho.works.reprepare_terminal import REPREPARE_TERMINAL
from daicho.works.reset_passwords import RESET_PASSWORDS
from daicho.works.restore_files import RESTORE_FILES
from daicho.works.restore_users import RESTORE_USERS
from daicho.works.retire_printer import RETIRE_PRINTER
from daicho.works.rotate_admin_passwords import ROTATE_ADMIN_PASSWORDS
from daicho.works.select_loan_terminals import SELECT_LOAN_TERMINALS
from daicho.works.set_posix_permissions import SET_POSIX_PERMISSIONS
from daicho.works.set_share_permissions import SET_SHARE_PERMISSIONS
from daicho.works.transfer_users import TRANSFER_USERS
from daicho.works.update_terminals_master import UPDATE_TERMINALS_MASTER
from daicho.works.update_virus_definitions import UPDATE_VIRUS_DEFINITIONS

if TYPE_CHECKING:
    from daicho.works.work import Work

WORKS: dict[str, Work] = {
    work.name: work
    for work in (
        ALLOW_DEVICE,
        AUDIT_SHARE_PERMISSIONS,
        BACKUP_NETWORK_CONFIG,
        CHANGE_PORT,
        CHECK_CONNECTIVITY,
        COLLECT_NETWORK_STATE,
        CONFIGURE_NETWORK,
        DISTRIBUTE_ACCOUNTS,
        INSTALL_NETWORK_DEVICE,
        INSTALL_PRINTER,
        INSTALL_SOFTWARE,
        ISOLATE_ENDPOINT,
        LIST_USERS,
        OFFBOARD_USERS,
        ONBOARD_USERS,
        PATCH_ENDPOINTS,
        READ_ENDPOINTS,
        READ_PAGE_COUNTS,
        RECORD_BASELINE,
        REGISTER_CARDS,
        RELOCATE_PRINTERS,
        RELOCATE_TERMINALS,
        REPREPARE_TERMINAL,
        RESET_PASSWORDS,
        RESTORE_FILES,
        RESTORE_USERS,
        RETIRE_PRINTER,
        ROTATE_ADMIN_PASSWORDS,
        SELECT_LOAN_TERMINALS,
        SET_POSIX_PERMISSIONS,
        SET_SHARE_PERMISSIONS,
        TRANSFER_USERS,
        UPDATE_TERMINALS_MASTER,
        UPDATE_VIRUS_DEFINITIONS,
    )
}


def work_named(name: str) -> Work:
    """The work of this name.

    Raises:
        UnknownObject: There is none.
    """
    if name not in WORKS:
        raise UnknownObject(kind=_("work"), name=name, listing="daicho works")
    return WORKS[name]
