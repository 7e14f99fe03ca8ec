"""The command line as its user meets it, and what a lab leaves behind: nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import Lab, LabError
from lab.cgroup import mount_point
from lab.process import run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def traces(name: str) -> list[str]:
    """Whatever of a lab can be seen from outside: namespaces, mounts, processes, groups, state."""
    folder = f"/daicho-lab/{name}"
    found = [line for line in run(["ip", "netns", "list"]).splitlines() if f"daicho-{name}" in line]
    found += [
        line for line in run(["findmnt", "--raw"]).splitlines() if folder in line or f"daicho-{name}" in line
    ]
    processes = run(["ps", "-eww", "-o", "pid=,args="]).splitlines()
    found += [line for line in processes if folder in line or f"daicho-{name}" in line]
    found += [
        str(path)
        for path in (mount_point() / "daicho-lab" / name, Path("/var/lib" + folder))
        if path.exists()
    ]
    found += [str(path) for path in Path("/var/lib/daicho-lab").glob(f".{name}*")]
    return found


@pytest.fixture
def second(lab_machines: Lab) -> Iterator[str]:
    """The name of another lab beside the session's."""
    name = f"{lab_machines.name}-second"
    yield name
    Lab(name).down()


@pytest.mark.usefixtures("lab_host")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--name", "absent"],
            "lab: The lab 'absent' is not up. `python -m lab up --name absent` brings it up.\n",
        ),
        (
            ["--name", "No good"],
            "lab: 'No good' cannot name a lab: use lower-case letters, digits and hyphens.\n",
        ),
    ],
)
def test_status_of_what_is_not_there(options: list[str], message: str) -> None:
    done = command("status", *options)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


@pytest.mark.usefixtures("lab_host")
def test_without_root_it_says_so() -> None:
    script = "import os, sys; from lab.cli import main; os.setuid(65534); sys.exit(main(['down']))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "lab: The lab makes network namespaces and mounts: run it as root, or with sudo.\n"


def test_status_shows_machines_for_people_and_programs(fresh_lab: Lab) -> None:
    shown = command("status", "--name", fresh_lab.name)
    parsed = json.loads(command("status", "--name", fresh_lab.name, "--output", "json").stdout)

    assert shown.stdout == (
        "MACHINE  ADDRESS      POWER  SYSTEMD   RING   SITE           FAULTS\n"
        "ep01     10.77.0.11   on     running   pilot  headquarters A -\n"
        "ep02     10.77.0.12   on     running   early  headquarters B -\n"
        "ep03     10.77.0.13   on     running   broad  annex C        -\n"
        "repository: serving; published: release\n"
    )
    assert [machine["power"] for machine in parsed["machines"]] == ["on"] * 3
    assert parsed["repository"] == {"serving": True, "published": ["release"], "faults": []}


def test_exec_is_inside_the_network_with_the_environment_intact(lab_machines: Lab) -> None:
    show = "echo $MARK; pwd; ip -4 -o address show dev br0; exit 7"
    done = command("exec", "--name", lab_machines.name, "--", "sh", "-c", show, MARK="kept")

    lines = done.stdout.splitlines()
    assert (done.returncode, lines[:2]) == (7, ["kept", str(ROOT)])
    assert "10.77.0.1/24" in lines[2]


@pytest.mark.parametrize("words", [["--name", "NAME", "ep01"], ["ep01", "--name", "NAME"]])
def test_ssh_runs_a_command_with_the_options_anywhere(lab_machines: Lab, words: list[str]) -> None:
    done = command("ssh", *(word.replace("NAME", lab_machines.name) for word in words), "--", "uname", "-n")

    assert (done.returncode, done.stdout) == (0, "ep01\n"), done.stderr


def test_exec_without_a_program_says_how(lab_machines: Lab) -> None:
    done = command("exec", "--name", lab_machines.name)

    assert done.stderr == "lab: No command was given. Write it after `--`.\n"


def test_exec_names_a_program_that_is_not_there(lab_machines: Lab) -> None:
    done = command("exec", "--name", lab_machines.name, "--", "no-such-program")

    assert done.stderr == "lab: `no-such-program` cannot be run: No such file or directory.\n"


def test_fault_and_clear_from_the_command_line(fresh_lab: Lab) -> None:
    apply = command("fault", "--name", fresh_lab.name, "ep02", "unplugged")
    shown = command("status", "--name", fresh_lab.name).stdout.splitlines()[2]
    clear = command("fault", "--name", fresh_lab.name, "ep02", "--clear")

    assert (apply.stderr, clear.stderr) == ("ep02: unplugged\n", "ep02: cleared unplugged\n")
    assert shown.endswith("headquarters B unplugged")


def test_two_labs_of_the_same_addresses_do_not_meet_and_down_leaves_nothing(
    second: str, fresh_lab: Lab
) -> None:
    up = command("up", "--name", second, "--machines", "1")
    again = command("up", "--name", second, "--machines", "1")
    more = command("up", "--name", second, "--machines", "2")
    other = Lab(second)
    other.repository.publish("security-2026-11")
    identities = {lab.ssh("ep01", "cat /etc/machine-id").stdout for lab in (fresh_lab, other)}
    outside = traces(second)
    down = command("down", "--name", second)

    assert (up.returncode, up.stdout) == (0, f"{other.state}\n"), up.stderr
    assert (again.returncode, again.stdout) == (0, up.stdout)
    assert more.stderr.endswith(
        f"lab: The lab '{second}' is up with 1 machines, not 2. "
        f"`python -m lab down --name {second}` removes it.\n"
    )
    assert len(identities) == 2
    assert outside
    assert (down.returncode, down.stdout) == (0, "")
    assert down.stderr.endswith(f"the lab '{second}' is gone\n")
    assert traces(second) == []
    assert fresh_lab.repository.published() == ["release"]
    assert fresh_lab.ssh("ep01", "true").returncode == 0


@pytest.mark.parametrize(
    ("stage", "ending"), [("signed", signal.SIGINT), ("switched on", signal.SIGTERM)], ids=["int", "term"]
)
def test_an_interrupted_up_leaves_nothing(second: str, stage: str, ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "up", "--name", second, "--machines", "2"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    said = ""
    while stage not in said:
        said = process.stderr.readline()
    process.send_signal(ending)
    rest = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 130
    assert rest.splitlines()[-2].endswith("cleaning up")
    assert rest.splitlines()[-1] == "lab: interrupted"
    assert traces(second) == []


def test_down_clears_a_lab_whose_maker_was_killed(second: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "up", "--name", second, "--machines", "2"],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not Lab(second).places.machines.joinpath("ep01/pid").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert traces(second)

    assert Lab(second).down() is True
    assert traces(second) == []
    assert Lab(second).down() is False


def test_a_lab_has_at_least_one_machine(second: str) -> None:
    with pytest.raises(LabError, match=r"^A lab has 1 to 200 machines, not 0\.$"):
        Lab(second).up(0)
