"""A site whose targets are files: the real door and the real ansible-playbook, without machines.

Content and package are copies of the project's own, with a small playbook in place of `patch_endpoints`. Its
effect on a target is one line appended to `effects/TARGET`, with the moment in it; so what happened,
how often and when, is judged by reading files, and the ledger is judged by the `sqlite3` command and
`scripts/verify_ledger.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daicho import sshsig
from daicho.change import ChangeDocument
from daicho.documents import judge
from daicho.items.item import Item
from daicho.items.reading import read_items
from daicho.items.record import import_items
from daicho.life.requesting import request_change
from daicho.policy import Policy
from daicho.settings import Settings
from daicho.site import Site, account_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_CONTENT: Final = ("ansible.cfg", "inventory", "playbooks", "plugins")
_PATIENCE: Final = 45.0

PLAYBOOK: Final = """\
---
# A target is a file; its state is the first word of its last line.
- name: Append a line to the file of each target
  hosts: all
  gather_facts: false
  connection: local
  vars:
    place: "{{ (playbook_dir ~ '/../../../../..') | realpath }}"
    target_file: "{{ place }}/effects/{{ inventory_hostname }}"
    text: "{{ lookup('ansible.builtin.file', target_file, errors='ignore') or 'none' }}"
    present: "{{ text.splitlines()[-1].split()[0] }}"
    wanted: "{{ (daicho_wanted | default({})).line | default('new') }}"
  tasks:
    - name: Say what will become of it
      daicho_intend:
        before: {line: "{{ present }}"}
        after: {line: "{{ wanted }}"}
        inverse: {line: "{{ present }}"}
      register: intent

    - name: Fail where the test wants it
      ansible.builtin.fail:
        msg: "{{ inventory_hostname }} was told to fail"
      when: not ansible_check_mode and (place ~ '/fail/' ~ inventory_hostname) is exists

    - name: Have the effect
      ansible.builtin.command:
        argv: ["{{ place }}/effect", "{{ target_file }}", "{{ intent.approved.after.line }}"]
      when: not ansible_check_mode and present != intent.approved.after.line
      changed_when: true

    - name: Say what has become of it
      daicho_confirm:
        now: {line: "{{ present }}"}
      when: not ansible_check_mode
