"""What accounts cost: ours beside `ldapmodify` of the same data and `samba-tool`, and reading everybody.

    python -m benchmarks.directory [--people 300|3000|15000] [--count 1000] [--block 250]

Brings up a domain of the lab by itself (root). So many people are made with a password and three groups
each. Ours and `ldapmodify` take turns by blocks, because the machine is never quiet and the server
slows down as it fills; each block's LDIF writes a group once. `samba-tool` makes ten.
"""

from __future__ import annotations

import argparse
import base64
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.rivals import fetch, playbook
from daicho.directory.case import Work
from daicho.directory.reading import Reader
from daicho.directory.snapshot import take
from daicho.directory.state import Account
from daicho.directory.writing import Writer
from lab.domain import Domain
from tests.directories import INITIAL, active, session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daicho.plan import Scalar

_GROUPS = ("PJ_0001", "PJ_0002", "PJ_0003", "PJ_0004", "PJ_0005", "SG_人事課")
_SAMBA_TOOL = 10
_PYTHON_LDAP: Final = Path("/usr/lib/python3/dist-packages/ldap")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What accounts cost.")
    parser.add_argument("--people", type=int, default=300, help="how many the domain has already")
    parser.add_argument("--count", type=int, default=1000, help="how many are made by each")
    parser.add_argument("--block", type=int, default=250, help="after how many they take turns")
    arguments = parser.parse_args()
    domain = Domain("benchmark")
    try:
        if _PYTHON_LDAP.exists():
            with tempfile.TemporaryDirectory() as folder:
                fetch(Path(folder))
        domain.up(arguments.people)
        with domain.visit():
            _measure(domain, arguments.count, arguments.block)
    finally:
        domain.down()


def _measure(domain: Domain, count: int, block: int) -> None:
    with session(domain, active(domain, "dc1")) as its:
        reader = Reader(its)
        _read(reader)
        made: dict[str, float] = {"ours": 0.0, "ldapmodify": 0.0}
        client = 0.0
        for turn, begin in enumerate(range(0, count, block)):
            names = [f"u{number:05}" for number in range(begin, min(begin + block, count))]
            text = _ldif(domain, reader, ["l" + name[1:] for name in names])
            works: dict[str, Callable[[], None]] = {
                "ours": lambda names=names: _ours(domain, reader, names),  # type: ignore[misc]
                "ldapmodify": lambda text=text: _ldapmodify(domain, text),  # type: ignore[misc]
            }
            # Who comes second finds the server warmer, and fuller.
            for name in list(works)[:: -1 if turn % 2 else 1]:
                cpu = time.process_time()
                made[name] += _timed(works[name])
                client += time.process_time() - cpu
        for name, seconds in made.items():
            print(f"{name:12} {count} accounts: {seconds:6.1f} s, {1000 * seconds / count:5.1f} ms each")
        print(
            f"ratio {made['ours'] / made['ldapmodify']:.2f}; our own CPU {1000 * client / count:.1f} ms each"
        )
        writes = its.writes
        again = _timed(lambda: _ours(domain, reader, [f"u{number:05}" for number in range(count)]))
        print(f"second run   {again:.1f} s, {its.writes - writes} writes")
        _ldap_entry(domain, reader)
    each = _timed(lambda: _samba_tool(domain)) / _SAMBA_TOOL
    print(f"samba-tool   {1000 * each:.0f} ms each (n={_SAMBA_TOOL}; no groups)")


def _read(reader: Reader) -> None:
    cpu, begin = time.process_time(), time.perf_counter()
    found = take(reader)
    wall, used = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = f"{len(found.accounts)} accounts and {len(found.groups.places)} groups"
    print(f"snapshot     {size}: {wall:.1f} s, own CPU {used:.1f} s, at most {peak} MB")


