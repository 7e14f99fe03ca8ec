"""Tell people: once per cause and once per recovery, never a flood, again and higher until acknowledged.

A cause counts as recovered only when every item of it answers, and has done so for a while: one that
merely hides behind a larger fault is still there, and one that comes back at once was never gone. What
goes out twice in spite of everything (the machine died between sending and noting it) carries the same
message id, so that mail programs and receivers can tell.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from daicho.clock import moment, stamp
from daicho.concurrent import carried
from daicho.errors import UnknownObject
from daicho.i18n import gettext as _
from daicho.i18n import ngettext
from daicho.reachability.channels import Message, NotSent, send
from daicho.reachability.matters import Kind, Matter, matters
from daicho.reachability.outbox import Sort, Stage, Topic, Waiting
from daicho.reachability.verdict import State
from daicho.reachability.words import effect, reason, step, title, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, tzinfo

    from daicho.canonical import Json
    from daicho.reachability.notices import AnyChannel, Notices
    from daicho.reachability.outbox import Outbox
    from daicho.reachability.verdict import Judgement

_ANSWERING: Final = (State.BACK, State.DIFFERENT)
_READ: Final = ("link:", "different:")
"""Topics that only a device itself can tell of: while none of theirs was read, nothing is known."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Delivery:
    """One cause over one channel: what the ledger records as `check.notified`."""

    cause: str
    channel: str
    sort: Sort
    sent: bool
    seconds: int
    """From detection (or recovery) to this moment."""
    late: bool
    """Whether that is more than the contract allows."""
    tries: int
    error: str = ""

    def as_json(self) -> dict[str, Json]:
        """The body of the entry."""
        return {
            "cause": self.cause,
            "channel": self.channel,
            "what": self.sort.value,
            "recovery": self.sort is Sort.RECOVERED,
            "sent": self.sent,
            "seconds": self.seconds,
            "late": self.late,
            "tries": self.tries,
            "error": self.error,
        }


class _Parcel(NamedTuple):
    channel: AnyChannel | None
    group: list[Waiting]
    message: Message


