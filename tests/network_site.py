"""A site whose devices are simulated: the real command `daicho`, the real door, a plane on loopback."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any, Final

from tests.desk import Desk
from tests.doorstep import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from lab.netcli import Plane

LOGINS: Final = "- {user: daicho, credential: net, enable: net-enable}\n"


def site_of(
    folder: Path, plane: Plane, more: Iterable[Mapping[str, str]] = (), *, without: Sequence[str] = ()
) -> Desk:
    """A site that has the plane's devices as items (not those `without`), and these others.

    Its content and its package are copies, so that nobody's edits change them in between.
    """
    desk = Desk.make(folder, own_content=True)
    shutil.copytree(ROOT / "nornir_tasks", folder / "content" / "nornir_tasks", dirs_exist_ok=True)
    policy = desk.folder / "policy.yml"
    # What cannot be taken back needs two who approve.
    policy.write_text(policy.read_text(encoding="utf-8").replace("print_*", "*"), encoding="utf-8")
    desk.expect("init", "--policy", "policy.yml")
    rows = [{**row, "port": str(plane.world.port)} for row in plane.items() if row["name"] not in without]
    import_items(desk, [*rows, *more])
    strange = [f"[{device.address}]:" for device in plane.devices if device.name in without]
    keys = (plane.folder / "known_hosts").read_text(encoding="utf-8").splitlines(keepends=True)
    known = [line for line in keys if not line.startswith(tuple(strange))]
    (desk.state / "known_hosts").write_text("".join(known), encoding="utf-8")
    put(desk, "logins.yml", LOGINS)
    for name, value in (("net", plane.world.password), ("net-enable", plane.world.secret)):
        desk.expect("secret", "set", name, who="sato", typed=f"{value}\n")
    return desk


def put(desk: Desk, name: str, text: str) -> None:
    """A file of the site's folder for its network."""
    file = desk.state / "inventory" / "network" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def import_items(desk: Desk, rows: Iterable[Mapping[str, str]]) -> None:
    """Bring items into the ledger."""
    rows = list(rows)
    names = list(dict.fromkeys(key for row in rows for key in row))
    with (desk.folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    desk.expect("item", "import", "rows.csv", who="sato")


def requested(desk: Desk, **document: Any) -> str:
    """A change that sato has asked for."""
    # JSON is YAML.
    text = json.dumps(
        {"title": "a change", "reason": "a test", "ticket": "REQ-7", "waves": ["100%"], **document}
    )
    return desk.expect("request", "-", who="sato", typed=text).out.strip()


def approved(desk: Desk, change: str, by: Sequence[str] = ("suzuki",)) -> str:
    """The change, planned and signed."""
    desk.expect("plan", change, who="sato")
    for who in by:
        desk.expect("approve", change, "--key", str(desk.key(who)), "--yes", who=who)
    return change
