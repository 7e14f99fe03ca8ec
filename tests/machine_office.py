"""A desk with the real machines of a lab: sato asks, suzuki approves, tanaka runs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lab import Lab


@dataclass(frozen=True)
class MachineOffice:
    """A site whose items are a lab's machines, which trust its CA."""

    lab: Lab
    desk: Desk

    @classmethod
    def opened(cls, folder: Path, lab: Lab) -> MachineOffice:
        """A new one."""
        desk = Desk.make(folder, own_content=True)
        policy = folder / "policy.yml"
        # What cannot be taken back needs two who approve.
        policy.write_text(policy.read_text("utf-8").replace('"print_*"', '"*"'), encoding="utf-8")
        desk.expect("init", "--policy", "policy.yml")
        desk.expect("item", "import", str(lab.state / "items.yml"), who="sato")
        (desk.state / "known_hosts").write_bytes((lab.state / "known_hosts").read_bytes())
        lab.trust((desk.state / "keys" / "ssh_ca.pub").read_text(encoding="ascii"))
        before = [sys.executable, "-m", "lab", "exec", "--name", lab.name, "--"]
        return cls(lab, desk.within(before))

    @property
    def inventory(self) -> Path:
        """Where site files lie."""
        return self.desk.state / "inventory"

    def requested(self, work: str, **more: Any) -> str:
        """A change over all machines."""
        document = {
            "work": work,
            "title": work,
            "reason": "a test",
            "targets": [{"kind": "endpoint"}],
            "waves": ["100%"],
            **more,
        }
        done = self.desk.expect("request", "-", who="sato", typed=json.dumps(document, ensure_ascii=False))
        return done.out.strip()

    def planned(self, change: str) -> dict[str, dict[str, Any]]:
        """The plan of each machine."""
        done = self.desk.daicho("plan", change, "--output", "json", who="sato")
        assert done.out, done.err
        return {each["target"]: each for each in done.json["plan"]["targets"]}

    def approve(self, change: str, *people: str) -> None:
        """Have suzuki sign, or these."""
        for who in people or ("suzuki",):
            self.desk.expect("approve", change, "--key", str(self.desk.key(who)), "--yes", who=who)

    def ran(self, change: str, *options: str) -> dict[str, tuple[str, str]]:
        """What became of each machine: outcome and why."""
        done = self.desk.daicho("run", change, "--yes", "--output", "json", *options, who="tanaka")
        assert done.out, done.err
        return {each["target"]: (each["outcome"], each["why"]) for each in done.json["targets"]}

    def rows(self, query: str) -> list[Mapping[str, Any]]:
        """What the `sqlite3` command finds in the ledger."""
        command = ["sqlite3", "-readonly", "-json", str(self.desk.state / "ledger.db"), query]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: list[Mapping[str, Any]] = json.loads(done.stdout or "[]")
        return found
