"""The Printer-MIB of one simulated printer, for snmpd's `pass_persist`: standard library only.

`python3 services_agent.py printer.json SPOOL`: the file says serial, model, pages of the first day and
supplies; every document in the spool is a page more. Source: RFC 3805, net-snmp's snmpd.conf(5).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

_MIB = ".1.3.6.1.2.1.43."
_REMEMBERED_S = 0.05


def table(description: Path, spool: Path) -> list[tuple[str, str, str]]:
    """OID, type and value of everything, in order."""
    told = json.loads(description.read_text(encoding="utf-8"))
    pages = int(told["pages"]) + sum(
        1 for each in spool.iterdir() if each.suffix in {".pdf", ".urf", ".pwg", ".txt"}
    )
    rows = [
        (f"{_MIB}5.1.1.16.1", "string", told["model"]),
        (f"{_MIB}5.1.1.17.1", "string", told["serial"]),
        (f"{_MIB}10.2.1.4.1.1", "counter", str(pages)),
    ]
    for column, key, kind in ((6, "name", "string"), (8, "most", "integer"), (9, "left", "integer")):
        for number, supply in enumerate(told["supplies"], 1):
            rows.append((f"{_MIB}11.1.1.{column}.1.{number}", kind, str(supply[key])))
    return rows


def numbers(oid: str) -> list[int]:
    """An OID as what it is ordered by."""
    return [int(part) for part in oid.strip(".").split(".")]


def serve(description: Path, spool: Path) -> None:
    """Answer line by line until snmpd ends; one question of many lines sees one state."""
    rows, until = table(description, spool), 0.0
    for line in sys.stdin:
        asked = line.strip()
        if asked == "PING":
            print("PONG", flush=True)
            continue
        oid = sys.stdin.readline().strip()
        if time.monotonic() > until:
            rows, until = table(description, spool), time.monotonic() + _REMEMBERED_S
        if asked == "get":
            found = [row for row in rows if row[0] == oid]
        else:
            asked_for = numbers(oid)
            found = [row for row in rows if numbers(row[0]) > asked_for][:1]
        print("\n".join(found[0]) if found else "NONE", flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