class Notifier:
    """Looks at each judgement, and sends what is due. One per outbox."""

    def __init__(
        self,
        outbox: Outbox,
        notices: Notices,
        zone: tzinfo,
        sender: Callable[[AnyChannel, Message], None] = send,
    ) -> None:
        """Tell people as `notices` says; times are written in `zone`."""
        self._outbox = outbox
        self._notices = notices
        self._zone = zone
        self._send = sender
        self._channels = {channel.name: channel for channel in notices.channels}

    def observe(self, judgement: Judgement) -> None:
        """Queue what this look has to tell. Nothing is sent here."""
        urgent = {matter.id: matter for matter in matters(judgement) if not matter.waits}
        with self._outbox.together():
            topics = self._outbox.topics()
            found = [
                topic for matter in urgent.values() if (topic := self._seen(matter, topics, judgement.at))
            ]
            gone = [
                topic for key, topic in topics.items() if key not in urgent and self._gone(topic, judgement)
            ]
            self._tell(Sort.FOUND, [topic for topic in found if not topic.flapping])
            self._tell(Sort.FLAPPING, [topic for topic in found if topic.flapping])
            self._tell(Sort.RECOVERED, gone)
            self._escalate(judgement.at)

    def _seen(self, matter: Matter, topics: dict[str, Topic], at: datetime) -> Topic | None:
        """The topic, if people have to be told of it now."""
        topic = topics.get(matter.id)
        if topic is None or topic.stage is Stage.CLOSED:
            told = topic.told if topic else None
            flapping = topic.flapping if topic else False
            topic = Topic(matter.id, "", "", [], Stage.SEEN, at, told=told, flapping=flapping)
        topic.title, topic.text = title(matter), self._text(matter)
        topic.items = list(matter.items)
        if topic.stage is Stage.FADING:
            topic.stage, topic.looks, topic.gone_at = Stage.OPEN, 0, None
        topic.looks += 1
        new = topic.stage is Stage.SEEN and topic.looks >= self._notices.confirm_looks
        if new:
            new = self._open(topic, at)
        self._outbox.keep(topic)
        return topic if new else None

    def _open(self, topic: Topic, at: datetime) -> bool:
        """Open the topic; whether people are to be told, which a flapping cause no longer is."""
        topic.stage, topic.looks, topic.gone_at = Stage.OPEN, 0, None
        topic.acknowledged_by, topic.level = None, 0
        topic.escalate_at = at + timedelta(minutes=self._notices.escalate_minutes)
        recent = [told for told in topic.told or [] if moment(told) > at - _HOUR]
        was_flapping = topic.flapping and bool(recent)
        topic.told = [*recent, stamp(at)]
        topic.flapping = len(topic.told) >= self._notices.flapping_from
        return not was_flapping

    def _gone(self, topic: Topic, judgement: Judgement) -> bool:
        """Whether people have to be told now that it has recovered."""
        if topic.stage is Stage.CLOSED or not _recovered(topic, judgement):
            return False
        if topic.stage is Stage.SEEN:
            self._outbox.forget(topic.key)
            return False
        if topic.stage is Stage.OPEN:
            topic.stage, topic.looks, topic.gone_at = Stage.FADING, 0, judgement.at
        topic.looks += 1
        notices, begun = self._notices, topic.gone_at or judgement.at
        calm = timedelta(minutes=notices.calm_minutes if topic.flapping else 0)
        settled = begun + max(calm, timedelta(seconds=notices.settle_seconds))
        closed = topic.looks >= notices.confirm_looks and judgement.at >= settled
        if closed:
            topic.stage, topic.escalate_at = Stage.CLOSED, None
            topic.flapping = False
        self._outbox.keep(topic)
        return closed

    def _tell(self, sort: Sort, topics: Sequence[Topic], channels: Iterable[str] | None = None) -> None:
        if not topics:
            return
        names = tuple(channels or self._channels_of(sort, topics))
        one_by_one = len(topics) < self._notices.together_from and sort is not Sort.REMINDER
        for group in [[topic] for topic in topics] if one_by_one else [list(topics)]:
            self._outbox.put(names, sort, group, _words(sort, group))

    def _channels_of(self, sort: Sort, topics: Sequence[Topic]) -> Iterable[str]:
        """Those who were told of the cause are told of its recovery."""
        highest = max(topic.level for topic in topics) if sort is Sort.RECOVERED else 0
        return dict.fromkeys(name for level in range(highest + 1) for name in self._notices.level(level))

    def _escalate(self, at: datetime) -> None:
        due = [
            topic
            for topic in self._outbox.topics().values()
            if topic.stage is Stage.OPEN
            and topic.acknowledged_by is None
            and topic.escalate_at
            and at >= topic.escalate_at
        ]
        for level in sorted({topic.level for topic in due}):
            group = [topic for topic in due if topic.level == level]
            for topic in group:
                topic.level += 1
                # Each further reminder takes longer, but never more than an hour.
                first = timedelta(minutes=self._notices.escalate_minutes)
                topic.escalate_at = at + max(first, min(first * 2 ** min(level, 6), _HOUR))
                self._outbox.keep(topic)
            self._tell(Sort.REMINDER, group, self._notices.level(level + 1))

    def acknowledge(self, cause: str, by: str) -> str:
        """Somebody has taken a cause on: nobody is reminded of it any more. Its title.

        Raises:
            UnknownObject: Nobody was told of such a cause.
        """
        with self._outbox.together():
            topic = self._outbox.topics().get(cause)
            if topic is None or topic.stage is Stage.SEEN:
                raise UnknownObject(kind=_("cause"), name=cause, listing="daicho check show")
            topic.acknowledged_by = by
            self._outbox.keep(topic)
        return topic.title

    def open_topics(self) -> list[Topic]:
        """What people were told of and what is not over."""
        return [
            topic for topic in self._outbox.topics().values() if topic.stage in (Stage.OPEN, Stage.FADING)
        ]

    def patience(self) -> float:
        """Seconds within which every recovery that settles now will have been told; 0 if none does.

        A cause that comes and goes is not waited for: it may never be calm.
        """
        settling = any(topic.stage is Stage.FADING and not topic.flapping for topic in self.open_topics())
        return float(self._notices.settle_seconds) if settling else 0.0

    def deliver(self, at: datetime) -> list[Delivery]:
        """Send what is due; every cause of every message that went out or failed for the first time.

        Messages that a channel could not take are kept and go out together in one, once it works again.
        """
        rounds = [self._groups(name, waiting) for name, waiting in self._outbox.due(at).items()]
        if not rounds:
            return []
        # Side by side: a mail server that hangs must not hold up the other channels.
        with ThreadPoolExecutor(max_workers=len(rounds)) as pool:
            tried = [each for channel in pool.map(carried(self._try), rounds) for each in channel]
        done = []
        with self._outbox.together():
            for group, error in tried:
                if error:
                    self._outbox.failed(group, at, error)
                else:
                    self._outbox.sent(group, at)
                done += [
                    self._delivery(message, key, at, error)
                    for message in group
                    for key in message.keys
                    if not error or not message.tries
                ]
        return done

    def _groups(self, name: str, waiting: Sequence[Waiting]) -> list[_Parcel]:
        backlog = len(waiting) > 1 and any(message.tries for message in waiting)
        groups = [list(waiting)] if backlog else [[message] for message in waiting]
        return [_Parcel(self._channels.get(name), group, self._message(group)) for group in groups]

    def _try(self, parcels: Sequence[_Parcel]) -> list[tuple[list[Waiting], str]]:
        """Send one channel's messages, up to the first that it does not take."""
        tried = []
        for channel, group, message in parcels:
            error = ""
            try:
                if channel:
                    self._send(channel, message)
                else:
                    error = "no such channel any more"
            except NotSent as failure:
                error = str(failure)
            tried.append((group, error))
            if error:
                break
        return tried

    def _delivery(self, message: Waiting, cause: str, at: datetime, error: str) -> Delivery:
        seconds = max(0, round((at - message.made_at).total_seconds()))
        return Delivery(
            cause=cause,
            channel=message.channel,
            sort=message.sort,
            sent=not error,
            seconds=seconds,
            late=seconds > self._notices.limit_minutes * 60,
            tries=message.tries + 1,
            error=error,
        )

    def _message(self, group: Sequence[Waiting]) -> Message:
        last = group[-1]
        key = "\n".join(f"{message.number} {message.sort} {message.keys}" for message in group)
        subject, text = last.subject, last.text
        if len(group) > 1:
            count = len(group)
            words = ngettext("{count} message that waited", "{count} messages that waited", count)
            subject = f"[daicho] {words.format(count=count)}"
            text = "\n\n".join(f"{message.subject}\n{message.text}" for message in group)
        return Message(
            id=hashlib.sha256(f"{group[0].made_at} {key}".encode()).hexdigest()[:32],
            subject=subject,
            text=text,
            at=last.made_at.astimezone(self._zone),
            data={
                "events": [
                    {
                        "what": message.sort.value,
                        "causes": list(message.keys),
                        "since": stamp(message.made_at),
                    }
                    for message in group
                ]
            },
        )

    def _text(self, matter: Matter) -> str:
        lines = [title(matter), where(matter), effect(matter), reason(matter)]
        lines.append(step(matter, self._zone))
        if matter.kind is Kind.SCATTERED:
            lines.append(", ".join(matter.items[:50]))
        return "\n".join(line for line in lines if line)


