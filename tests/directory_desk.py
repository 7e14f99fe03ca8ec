"""A desk whose site has the lab's directory: changes of accounts go the whole way by the real command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.desk import Desk, Done

if TYPE_CHECKING:
    from pathlib import Path

    from lab.domain import Domain

RULES = """\
directory:
  servers: [{servers}]
  base: {base}
  ca_file: {ca}
  bind_name: svc-daicho@ad.example.test
  people: OU=職員,{base}
  groups: OU=グループ,{base}
  disabled: OU=無効化,{base}
  computers: OU=端末,{base}
"""


@dataclass(frozen=True)
class DirectoryDesk:
    """A desk, and the directory that its site knows."""

    desk: Desk
    domain: Domain

    @classmethod
    def opened(cls, folder: Path, domain: Domain, rules: str = "", servers: str = "dc1") -> DirectoryDesk:
        """A new site; `rules` are further parts of its directory.yml."""
        desk = Desk.make(folder)
        policy = (folder / "policy.yml").read_text(encoding="utf-8")
        # What cannot be taken back needs two approvers.
        (folder / "policy.yml").write_text(policy.replace('["print_*"]', '["*"]'), encoding="utf-8")
        desk.expect("init", "--policy", "policy.yml")
        made = cls(desk, domain)
        names = ", ".join(domain.fqdn(server) for server in servers.split(","))
        text = RULES.format(servers=names, base=domain.base, ca=domain.ca) + rules
        made.site_file("directory.yml", text)
        made.desk.expect("secret", "set", "directory", who="sato", typed=domain.secret() + "\n")
        return made

    def site_file(self, name: str, text: str) -> Path:
        """Write a file of the site."""
        folder = self.desk.state / "inventory"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    def requested(self, work: str, targets: list[str] | None = None, **inputs: Any) -> str:
        """A change that sato has asked for."""
        return self.expect_request(work, targets, inputs).out.strip()

    def expect_request(self, work: str, targets: list[str] | None, inputs: dict[str, Any]) -> Done:
        """Ask for a change that can be asked for."""
        text = self.document(work, targets, inputs)
        return self.desk.expect("request", "-", who="sato", typed=text)

    def document(self, work: str, targets: list[str] | None, inputs: dict[str, Any]) -> str:
        """A change document: JSON is YAML."""
        given = {
            "work": work,
            "title": f"Try {work}",
            "reason": "to see what it does",
            "ticket": "REQ-8",
            "targets": targets or ["*"],
            "inputs": inputs,
            "waves": ["100%"],
        }
        return json.dumps(given, ensure_ascii=False)

    def planned(self, change: str) -> dict[str, Any]:
        """Plan a change; target → its plan as the ledger has it."""
        self.desk.daicho("plan", change, who="sato")
        return self.plans(change)

    def plans(self, change: str) -> dict[str, Any]:
        """Target → its newest plan."""
        shown = self.desk.expect("show", change, "--output", "json", who="sato").json
        return {each["target"]: each for each in shown["plan"]["targets"]}

    def approve(self, change: str) -> None:
        """Suzuki and yamada sign."""
        for name in ("suzuki", "yamada"):
            self.desk.expect("approve", change, "--key", str(self.desk.key(name)), "--yes", who=name)

    def ran(self, change: str) -> dict[str, Any]:
        """Run an approved change; how it ended."""
        done = self.desk.daicho("run", change, "--yes", "--output", "json", who="tanaka")
        assert done.out, done.err
        found: dict[str, Any] = done.json
        return found

    def whole_way(self, work: str, targets: list[str] | None = None, **inputs: Any) -> dict[str, Any]:
        """Request, plan, approve, run."""
        change = self.requested(work, targets, **inputs)
        self.planned(change)
        self.approve(change)
        return self.ran(change)

    def taken_back(self, run: str) -> dict[str, Any]:
        """Undo a run, with plan and approval."""
        done = self.desk.expect("undo", run, "--reason", "it was a trial", who="sato")
        change = done.out.strip()
        self.planned(change)
        self.approve(change)
        return self.ran(change)

    def by_hand(self, ldif: str) -> None:
        """Change the directory without daicho, with OpenLDAP's own client."""
        login = ["-x", "-D", self.domain.bind_dn, "-y", str(self.domain.secret_file())]
        done = self.domain.execute(["ldapmodify", "-H", self.domain.uri(), *login], text=ldif)
        assert done.returncode == 0, done.stderr

    def replaced_by_hand(self, login: str, attribute: str, value: str, *, act: str = "replace") -> None:
        """Change one attribute of a person without daicho."""
        [(dn, _found)] = self.domain.ldapsearch(f"(sAMAccountName={login})", "dn")
        self.by_hand(f"dn: {dn}\nchangetype: modify\n{act}: {attribute}\n{attribute}: {value}\n")
