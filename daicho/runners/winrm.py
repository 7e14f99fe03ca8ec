"""Windows targets of a playbook: how Ansible reaches them, and our scripts beside its modules.

Ansible's own way of running a module sends 180 kB of PowerShell for each; a script of ours is a few hundred
bytes over a session of our own, which also says in words why a machine cannot be spoken to.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daicho.craft import Trouble, Unreachable
from daicho.endpoints.fleet import each
from daicho.endpoints.script import run
from daicho.endpoints.session import Access, Session, endpoint_of
from daicho.endpoints.site import WindowsFile, runs_windows
from daicho.endpoints.wrong import NotTried
from daicho.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
COMPUTER: Final = "daicho_computer"
"""The host variable that holds what a machine must call itself; empty: anything."""
_NETBIOS: Final = 15
_PATIENCE_S: Final = 20
_PROVED_BY: Final = 3


class Hangs(Unreachable):
    """It took the question and gave no answer."""

    sentence = N_(
        "{address} took the question and did not answer within {seconds} s. Is it overloaded or hung?"
    )


def windows_hosts(hosts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Those of the door's targets that are Windows machines."""
    return [name for name, known in hosts.items() if runs_windows(known.get("daicho_item", {}).get("os"))]


def connection_variables(name: str, known: Mapping[str, Any], site: WindowsFile) -> dict[str, object]:
    """How Ansible reaches a Windows target, but for the password: TLS, with a proof of its name."""
    return {
        "ansible_connection": "winrm",
        "ansible_port": known.get("ansible_port", site.port),
        "ansible_user": site.user,
        "ansible_winrm_scheme": "https",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_message_encryption": "always",
        "ansible_winrm_server_cert_validation": "validate",
        "ansible_winrm_ca_trust_path": str(site.ca_file.absolute()),
        "ansible_winrm_operation_timeout_sec": site.operation_timeout_s,
        "ansible_winrm_read_timeout_sec": site.operation_timeout_s + 10,
        COMPUTER: name.partition(".")[0][:_NETBIOS].upper() if site.check_names else "",
    }


def site_file(content: Path) -> WindowsFile:
    """The site's `windows.yml`, as it was approved.

    Raises:
        DocumentError: It is absent, or what is wrong with it.
    """
    return WindowsFile.read(content / "site")


def prove(hosts: Mapping[str, Mapping[str, Any]], site: WindowsFile, password: str) -> None:
    """See that one of these machines takes the password, before Ansible tries it on twenty at once.

    Raises:
        NotTried: Three refused it, and a domain locks accounts; nobody else is to be asked.
    """
    few = site.model_copy(update={"at_once": _PROVED_BY})
    endpoints = [endpoint_of(name, known) for name, known in hosts.items()]
    for _name, outcome in each(endpoints, lambda _session: True, Access(site=few, password=password)):
        if outcome is True:
            return
        if isinstance(outcome, NotTried):
            raise outcome


def ask(
    name: str, arguments: Mapping[str, object], variables: Mapping[str, Any], *, limit_s: int
) -> dict[str, Any]:
    """What `daicho/endpoints/scripts/NAME.ps1` makes of its arguments on one of Ansible's hosts.

    For the main thread of a worker process of Ansible. Ansible's own limit would call a machine failed that
    does not answer.

    Raises:
        Trouble: See `daicho.endpoints.wrong`.
    """
    host = str(variables["inventory_hostname"])
    site = WindowsFile(
        user=str(variables["ansible_user"]),
        ca_file=Path(str(variables["ansible_winrm_ca_trust_path"])),
        port=int(variables["ansible_port"]),
        check_names=bool(variables.get(COMPUTER)),
        operation_timeout_s=int(variables.get("ansible_winrm_operation_timeout_sec", _PATIENCE_S)),
    )
    endpoint = endpoint_of(host, variables)
    access = Access(site=site, password=str(variables["ansible_password"]))
    with _limited(limit_s, endpoint.address), Session(endpoint, access) as session:
        return run(session, name, arguments, limit_s=limit_s)


@contextmanager
def _limited(seconds: int, address: str) -> Iterator[None]:
    hangs = Hangs(address=address, seconds=seconds)

    def over(_number: int, _frame: object) -> None:
        raise hangs

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    except Trouble as trouble:
        # A session says of whatever breaks it that it is not known what was done; these scripts only read.
        raise (hangs if trouble.__cause__ is hangs else trouble) from None
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