def _recovered(topic: Topic, judgement: Judgement) -> bool:
    """Whether every item of a topic answers; what is in the topology no more asks for nothing."""
    if judgement.blind:
        return False
    if topic.key.startswith(_READ) and judgement.read.isdisjoint(topic.items):
        return False
    verdicts = judgement.verdicts
    return all(verdicts[name].state in _ANSWERING for name in topic.items if name in verdicts)


def _words(sort: Sort, topics: Sequence[Topic]) -> tuple[str, str]:
    """Subject and text of a message."""
    count = len(topics)
    what = topics[0].title if count == 1 else ngettext("{count} cause", "{count} causes", count)
    subject = {
        Sort.FOUND: _("Fault: {what}"),
        Sort.RECOVERED: _("Recovered: {what}"),
        Sort.FLAPPING: _("Comes and goes: {what}"),
        Sort.REMINDER: _("Not acknowledged: {what}"),
    }[sort]
    tail = {
        Sort.FLAPPING: _("It is told again only when it has been gone for a while."),
        Sort.REMINDER: _("Nobody has acknowledged this yet: `daicho check acknowledge`."),
    }.get(sort, "")
    texts = [topic.title if sort is Sort.RECOVERED else topic.text for topic in topics]
    text = "\n\n".join(part for part in (*texts, tail) if part)
    return f"[daicho] {subject.format(what=what.format(count=count))}", text + "\n"
