"""IPP messages, counters as printers tell them, and figures over resets and replacements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.printing.counters import Counted, Supply, counted
from daicho.printing.figures import Figure, Reading, figure_of
from daicho.printing.ipp import OPERATION, PRINTER, Attribute, NotIpp, Operation, Tag, answer, question
from daicho.printing.queue import Queue
from daicho.printing.queueing import host_of, of_printer

BEGIN: Final = datetime(2026, 11, 1, tzinfo=UTC)
END: Final = datetime(2026, 12, 1, tzinfo=UTC)


def reading(day: float, pages: int, serial: str = "A") -> Reading:
    return Reading(at=BEGIN + timedelta(days=day), serial=serial, pages=pages)


def figure(*readings: Reading) -> Figure:
    found = figure_of(readings, BEGIN, END)
    assert found is not None
    return found


def test_a_month_is_counted_from_the_last_reading_before_it() -> None:
    found = figure(reading(-40, 5), reading(-1, 100), reading(3, 130), reading(20, 180), reading(31, 999))
    assert (found.pages, found.first.pages, found.last.pages) == (80, 100, 180)
    assert (found.covered, found.events) == (True, ())


def test_a_first_month_is_counted_from_its_first_reading_and_says_so() -> None:
    found = figure(reading(2, 130), reading(20, 180))
    assert (found.pages, found.covered) == (50, False)


def test_a_month_without_a_reading_has_no_figure() -> None:
    assert figure_of([reading(-1, 100), reading(31, 200)], BEGIN, END) is None


def test_after_a_reset_what_the_counter_shows_was_printed_since() -> None:
    found = figure(reading(-1, 100), reading(3, 110), reading(5, 7), reading(9, 10))
    assert (found.pages, [each.what for each in found.events]) == (20, ["reset"])


def test_what_another_printer_had_printed_elsewhere_is_not_counted_here() -> None:
    found = figure(reading(-1, 100), reading(3, 110), reading(5, 50_000, "B"), reading(9, 50_004, "B"))
    assert (found.pages, [each.what for each in found.events]) == (14, ["replaced"])


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=20))
def test_of_a_counter_that_only_rises_the_figure_is_the_difference(pages: list[int]) -> None:
    rising = sorted(pages)
    found = figure(*(reading(place, each) for place, each in enumerate(rising)))
    assert found.pages == rising[-1] - rising[0]


MIB = "1.3.6.1.2.1.43."
TOLD: Final = [
    (f"{MIB}5.1.1.16.1", "Lab P1"),
    (f"{MIB}5.1.1.17.1", "SN1"),
    (f"{MIB}10.2.1.4.1.1", "1234"),
    (f"{MIB}11.1.1.6.1.1", "Black"),
    (f"{MIB}11.1.1.8.1.1", "8000"),
    (f"{MIB}11.1.1.9.1.1", "1000"),
    (f"{MIB}11.1.1.6.1.2", "Waste"),
    (f"{MIB}11.1.1.8.1.2", "-2"),
    (f"{MIB}11.1.1.9.1.2", "-3"),
    (f"{MIB}11.1.1.10.1.1", "beyond the table"),
]


def test_what_a_printer_tells_is_read_and_what_it_does_not_know_stays_unknown() -> None:
    supplies = (Supply(name="Black", percent=12), Supply(name="Waste", percent=None))
    assert counted(TOLD) == Counted(pages=1234, serial="SN1", model="Lab P1", supplies=supplies)


def test_a_device_without_a_page_counter_is_no_printer() -> None:
    with pytest.raises(ValueError, match="it has no counter of pages"):
        counted(TOLD[:2])


@given(st.text(max_size=50), st.integers(-(2**31), 2**31 - 1), st.booleans())
def test_ipp_values_come_back_as_they_were_written(text: str, number: int, yes: bool) -> None:
    its = [
        Attribute(Tag.TEXT, "printer-info", [text, "second"]),
        Attribute(Tag.INTEGER, "job-id", [number]),
        Attribute(Tag.BOOLEAN, "my-jobs", [yes]),
    ]
    data = question(Operation.GET_PRINTERS, [], {PRINTER: its})
    # A question and an answer differ in what two of their bytes mean.
    found = answer(data)
    assert found.of(PRINTER) == [
        {"printer-info": [text, "second"], "job-id": [number], "my-jobs": [yes]},
    ]
    assert found.of(OPERATION)[0]["attributes-charset"] == ["utf-8"]


@given(st.binary(max_size=60))
def test_what_is_no_ipp_is_said_to_be_none(data: bytes) -> None:
    try:
        answer(data)
    except NotIpp:
        return


def test_a_printers_queues_are_those_of_its_name_and_those_that_print_to_its_address() -> None:
    queues = [
        Queue(name="PR-1", uri="socket://10.0.0.9"),
        Queue(name="colour", uri="ipp://10.0.0.1:631/ipp/print"),
        Queue(name="other", uri="ipp://10.0.0.11/ipp/print"),
        Queue(name="file", uri="file:///dev/null"),
    ]
    found = of_printer({"cups1": {each.name: each for each in queues}}, "pr-1", "10.0.0.1")
    assert [queue.name for _server, queue in found] == ["PR-1", "colour"]
    assert of_printer({"cups1": {"file": queues[3]}}, "pr-2", "") == []
    assert host_of("ipp://Printer.Example:631/ipp") == "printer.example"
