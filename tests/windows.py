"""Windows terminals for tests: an endpoint on loopback that speaks WinRM.

from tests.windows import windows
@pytest.fixture(scope="module")
def terminals(tmp_path_factory):
    with windows(tmp_path_factory.mktemp("windows"), hosts=3) as terminals:
        yield terminals
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.winrm import Windows, loopback_world

if TYPE_CHECKING:
    from pathlib import Path


def windows(folder: Path, hosts: int = 3, **world: Any) -> Windows:
    """Terminals pc00001 … while a `with` lasts; `world` are fields of `lab.winrm.World`.

    `ca` is their authority's certificate, `world.login` and `world.password` who may log on, `world.port`
    where, `items()` what daicho imports, `variables()` Ansible's. Judge by `state(host)` and `wire(host)`.
    Reboots take no time unless `boot_seconds` says so.
    """
    return Windows(folder, hosts, loopback_world(**{"boot_seconds": 0.0, **world}))


def site_file(terminals: Windows, inventory: Path) -> Path:
    """Write `windows.yml` and the authority's certificate into a site's inventory; the path of the file."""
    inventory.mkdir(parents=True, exist_ok=True)
    (inventory / "windows-ca.pem").write_bytes(terminals.ca.read_bytes())
    path = inventory / "windows.yml"
    path.write_text(
        f"user: '{terminals.world.login}'\nca_file: windows-ca.pem\nport: {terminals.world.port}\n",
        encoding="utf-8",
    )
    return path
