"""The operator's desk: the real command `daicho`, typed in a process of its own.

Targets are files, as on the doorstep, whose copy of the package is what is run here: its files are part
of what an approval binds, and a tree that is edited while the tests run must not change that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daicho import sshsig
from daicho.site import account_name
from tests.doorstep import ROOT, Doorstep

if TYPE_CHECKING:
    from collections.abc import Sequence

PEOPLE: Final = ("sato", "suzuki", "tanaka", "yamada")

POLICY: Final = """\
site: ministry
language: en
principals:
  - {{name: sato, display: Sato Hanako, accounts: [{account}], may: {{request: ["*"], administer: true}}}}
  - {{name: suzuki, display: Suzuki Ichiro, accounts: [{account}], keys: [{{key: "{suzuki}"}}],
     may: {{approve: ["*"]}}}}
  - {{name: tanaka, display: Tanaka Minoru, accounts: [{account}], may: {{request: ["*"], operate: ["*"]}}}}
  - {{name: yamada, accounts: [{account}], keys: [{{key: "{yamada}"}}], may: {{approve: ["print_*"]}}}}
freezes:
  - {{name: New year, from: 2036-12-28, until: 2037-01-04, reason: the offices are closed}}
budget: {{failed: "100%", unreachable: "100%", drifted: "100%", unverified: "100%"}}
"""

CHANGE: Final = """\
work: patch_endpoints
title: A line for every target
reason: to see what the command says
ticket: REQ-7
targets: ["pc-*"]
waves: [1, "100%"]
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its data."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A folder with content, package, keys and documents; its site is `office`."""

    folder: Path
    before: tuple[str, ...] = ()
    """What every command is typed behind, to be in a lab's network."""

    @classmethod
    def make(cls, folder: Path, *, own_content: bool = False) -> Desk:
        """Everything but the site; with the project's own playbooks and roles if targets are machines."""
        made = cls(Doorstep.make(folder).folder)
        if own_content:
            for name in ("playbooks", "roles"):
                shutil.copytree(ROOT / name, folder / "content" / name, dirs_exist_ok=True)
        (made.folder / "content" / "scripts").mkdir()
        shutil.copy2(ROOT / "scripts/verify_ledger.py", made.folder / "content" / "scripts")
        for name in PEOPLE:
            if not (folder / "keys" / name).exists():
                sshsig.make_key(folder / "keys" / name, name)
        keys = {name: " ".join(made.key(name).with_suffix(".pub").read_text().split()[:2]) for name in PEOPLE}
        (folder / "policy.yml").write_text(POLICY.format(account=account_name(), **keys), encoding="utf-8")
        (folder / "change.yml").write_text(CHANGE, encoding="utf-8")
        (folder / "items.csv").write_text(
            "name,kind,address,floor\npc-1,endpoint,192.0.2.1,3\npc-2,endpoint,192.0.2.2,4\n",
            encoding="utf-8",
        )
        return made

    @classmethod
    def opened(cls, folder: Path) -> Desk:
        """With a site that has its items."""
        made = cls.make(folder)
        made.expect("init", "--policy", "policy.yml")
        made.expect("item", "import", "items.csv", who="sato")
        return made

    def within(self, before: Sequence[str]) -> Desk:
        """The same desk, typing behind these words."""
        return replace(self, before=tuple(before))

    @property
    def state(self) -> Path:
        """The site's state."""
        return self.folder / "office"

    def key(self, name: str) -> Path:
        """Somebody's private key."""
        return self.folder / "keys" / name

    def daicho(self, *words: str, who: str = "", typed: str = "", **environment: str) -> Done:
        """Type a command as somebody."""
        done = subprocess.run(
            [*self.before, sys.executable, "-m", "daicho.cli", *words],
            cwd=self.folder,
            env=self.environment(who) | environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def expect(self, *words: str, who: str = "", typed: str = "") -> Done:
        """Type a command that has to succeed."""
        done = self.daicho(*words, who=who, typed=typed)
        assert done.code == 0, done.err
        return done

    def environment(self, who: str) -> dict[str, str]:
        """The environment of a command; the locale is English."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "SUDO_UID") if name in os.environ}
        places = {
            "DAICHO_STATE": str(self.state),
            "DAICHO_CONTENT": str(self.folder / "content"),
            # The project itself comes last: `python -m lab` is found there.
            "PYTHONPATH": f"{self.folder / 'lib'}:{ROOT}",
            "DAICHO_AS": who,
        }
        return {"PATH": path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **places, **kept}

    def requested(self, **edited: str) -> str:
        """A change that sato has asked for; `title="x"` replaces a line of the document."""
        lines = {line.partition(":")[0]: line for line in CHANGE.splitlines()}
        lines |= {name: f"{name}: {value}" for name, value in edited.items()}
        return self.expect("request", "-", who="sato", typed="\n".join(lines.values())).out.strip()

    def planned(self) -> str:
        """A change that is planned."""
        change = self.requested()
        self.expect("plan", change, who="sato")
        return change

    def approved(self) -> str:
        """A change that suzuki has approved."""
        change = self.planned()
        self.expect("approve", change, "--key", str(self.key("suzuki")), "--yes", who="suzuki")
        return change
