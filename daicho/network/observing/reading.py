"""From what a device printed to what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daicho.network.observing.names import in_configuration, ios
from daicho.network.observing.observed import Binding, Heard, Observed, Port, Station, hardware
from daicho.network.observing.questions import Topic
from daicho.network.observing.tables import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from daicho.network.observing.questions import Question
    from daicho.network.tree import Tree

type Said = Mapping[Question, str | None]
"""What a device printed for each question; None: it does not know the command, or what it is about is off."""

_ANYWHERE: Final = ("0.0.0.0", "default", "0.0.0.0/0")  # noqa: S104 -- a destination, nothing is bound


def observed(platform: str, said: Said) -> Observed:
    """What a device said, in one shape for all platforms.

    Raises:
        NotUnderstood: Something that it printed has no place in the template.
    """
    found = {topic: list(_rows(topic, said)) for topic in Topic}
    facts = next((row for _question, row in found[Topic.FACTS]), {})
    ports = tuple(_port(platform, question, row) for question, row in found[Topic.PORTS])
    # ALAXALA's tables say `0/25` or `0/ 5`, and only that of the ports says which kind it is.
    names = {port.name.rpartition(" ")[2]: port.name for port in ports}

    def spelt(name: str) -> str:
        number = "".join(name.split())
        return names.get(number) or in_configuration(platform, number if number[:1].isdigit() else name)

    return Observed(
        version=facts.get("VERSION", ""),
        model=facts.get("MODEL", ""),
        serial=facts.get("SERIAL", ""),
        ports=ports,
        heard=_heard(spelt, said, found[Topic.HEARD]),
        stations=tuple(_stations(spelt, (row for _question, row in found[Topic.STATIONS]))),
        bindings=tuple(
            Binding(row["ADDRESS"], hardware(row["MAC"])) for _question, row in found[Topic.BINDINGS]
        ),
        routes=tuple(sorted({_route(row) for _question, row in found[Topic.ROUTES]})),
    )


def telling_ports(seen: Observed, running: Tree) -> frozenset[str]:
    """The ports that are up and whose going down says something about the network.

    On a switch those that join it to others: terminals are switched off as people like. On a router all.
    """
    trunks = {
        header.removeprefix("interface ")
        for header, below in running.items()
        if "switchport mode trunk" in below
    }
    if not any(
        "switchport mode access" in below or "spanning-tree" in header for header, below in running.items()
    ):
        return frozenset(port.name for port in seen.ports if port.up)
    joined = trunks | {each.port for each in seen.heard or ()}
    return frozenset(port.name for port in seen.ports if port.up and port.name in joined)


def _rows(topic: Topic, said: Said) -> Iterator[tuple[Question, dict[str, str]]]:
    for question, text in said.items():
        if question.topic is topic and text is not None:
            for row in rows(question.template, question.command, text):
                named = {ours: row[theirs] for ours, theirs in question.names.items()}
                yield question, {**row, **named}


def _port(platform: str, question: Question, row: Mapping[str, str]) -> Port:
    name = in_configuration(platform, row["NAME"] if platform == "alaxala_ax36s" else row["PORT"])
    description = "" if platform == "alaxala_ax36s" else row.get("NAME", "")
    return Port(name, row["STATUS"] in question.up, row.get("VLAN", ""), description)


def _heard(
    spelt: Callable[[str], str], said: Said, found: Iterable[tuple[Question, Mapping[str, str]]]
) -> tuple[Heard, ...] | None:
    if all(text is None for question, text in said.items() if question.topic is Topic.HEARD):
        return None
    # LLDP and CDP tell of the same neighbour twice; the first told stands.
    by_port: dict[tuple[str, str], Heard] = {}
    for _question, row in found:
        each = Heard(spelt(row["PORT"]), row["NAME"], ios(row["THEIR_PORT"]))
        by_port.setdefault((each.port, each.name.casefold().partition(".")[0]), each)
    return tuple(by_port.values())


def _stations(spelt: Callable[[str], str], found: Iterable[Mapping[str, str]]) -> Iterator[Station]:
    for row in found:
        # What the switch itself answers to is no station.
        if row.get("TYPE", "DYNAMIC").upper() == "DYNAMIC" and row["PORT"] != "CPU":
            yield Station(hardware(row["MAC"]), spelt(row["PORT"]), row["VLAN"])


def _route(row: Mapping[str, str]) -> str:
    net = f"{row['NET']}/{row['LENGTH']}" if row.get("LENGTH") else row["NET"]
    net = "default" if net in _ANYWHERE else net
    return f"{net} {row['KIND']} {row['HOP'] or row.get('NEXTHOP_IF', '')}".rstrip()
