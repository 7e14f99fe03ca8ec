"""Who is told what, when, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, override

import pytest

from daicho.errors import UnknownObject
from daicho.reachability.channels import Message, NotSent
from daicho.reachability.notices import Command, Notices
from daicho.reachability.notify import Delivery, Notifier
from daicho.reachability.outbox import Outbox, Sort
from tests.nightshift import LATER, TOKYO, Night, four_things

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daicho.reachability.notices import AnyChannel


class Office:
    """Receives messages; a broken channel takes none."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str]] = []
        self.broken: set[str] = set()

    def send(self, channel: AnyChannel, message: Message) -> None:
        if channel.name in self.broken:
            raise NotSent("connection refused")
        self.received.append((channel.name, message.subject))

    def take(self) -> list[tuple[str, str]]:
        received, self.received = self.received, []
        return received


class Refusing(Office):
    """Takes nothing, and notes under which id it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    @override
    def send(self, channel: AnyChannel, message: Message) -> None:
        self.ids.append(message.id)
        raise NotSent("connection refused")


class Watch:
    """Looks every 15 seconds and lets the notifier work."""

    def __init__(self, path: Path, office: Office, notices: Notices) -> None:
        self.path, self.office, self.notices = path, office, notices
        self.at = LATER
        self.outbox = Outbox(path)

    @property
    def notifier(self) -> Notifier:
        return Notifier(self.outbox, self.notices, TOKYO, self.office.send)

    def look(self, night: Night, times: int = 1, every: timedelta = timedelta(seconds=15)) -> list[Delivery]:
        done = []
        for _ in range(times):
            self.notifier.observe(replace(night.judgement(), at=self.at))
            done += self.notifier.deliver(self.at)
            self.at += every
        return done

    def restart(self) -> None:
        self.outbox.close()
        self.outbox = Outbox(self.path)


def channel(name: str) -> Command:
    return Command(type="command", name=name, argv=("true",))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def watch(tmp_path: Path, office: Office) -> Iterator[Watch]:
    notices = Notices(
        channels=(channel("mail"), channel("chat"), channel("chief")), levels=(("mail", "chat"), ("chief",))
    )
    watch = Watch(tmp_path / "outbox.db", office, notices)
    yield watch
    watch.outbox.close()


FOUR = [
    "[daicho] Fault: sw-2-dist",
    "[daicho] Fault: sw-1-3f or the link sw-1-3f – sw-1-dist",
    "[daicho] Fault: the link sw-1-dist – sw-core-2",
    "[daicho] Fault: sw-1-2f",
]


def test_each_cause_once_and_each_recovery_once(watch: Watch, office: Office) -> None:
    watch.look(four_things(), times=6)
    assert sorted(office.take()) == sorted((name, text) for name in ("chat", "mail") for text in FOUR)
    watch.look(Night(dead_before={"pc-1101"}), times=6)
    recovered = [text.replace("Fault", "Recovered") for text in FOUR]
    assert sorted(office.take()) == sorted((name, text) for name in ("chat", "mail") for text in recovered)


def test_nobody_is_told_of_what_was_seen_in_one_look_only(watch: Watch, office: Office) -> None:
    watch.look(Night(down={"sw-2-dist"}))
    watch.look(Night(), times=3)
    assert office.take() == []


def test_a_restart_forgets_nothing_and_repeats_nothing(watch: Watch, office: Office) -> None:
    watch.look(Night(down={"sw-2-dist"}))
    watch.restart()
    watch.look(Night(down={"sw-2-dist"}))
    assert len(office.take()) == 2
    watch.restart()
    watch.look(Night(down={"sw-2-dist"}), times=5)
    assert office.take() == []


def test_the_time_from_detection_to_notification_is_measured(watch: Watch) -> None:
    night = Night(down={"sw-2-dist"})
    first, second = watch.look(night, times=2)
    assert (first.cause, first.seconds, first.late, first.sent) == ("node:sw-2-dist", 15, False, True)
    assert {first.channel, second.channel} == {"mail", "chat"}
    assert first.as_json()["what"] == "found"


def test_a_dead_mail_server_holds_up_no_other_channel_and_gets_one_message_later(
    watch: Watch, office: Office
) -> None:
    office.broken = {"mail"}
    failed = [each for each in watch.look(four_things(), times=8) if not each.sent]
    assert {name for name, _ in office.take()} == {"chat"}
    first = failed[0]
    assert (first.cause, first.error, first.tries) == ("node:sw-2-dist", "connection refused", 1)
    office.broken = set()
    watch.at += timedelta(minutes=40)
    done = watch.look(four_things())
    assert ("mail", "[daicho] 4 messages that waited") in office.take()
    late = [each for each in done if each.channel == "mail" and each.sort is Sort.FOUND]
    assert len(late) == 4
    assert all(each.sent and each.late for each in late)


def test_a_fault_that_only_hides_behind_a_larger_one_has_not_recovered(watch: Watch, office: Office) -> None:
    watch.look(Night(down={"sw-2-1f"}), times=2)
    office.take()
    watch.look(Night(down={"sw-2-1f", "sw-2-dist"}), times=4)
    assert {text for _, text in office.take()} == {"[daicho] Fault: sw-2-dist"}
    watch.look(Night(down={"sw-core-1", "sw-core-2"}), times=4)
    assert {text for _, text in office.take()} == {"[daicho] Fault: Nothing answers at all"}
    watch.look(Night(), times=6)
    assert {text for _, text in office.take()} == {
        "[daicho] Recovered: sw-2-1f or the link sw-2-1f – sw-2-dist",
        "[daicho] Recovered: sw-2-dist",
        "[daicho] Recovered: Nothing answers at all",
    }


def test_what_only_a_device_can_tell_is_not_over_while_nobody_can_log_in(
    watch: Watch, office: Office
) -> None:
    faulty = Night(cut={("sw-1-dist", "sw-core-2")}, changed={"sw-1-2f"})
    watch.look(faulty, times=2)
    assert len(office.take()) == 4
    watch.look(Night(unread={"sw-1-2f", "sw-1-dist", "sw-core-2"}), times=5)
    assert office.take() == []
    watch.look(Night(), times=6)
    assert {text for _, text in office.take()} == {
        "[daicho] Recovered: sw-1-2f",
        "[daicho] Recovered: the link sw-1-dist – sw-core-2",
    }


def test_a_message_keeps_its_id_on_every_try(watch: Watch) -> None:
    office = Refusing()
    watch.office = office
    watch.look(Night(down={"sw-2-dist"}), times=20)
    assert len(office.ids) > 4
    assert len(set(office.ids)) == 2  # one for each channel


def test_it_goes_higher_until_somebody_acknowledges(watch: Watch, office: Office) -> None:
    night = Night(down={"sw-2-dist"})
    watch.look(night, times=2)
    office.take()
    watch.look(night, times=14, every=timedelta(minutes=1))
    assert office.take() == []
    watch.look(night, times=3, every=timedelta(minutes=1))
    assert office.take() == [("chief", "[daicho] Not acknowledged: sw-2-dist")]
    watch.look(night, times=20, every=timedelta(minutes=1))
    assert office.take() == [("chief", "[daicho] Not acknowledged: sw-2-dist")]
    assert watch.notifier.acknowledge("node:sw-2-dist", "sato") == "sw-2-dist"
    watch.restart()
    watch.look(night, times=120, every=timedelta(minutes=1))
    assert office.take() == []
    watch.look(Night(), times=6)
    assert sorted(office.take()) == [
        (name, "[daicho] Recovered: sw-2-dist") for name in ("chat", "chief", "mail")
    ]


def test_only_what_people_were_told_of_can_be_acknowledged(watch: Watch) -> None:
    with pytest.raises(UnknownObject, match="There is no cause 'node:x'"):
        watch.notifier.acknowledge("node:x", "sato")


def test_what_comes_back_within_the_settling_time_was_never_gone(watch: Watch, office: Office) -> None:
    for _ in range(9):  # a quarter of an hour: later it goes higher, as nobody has acknowledged it
        watch.look(Night(down={"sw-2-dist"}), times=2)
        watch.look(Night(), times=4)  # 45 of 60 seconds
    assert office.take() == [("mail", "[daicho] Fault: sw-2-dist"), ("chat", "[daicho] Fault: sw-2-dist")]
    watch.look(Night(), times=40)
    over = "[daicho] Recovered: sw-2-dist"
    assert sorted(office.take()) == [("chat", over), ("mail", over)]


def test_a_watch_that_ends_waits_for_the_recovery_that_settles(watch: Watch) -> None:
    watch.look(Night(down={"sw-2-dist"}), times=2)
    assert watch.notifier.patience() == 0
    watch.look(Night())
    assert watch.notifier.patience() == 60
    watch.look(Night(), times=4)
    assert watch.notifier.patience() == 0
    for _ in range(3):
        watch.look(Night(down={"sw-2-dist"}), times=2)
        watch.look(Night(), times=5)
    # By now it comes and goes, and would have to be gone for a quarter of an hour.
    assert watch.notifier.patience() == 0


def test_a_link_that_comes_and_goes_slowly_is_no_flood(watch: Watch, office: Office) -> None:
    for _ in range(30):
        watch.look(Night(down={"sw-2-dist"}), times=2)
        watch.look(Night(), times=6)
    mail = [text for name, text in office.take() if name == "mail"]
    fault, over = "[daicho] Fault: sw-2-dist", "[daicho] Recovered: sw-2-dist"
    assert mail == [fault, over, fault, over, "[daicho] Comes and goes: sw-2-dist"]
    watch.look(Night(), times=80)
    assert sorted(office.take()) == [("chat", over), ("chief", over), ("mail", over)]
    watch.look(Night(), times=80)
    assert office.take() == []


def test_very_many_causes_at_once_are_one_message(watch: Watch, office: Office) -> None:
    night = Night(down={"sw-1-1f", "sw-1-2f", "sw-1-3f", "sw-2-1f", "sw-2-2f", "sw-2-3f"})
    watch.look(night, times=3)
    assert office.take() == [("mail", "[daicho] Fault: 6 causes"), ("chat", "[daicho] Fault: 6 causes")]


def test_nothing_is_told_while_a_device_may_still_be_starting(watch: Watch, office: Office) -> None:
    watch.at = datetime(2026, 11, 21, 13, 1, tzinfo=LATER.tzinfo)
    watch.look(replace(Night(down={"sw-2-dist"}), at=watch.at), times=4)
    assert office.take() == []