"""

EFFECT: Final = """\
#!/bin/sh
# effect FILE WORD: with a file `slow` it takes its time before and after, so that it can be caught.
slow=$(cat "${0%/*}/slow" 2>/dev/null || echo 0)
[ "$slow" = 0 ] || { touch "${0%/*}/begun"; sleep "$slow"; }
echo "$2 $(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)" >> "$1"
[ "$slow" = 0 ] || { touch "${0%/*}/done"; sleep "$slow"; }
"""

_POLICY: Final[dict[str, Any]] = {
    "site": "doorstep",
    "principals": [
        {"name": "sato", "may": {"request": ["*"], "operate": ["*"], "administer": True}},
        {"name": "suzuki", "may": {"approve": ["*"]}},
        {"name": "takahashi", "may": {"request": ["*"], "operate": ["*"]}},
    ],
    "budget": {"failed": "100%", "unreachable": "100%", "drifted": "100%", "unverified": "100%"},
}


@dataclass(frozen=True)
class Doorstep:
    """One such site in its folder."""

    folder: Path
    within: tuple[str, ...] = ()
    """What launchers are started by: `nsenter` with a network."""

    @classmethod
    def make(cls, folder: Path, targets: Sequence[str] = ("pc-1", "pc-2")) -> Doorstep:
        """A new site with these items and no change."""
        made = cls._founded(folder, [Item(name, "endpoint") for name in targets], ())
        (made.content / "playbooks/patch_endpoints.yml").write_text(PLAYBOOK, encoding="utf-8")
        (folder / "effect").write_text(EFFECT, encoding="utf-8")
        (folder / "effect").chmod(0o755)
        return made

    @classmethod
    def of_machines(cls, folder: Path, items: Path, network: str) -> Doorstep:
        """A new site with the machines of a lab and the project's own playbook and role.

        Args:
            folder: Where.
            items: The lab's items.yml; its known_hosts lies beside it.
            network: The namespace in which the machines can be reached.
        """
        within = ("nsenter", f"--net=/run/netns/{network}")
        made = cls._founded(folder, read_items(items), within)
        shutil.copytree(ROOT / "roles", made.content / "roles")
        shutil.copyfile(items.with_name("known_hosts"), made.state / "known_hosts")
        return made

    @classmethod
    def _founded(cls, folder: Path, items: Sequence[Item], within: tuple[str, ...]) -> Doorstep:
        made = cls(folder, within)
        for part in ("effects", "keys", "fail"):
            (folder / part).mkdir(parents=True)
        for name in _CONTENT:
            source = ROOT / name
            target = folder / "content" / name
            shutil.copytree(source, target) if source.is_dir() else _copy_file(source, target)
        # With what is compiled of it: else every command that a test types compiles hundreds of modules anew.
        shutil.copytree(ROOT / "daicho", folder / "lib/daicho")
        with Site.create(made.settings("sato"), made._policy()) as site:
            import_items(site.ledger, items, "sato", "items")
        return made

    def copy(self, folder: Path) -> Doorstep:
        """The same site in another folder."""
        shutil.copytree(self.folder, folder)
        return Doorstep(folder, self.within)

    @property
    def content(self) -> Path:
        """What will run."""
        return self.folder / "content"

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.folder / "state"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.state / "ledger.db"

    def settings(self, person: str) -> Settings:
        """The settings of somebody who acts here."""
        return Settings(state=self.state, content=self.content, language="en", person=person)

    def request(self, targets: Sequence[object] = ("pc-*",), **more: Any) -> str:
        """A change that sato asks for; its name."""
        given = {
            "work": "patch_endpoints",
            "title": "A line for every target",
            "reason": "to see what survives",
            "targets": list(targets),
            "waves": [1, "100%"],
        }
        with Site.open(self.settings("sato")) as site:
            return request_change(site, judge(ChangeDocument, given | more, "change.yml"))

    def approved(self, targets: Sequence[object] = ("pc-*",), **more: Any) -> str:
        """A change that is planned, and approved by suzuki; its name."""
        change = self.request(targets, **more)
        self.does("sato", "plan", change)
        assert self.does("suzuki", "approve", change) == {"reached": True}
        return change

    def start(self, person: str, what: str, change: str, *options: str) -> Launched:
        """A launcher that is running."""
        (self.folder / "reached").unlink(missing_ok=True)
        command = [*self.within, sys.executable, str(_LAUNCHER), str(self.folder), person, what, change]
        command += options
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
            cwd=self.folder,
        )
        return Launched(self, process)

    def does(self, person: str, what: str, change: str, *options: str) -> dict[str, Any]:
        """What a launcher said in the end."""
        return self.start(person, what, change, *options).end()

    def run(self, change: str, *options: str) -> dict[str, Any]:
        """What became of `daicho run`, typed by sato."""
        return self.does("sato", "run", change, *options)

    def whys(self, run: str) -> dict[str, str]:
        """Target → why it ended as it did, as the last entry about it says."""
        found = self.rows(
            "SELECT text ->> '$.body.target' AS target, text ->> '$.body.why' AS why FROM entry "  # noqa: S608
            f"WHERE of = '{run}' AND kind = 'target.outcome' ORDER BY seq"
        )
        return {row["target"]: row["why"] for row in found}

    def environment(self) -> dict[str, str]:
        """The environment of everything that is started here."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "SUDO_UID") if name in os.environ}
        places = {"DAICHO_STATE": str(self.state), "PYTHONPATH": str(self.folder / "lib")}
        # PYTHONDONTWRITEBYTECODE: a test that edits a module twice in a second must see both edits.
        return {"PATH": path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **places, **kept}

    def effects(self) -> dict[str, list[str]]:
        """Target → the words that were appended to it, in their order."""
        return {
            file.name: [line.split()[0] for line in file.read_text(encoding="ascii").splitlines()]
            for file in sorted((self.folder / "effects").iterdir())
        }

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the `sqlite3` command finds in the ledger."""
        done = subprocess.run(
            ["sqlite3", "-readonly", "-json", "-cmd", ".timeout 10000", self.ledger, statement],
            capture_output=True,
            text=True,
            check=True,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
        return found

    def kinds(self, of: str) -> list[str]:
        """The kinds of the entries about something, in their order."""
        return [row["kind"] for row in self.rows(f"SELECT kind FROM entry WHERE of = '{of}' ORDER BY seq")]  # noqa: S608

    def outcomes(self, run: str) -> dict[str, str]:
        """Target → how it ended in a run, as the last entry about it says."""
        found = self.rows(
            "SELECT text ->> '$.body.target' AS target, text ->> '$.body.outcome' AS outcome FROM entry "  # noqa: S608
            f"WHERE of = '{run}' AND kind = 'target.outcome' ORDER BY seq"
        )
        return {row["target"]: row["outcome"] for row in found}

    def state_of(self, change: str) -> str:
        """Where a change stands."""
        return str(self.rows(f"SELECT state FROM change WHERE id = '{change}'")[0]["state"])  # noqa: S608

    def processes(self) -> list[str]:
        """The command lines of all processes that work here: launchers, engines, effects."""
        return [line for _pid, line in self._processes()]

    def engines(self) -> list[int]:
        """The process ids of ansible-playbook and its workers."""
        return [pid for pid, line in self._processes() if "ansible playbook" in line]

    def room_of(self, engine: int) -> Path:
        """The folder of the door that an engine's process talks to."""
        environment = Path(f"/proc/{engine}/environ").read_bytes().split(b"\0")
        door = next(value for value in environment if value.startswith(b"DAICHO_DOOR="))
        return Path(door.decode().removeprefix("DAICHO_DOOR=")).parent

    def judge(self) -> None:
        """What must be true whatever happened; the ledger and the files decide, not our own code."""
        self._chain_holds()
        self._no_effect_without_intent()
        if self.processes():
            self.wait_for_quiet()

    def judge_ended(self) -> None:
        """What must be true besides when a run has been closed: nothing is held, nothing is left."""
        self.judge()
        held = self.rows("SELECT target, run FROM target_lock")
        opened = self.rows("SELECT id FROM run WHERE closed_at IS NULL")
        code = sorted(path.name for path in (self.state / "runs").glob("*/code"))
        assert (held, opened, code) == ([], [], [])
        for lock in (self.state / "runs").glob("*/lock"):
            done = subprocess.run(["flock", "--nonblock", lock, "true"], check=False)
            assert done.returncode == 0, f"{lock} is held"

    def wait_for_quiet(self) -> None:
        """Until nothing works here any more: what was killed takes its children along."""
        end = time.monotonic() + _PATIENCE
        while left := self.processes():
            assert time.monotonic() < end, left
            time.sleep(0.02)

    def _chain_holds(self) -> None:
        done = subprocess.run(
            [sys.executable, "-I", ROOT / "scripts/verify_ledger.py", self.ledger],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert self.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]

    def _no_effect_without_intent(self) -> None:
        intents = self.rows(
            "SELECT at, text ->> '$.body.target' AS target FROM entry WHERE kind = 'target.intended'"
        )
        for file in (self.folder / "effects").iterdir():
            for number, line in enumerate(file.read_text(encoding="ascii").splitlines(), start=1):
                moment = line.split()[1]
                before = [row for row in intents if row["target"] == file.name and row["at"] < moment]
                assert len(before) >= number, f"{file.name}: {line!r} has no intent before it"

    def _processes(self) -> list[tuple[int, str]]:
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                here = line and str(self.folder) in line + str((entry / "cwd").readlink())
            except OSError:
                continue
            if here:
                found.append((int(entry.name), line))
        return found

    def _policy(self) -> Policy:
        principals = []
        for given in _POLICY["principals"]:
            key = self.folder / "keys" / given["name"]
            sshsig.make_key(key, given["name"])
            public = key.with_suffix(".pub").read_text(encoding="ascii")
            principals.append(given | {"accounts": [account_name()], "keys": [{"key": public}]})
        return judge(Policy, _POLICY | {"principals": principals}, "policy.yml")


