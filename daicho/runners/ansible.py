"""Start ansible-playbook behind a door and say how it ended.

It runs from the private copy of the content, with an environment of our own making, in a
process group of its own that dies with us (`setpriv --pdeathsig`): a launcher that was killed
must not leave a playbook that goes on unrecorded. For as long as one of its processes lives it
keeps the lock on the run's folder, so that nobody resumes the run beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from daicho.runners.doorway import Doorway
from daicho.runners.job import EngineEnd
from daicho.runners.leftovers import GRACE, end_all

if TYPE_CHECKING:
    from daicho.door import Door
    from daicho.runners.job import Job

_SITE: Final = "site/door.daicho.yml"


def run_playbook(job: Job, door: Door) -> EngineEnd:
    """Run a playbook to its end, answering what it asks at the door."""
    inputs = job.folder / "inputs.json"
    with _private(inputs, os.O_TRUNC) as file:
        file.write(json.dumps(_variables(job), ensure_ascii=False).encode())
    socket = job.room / "door"
    socket.unlink(missing_ok=True)
    doorway = Doorway(socket, door)
    socket.chmod(0o600)
    log = job.folder / "ansible.log"
    start = log.stat().st_size if log.exists() else 0
    with doorway.open(), _private(log, os.O_APPEND) as output:
        process = subprocess.Popen(
            _command(job, inputs),
            cwd=job.code,
            env=_environment(job, socket),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(job.lock,),
        )
        code = _wait(process, socket)
    return EngineEnd(code=code, recorded=doorway.sent == doorway.received, said=_last_words(log, start))


def _variables(job: Job) -> dict[str, object]:
    """The inputs as extra variables: nothing in an inventory comes before them."""
    return job.work.variables({**job.inputs, "undo": job.undo})


def _command(job: Job, inputs: Path) -> list[str]:
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "ansible", "playbook"]
    command += ["-i", _inventory(job.code), "-e", f"@{inputs}", "--forks", str(job.forks)]
    if job.check:
        command.append("--check")
    return [*command, f"playbooks/{job.work.name}.yml"]


def _inventory(code: Path) -> str:
    """The one source of targets. Ansible reads the group_vars and host_vars that lie beside it."""
    source = "inventory/daicho.yml"
    if not (code / "site").is_dir():
        return source
    # Not the folder itself as a second source: without hosts it fails, and with hosts it adds targets.
    (code / _SITE).unlink(missing_ok=True)
    shutil.copyfile(code / source, code / _SITE)
    return _SITE


def _environment(job: Job, socket: Path) -> dict[str, str]:
    # Made anew, not inherited: an ANSIBLE_… variable of the caller must not change what runs.
    temporary = job.room / "tmp"
    temporary.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(job.room),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # The vault client is a program of its own: it too must be the approved copy.
        "PYTHONPATH": str(job.code),
        "DAICHO_DOOR": str(socket),
        "DAICHO_LANG": job.language,
        "DAICHO_FOLDER": str(job.folder),
        "DAICHO_KNOWN_HOSTS": str(job.known_hosts),
        "ANSIBLE_CONFIG": str(job.code / "ansible.cfg"),
        "ANSIBLE_HOME": str(temporary),
        "ANSIBLE_LOCAL_TEMP": str(temporary),
        "ANSIBLE_PRIVATE_KEY_FILE": str(job.room / "id"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(job.room),
        "ANSIBLE_SSH_COMMON_ARGS": f"-F /dev/null -o UserKnownHostsFile={job.known_hosts} "
        "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o IdentityAgent=none",
        "ANSIBLE_VAULT_IDENTITY_LIST": f"daicho@{job.code}/plugins/vault/daicho-vault-client",
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _wait(process: subprocess.Popen[bytes], door: Path) -> int:
    try:
        return process.wait()
    except BaseException:
        # Ctrl-C or a fault of ours: the engine must not go on alone.
        _end(process)
        raise
    finally:
        end_all(door)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
            return


def _last_words(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(max(start, log.stat().st_size - 4000))
        lines = file.read().decode(errors="replace").splitlines()
    telling = [line.strip() for line in lines if "ERROR" in line or "refused" in line.lower()]
    return (telling or [line.strip() for line in lines if line.strip()] or [""])[-1][:500]


def _private(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | mode, 0o600), "wb")
