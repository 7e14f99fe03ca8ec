"""The checking machine of the small ministry (tests/night.py): its site, and the operators' commands."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.night import CORES, SWITCHES, Night, daicho

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROUTE: Final = "ip route 10.99.0.0/24 blackhole"
"""What was configured last on every switch, before the outage."""


@dataclass(frozen=True)
class Office:
    """A site, and the network that it looks after."""

    night: Night
    folder: Path
    state: Path

    def environment(self, person: str, **more: str) -> dict[str, str]:
        """What the command sees."""
        own = {"DAICHO_STATE": str(self.state), "DAICHO_AS": person, "LANG": "C.UTF-8", "COLUMNS": "200"}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **own, **more}

    def run(
        self, *words: str, person: str = "sato", within: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Type a command at the checking machine, behind other words if any are given."""
        return subprocess.run(
            [*self.night.enter("ops"), *within, *daicho(words)],
            env=self.environment(person),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )

    @contextmanager
    def start(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Type a command that goes on; it is the leader of a group of its own, and gone after the block."""
        with subprocess.Popen(
            [*self.night.enter("ops"), *daicho(words)],
            env=self.environment("sato"),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def check(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Exit code and result of a check."""
        done = self.run("check", "connectivity", "--output", "json", *words)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def rows(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """What the ledger's file says, read without our code."""
        place = f"file:{self.state}/ledger.db?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=20)) as connection:
            return connection.execute(statement, values).fetchall()

    def open_causes(self) -> set[str]:
        """The causes of the newest check that have not recovered."""
        return {
            row[0]
            for row in self.rows(
                "SELECT cause FROM inspection_cause WHERE recovered_at IS NULL AND inspection ="
                " (SELECT id FROM inspection ORDER BY number DESC LIMIT 1)"
            )
        }

    def bodies(self, kind: str, of: str) -> list[dict[str, Any]]:
        """The bodies of a subject's entries of one kind."""
        found = self.rows("SELECT text FROM entry WHERE kind = ? AND of = ? ORDER BY seq", kind, of)
        return [json.loads(text)["body"] for (text,) in found]


@contextmanager
def ministry() -> Iterator[Office]:
    """The network with a site that knows it; gone after the block."""
    if os.geteuid() or not shutil.which("vtysh"):
        pytest.skip("needs root and Debian's frr")
    folder = Path(tempfile.mkdtemp(prefix="daicho-night-"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "ca"], check=True)
    night = Night(folder, folder / "ca.pub", f"nt{os.getpid() % 10000}")
    # Nobody answers names: whatever needs one must do without.
    resolver = Path("/etc/netns") / night.netns("ops")
    resolver.mkdir(parents=True)
    (resolver / "resolv.conf").write_text("nameserver 10.90.0.250\n", encoding="ascii")
    try:
        night.build()
        night.settle(*SWITCHES)
        night.settle(*CORES, neighbours=len(SWITCHES) + 1)
        for name in SWITCHES:
            night.configure(name, ROUTE)
        for name in CORES + SWITCHES:
            night.save(name)
        yield _site(Office(night, folder, folder / "state"))
    finally:
        night.demolish()
        shutil.rmtree(resolver)
        shutil.rmtree(folder)


def _site(office: Office) -> Office:
    principals = []
    may = {"sato": {"request": ["*"], "operate": ["*"], "administer": True}, "suzuki": {"approve": ["*"]}}
    for person, rights in may.items():
        key = office.folder / person
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        public = " ".join(key.with_suffix(".pub").read_text(encoding="ascii").split()[:2])
        principals.append({"name": person, "accounts": ["root"], "keys": [{"key": public}], "may": rights})
    policy = {"site": "本省", "language": "ja", "principals": principals}
    (office.folder / "policy.yml").write_text(json.dumps(policy, ensure_ascii=False), encoding="utf-8")
    (office.folder / "items.yml").write_text(office.night.items(), encoding="utf-8")
    done = office.run("init", "--policy", "policy.yml", "--ssh-ca", "ca")
    assert done.returncode == 0, done.stderr
    done = office.run("item", "import", "items.yml", "--yes")
    assert done.returncode == 0, done.stderr
    (office.state / "known_hosts").write_text(office.night.known_hosts(), encoding="ascii")
    return office