@dataclass(frozen=True)
class Launched:
    """A launcher that was started."""

    at: Doorstep
    process: subprocess.Popen[str]

    def end(self, timeout: float = 4 * _PATIENCE) -> dict[str, Any]:
        """What it said in the end; `{"died": signal}` when it could not."""
        try:
            output, errors = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if self.process.returncode < 0:
            return {"died": -self.process.returncode}
        assert self.process.returncode == 0, errors
        said: dict[str, Any] = json.loads(output.splitlines()[-1])
        return said

    def reached(self) -> None:
        """Wait until it stands at the place it was told."""
        self._wait_for("reached")

    def go_on(self) -> None:
        """Let it go on from there."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def effect_begins(self) -> None:
        """Wait until a slow effect is about to happen."""
        self._wait_for("begun")

    def effect_happened(self) -> None:
        """Wait until a slow effect has happened and its task is not over yet."""
        self._wait_for("done")

    def _wait_for(self, sign: str) -> None:
        file, end = self.at.folder / sign, time.monotonic() + _PATIENCE
        while not file.exists():
            if self.process.poll() is not None:
                raise AssertionError(f"there is no {sign!r} and the launcher has ended: {self.end()}")
            assert time.monotonic() < end, f"there is no {sign!r}"
            time.sleep(0.01)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a small file system over a folder's state, with what is in it."""
    kept = folder.with_name(f"{folder.name}-kept")
    folder.rename(kept)
    folder.mkdir(mode=0o700)
    mount("-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder))
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
        kept.rename(folder)


def mount(*arguments: str) -> None:
    """Mount as root; what was killed a moment ago may still hold a file open for writing."""
    end = time.monotonic() + 10
    while subprocess.run(["mount", *arguments], check=False).returncode != 0:
        assert time.monotonic() < end, arguments
        time.sleep(0.1)


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def run_by_hand(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What somebody types at a shell, with what they see."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