def _timed(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _groups(name: str) -> Sequence[str]:
    number = int(name[1:])
    return ("全職員", _GROUPS[number % 6], _GROUPS[(number + 1) % 6])


def _ours(domain: Domain, reader: Reader, names: Sequence[str]) -> None:
    wanted: dict[str, dict[str, Scalar]] = {}
    for name in names:
        wanted[name] = {
            "dn": f"CN={name},OU=職員,{domain.base}",
            "attribute:sAMAccountName": name,
            "attribute:employeeID": name,
            "attribute:displayName": f"職員 {name}",
            "attribute:sn": "職員",
            "enabled": True,
            "must change password": True,
            "password": "set",
        }
        wanted[name] |= {f"group:{group}": "member" for group in _groups(name)}
    found = reader.by_number(wanted)
    works = [Work(key=name, found=found.get(name), wanted=state) for name, state in wanted.items()]
    told = dict(Writer(reader, lambda _key: INITIAL).carry_out(works))
    wrong = [str(outcome) for outcome in told.values() if not isinstance(outcome, Account)]
    if wrong:
        raise SystemExit(wrong[0])


def _ldif(domain: Domain, reader: Reader, names: Sequence[str]) -> str:
    password = base64.b64encode(f'"{INITIAL}"'.encode("utf-16-le")).decode("ascii")
    records: list[str] = []
    members: dict[str, list[str]] = {}
    for name in names:
        dn = f"CN={name},OU=職員,{domain.base}"
        records.append(
            f"dn:: {_base64(dn)}\nchangetype: add\nobjectClass: user\nsAMAccountName: {name}\n"
            f"employeeID: {name}\ndisplayName:: {_base64(f'職員 {name}')}\nsn:: {_base64('職員')}\n"
            f"userAccountControl: 512\npwdLastSet: 0\nunicodePwd:: {password}\n"
        )
        for group in _groups(name):
            members.setdefault(group, []).append(f"member:: {_base64(dn)}\n")
    for group, listed in members.items():
        place = _base64(reader.groups.place(group))
        records.append(f"dn:: {place}\nchangetype: modify\nadd: member\n{''.join(listed)}")
    return "\n".join(records)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _ldapmodify(domain: Domain, text: str) -> None:
    login = ["-x", "-H", domain.uri(), "-D", domain.bind_dn, "-y", str(domain.secret_file())]
    done = domain.execute(["ldapmodify", *login], text=text, timeout=600)
    if done.returncode:
        raise SystemExit(done.stderr)


def _ldap_entry(domain: Domain, reader: Reader) -> None:
    """Ten accounts by Ansible's modules, with their groups but without a password, which they cannot set."""
    if not _PYTHON_LDAP.exists():
        print("ldap_entry   not measured: the Debian package python3-ldap is not installed")
        return
    login = {
        "server_uri": domain.uri(),
        "bind_dn": domain.bind_dn,
        "bind_pw": domain.secret_file().read_text(encoding="utf-8"),
        "ca_path": str(domain.ca),
    }
    tasks: list[dict[str, Any]] = []
    for number in range(_SAMBA_TOOL):
        name = f"a{number:05}"
        dn = f"CN={name},OU=職員,{domain.base}"
        values = {"sAMAccountName": name, "employeeID": name, "displayName": f"職員 {name}", "sn": "職員"}
        entry = {"dn": dn, "objectClass": ["user"], "attributes": values}
        tasks.append({"community.general.ldap_entry": {**login, **entry}})
        tasks += [
            {
                "community.general.ldap_attrs": {
                    **login,
                    "dn": reader.groups.place(group),
                    "attributes": {"member": dn},
                }
            }
            for group in _groups(f"u{number:05}")
        ]
    host = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
    with tempfile.TemporaryDirectory() as folder:
        cost = playbook(Path(folder), {"localhost": host}, tasks)
    print(f"ldap_entry   {1000 * cost.seconds / _SAMBA_TOOL:.0f} ms each (n={_SAMBA_TOOL}) {cost.failed}")


def _samba_tool(domain: Domain) -> None:
    for number in range(_SAMBA_TOOL):
        domain.samba_tool("user", "create", f"s{number:05}", INITIAL, "--must-change-at-next-login")


if __name__ == "__main__":
    main()
