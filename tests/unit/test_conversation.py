"""Conversations with devices that answer from a script: echoes, pages, odd prompts, windows."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from daicho.network.platform import Step
from daicho.network.platforms import PLATFORMS
from daicho.network.way import Kind, Line
from nornir_tasks.conversation import WINDOW, Conversation, Garbled, HungUp, Silent
from nornir_tasks.logins import Login, LoginsStopped
from nornir_tasks.pace import Pace, lanes

if TYPE_CHECKING:
    from collections.abc import Callable

TALK: Final = PLATFORMS["cisco_ios"].talk


@dataclass
class Script:
    """A device: what it says first, and how it answers each line."""

    first: bytes
    answer: Callable[[str], bytes]
    pieces: int = 1 << 16
    """So many octets come at once."""
    said: bytes = b""
    typed: list[str] = field(default_factory=list)
    under_way: int = 0

    def __post_init__(self) -> None:
        self.said = self.first

    def send(self, data: bytes) -> None:
        self.under_way = max(self.under_way, len(data))
        for line in data.decode().splitlines():
            self.typed.append(line)
            self.said += line.encode() + b"\r\n" + self.answer(line)

    def receive(self, seconds: float) -> bytes:  # noqa: ARG002 -- nothing more will come
        if not self.said:
            raise Silent
        data, self.said = self.said[: self.pieces], self.said[self.pieces :]
        return data


def opened(
    answer: Callable[[str], bytes], first: bytes = b"\r\nsw1#", pieces: int = 1 << 16
) -> tuple[Conversation, Script]:
    script = Script(first, answer, pieces)
    talk = Conversation(script, TALK, 1)
    talk.open()
    return talk, script


@pytest.mark.parametrize("pieces", [1, 7, 1 << 16])
def test_an_answer_is_what_stands_between_echo_and_prompt(pieces: int) -> None:
    talk, _script = opened(lambda _line: b"one\r\ntwo#\r\n\r\nsw1#", pieces=pieces)
    answer = talk.ask(Step(line="show x"))
    assert (answer.said, answer.prompt, answer.error) == ("one\ntwo#\n\n", "sw1#", "")


def test_a_banner_that_looks_like_a_prompt_does_not_mislead() -> None:
    talk, _script = opened(
        lambda _line: b"said\r\nsw1#", first=b"Welcome to Tokyo#\r\n** keep out >\r\n\r\nsw1#"
    )
    assert talk.prompt == "sw1#"
    assert talk.ask(Step(line="x")).said == "said\n"


@pytest.mark.parametrize(
    "erased",
    [b"\x08" * 10 + b" " * 10 + b"\x08" * 10, b"\r" + b" " * 10 + b"\r"],
    ids=["backspace", "return"],
)
def test_pages_are_turned_and_leave_no_trace(erased: bytes) -> None:
    def answer(line: str) -> bytes:
        return b" first\r\n --More-- " if line == "show run" else erased + b" second\r\nsw1#"

    script = Script(b"sw1#", answer)
    original = script.send

    def send(data: bytes) -> None:
        if data == b" ":
            script.said += answer(" ")
        else:
            original(data)

    script.send = send  # type: ignore[method-assign]
    talk = Conversation(script, TALK, 1)
    talk.open()
    assert talk.ask(Step(line="show run")).said == " first\n second\n"


def test_lines_travel_in_windows_and_sections_are_waited_for() -> None:
    mode = [""]

    def answer(line: str) -> bytes:
        mode[0] = {"interface x": "-if", "exit": ""}.get(line, mode[0])
        return f"sw1(config{mode[0]})#".encode()

    talk, script = opened(answer)
    lines = [Line("interface x", Kind.ENTER), *(Line(f"description {n:040}") for n in range(20))]
    answers = talk.type([*lines, Line("exit", Kind.LEAVE)])
    assert [each.line for each in answers] == [*(line.text for line in lines), "exit"]
    assert {each.error for each in answers} == {""}
    assert 100 < script.under_way <= WINDOW
    assert talk.prompt == "sw1(config)#"


def test_what_follows_a_refused_section_is_never_sent() -> None:
    talk, script = opened(
        lambda line: b"% Invalid\r\nsw1(config)#" if line == "interface y" else b"sw1(config)#"
    )
    answers = talk.type([Line("vlan 3", Kind.ENTER), Line("interface y", Kind.ENTER), Line("shutdown")])
    assert answers[-1].error == "% Invalid"
    assert script.typed == ["vlan 3", "interface y"]


def test_the_prompt_may_change_with_the_name() -> None:
    talk, _script = opened(lambda line: b"tokyo(config)#" if line else b"sw1#")
    assert [each.prompt for each in talk.type([Line("hostname tokyo"), Line("vlan 3")])] == [
        "tokyo(config)#"
    ] * 2


def test_an_echo_that_is_not_what_was_typed_is_an_error() -> None:
    talk, script = opened(lambda _line: b"")
    script.send = lambda data: setattr(script, "said", b"vlan 4\r\nsw1#" if data else b"")  # type: ignore[method-assign]
    with pytest.raises(Garbled):
        talk.type([Line("vlan 3")])


def test_japanese_comes_and_goes_as_the_platform_writes_it() -> None:
    script = Script(b"rtx> ", lambda _line: "説明 本省\r\nrtx> ".encode("cp932"), pieces=3)
    talk = Conversation(script, PLATFORMS["yamaha"].talk, 1)
    talk.open()
    assert talk.ask(Step(line="show config")).said == "説明 本省\n"


def test_silence_and_the_end_are_told_apart() -> None:
    talk, script = opened(lambda _line: b"")
    with pytest.raises(Silent):
        talk.ask(Step(line="x"))

    def gone(seconds: float) -> bytes:
        raise HungUp(seconds)

    script.receive = gone  # type: ignore[method-assign]
    with pytest.raises(HungUp):
        talk.ask(Step(line="x"))


# Passwords


def test_a_wrong_password_is_tried_three_times_however_many_want_to() -> None:
    login = Login(name="net", user="u", password="wrong")  # noqa: S106
    tried: list[int] = []
    stopped: list[str] = []

    def one(number: int) -> None:
        try:
            with login.attempt():
                tried.append(number)
                time.sleep(0.01)
                login.refused()
        except LoginsStopped as error:
            stopped.append(str(error))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tried) == 3
    assert set(stopped) == {
        (
            "The password net was not tried here: 3 devices in a row refused it, and one more could lock the "
            "account. Put it right with `daicho secret set net`."
        )
    }


def test_one_device_with_another_password_stops_nobody() -> None:
    login = Login(name="net", user="u", password="right")  # noqa: S106
    for number in range(20):
        with login.attempt():
            if number % 2:
                login.refused()
            else:
                login.accepted()


def test_a_password_is_not_shown() -> None:
    login = Login(name="net", user="u", password="right", enable="right too")  # noqa: S106
    assert "right" not in repr(login)


# Pace


def test_slow_devices_are_spoken_to_in_greater_numbers() -> None:
    assert [lanes(seconds) for seconds in (0.001, 0.01, 0.03, 0.05, 0.2)] == [20, 20, 60, 100, 100]
    pace = Pace()
    for _ in range(5):
        pace.measured(0.2)
    assert pace.limit == 100
