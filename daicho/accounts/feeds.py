"""Distribute accounts: each consumer's file gets the rows that were approved, and only those.

A plan holds the rows that change, not what the directory says on the day of the run. The state of a
consumer: `file` (its digest), `rows` (how many), and `row:KEY` for each row that changes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from daicho.accounts import kept_file
from daicho.accounts.consumers import read_consumers
from daicho.accounts.feed_file import OtherShape, line_of, read, row_of, unwritable, written
from daicho.accounts.feed_rows import Names, tell
from daicho.accounts.opening import open_directory
from daicho.craft import Trouble
from daicho.directory.reading import Reader
from daicho.door import Intention
from daicho.i18n import gettext as _
from daicho.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daicho.accounts.consumers import Consumer, Consumers
    from daicho.accounts.feed_file import Row
    from daicho.accounts.feed_rows import Told
    from daicho.accounts.rules import DirectoryFile
    from daicho.craft import Begin, Bench, Craft, Target
    from daicho.directory.state import Account
    from daicho.plan import Scalar, TargetState

FILE: Final = "file"
ROWS: Final = "rows"
_ROW: Final = "row:"
_PREVIOUS: Final = "previous"
_NAMED: Final = 20
_FREE_REMOVALS: Final = 5
"""So few rows may go whatever their share is: a small section loses a third with two people."""


def items_of(inputs: Mapping[str, object]) -> list[Item]:
    """One item per consumer of the inputs."""
    names = dict.fromkeys(cast("Sequence[str]", inputs["consumers"]))
    return [Item(name, "server") for name in names]


@contextmanager
def open_craft(bench: Bench) -> Iterator[Craft]:
    """The craft of `distribute_accounts`."""
    yield Feeds(bench=bench, consumers=read_consumers(bench.content / "site"))


@dataclass(frozen=True)
class _Directory:
    """What the rows are made of."""

    accounts: Sequence[Account]
    names: Names
    rules: DirectoryFile


@dataclass(frozen=True, kw_only=True)
class _Present:
    """A consumer's file as it is."""

    data: bytes | None
    rows: Mapping[str, Row]
    other_shape: str = ""
    """Why its rows could not be read."""

    def state(self, asked: TargetState) -> dict[str, Scalar]:
        """Its state, with the rows that a plan speaks of."""
        found: dict[str, Scalar] = {FILE: kept_file.digest_of(self.data), ROWS: len(self.rows)}
        for key in asked:
            if key.startswith(_ROW):
                row = self.rows.get(key.removeprefix(_ROW))
                found[key] = None if row is None else line_of(row)
        return found

    def with_changes(self, wanted: TargetState) -> dict[str, Row]:
        """Its rows, with those of a plan in place of its own."""
        rows = dict(self.rows)
        for key, line in wanted.items():
            if not key.startswith(_ROW):
                continue
            name = key.removeprefix(_ROW)
            if line is None:
                rows.pop(name, None)
            else:
                rows[name] = row_of(str(line))
        return rows


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """Rehearses and carries out the distribution."""

    bench: Bench
    consumers: Consumers

    def rehearse(self, targets: Sequence[Target]) -> Iterator[tuple[str, Intention | Trouble]]:
        """Which rows of each consumer would change."""
        for target in targets:
            try:
                consumer = self._consumer(target)
                present = _present(consumer)
                back = target.wanted is not None
                yield (
                    target.name,
                    self._back(target, consumer, present) if back else self._on(consumer, present),
                )
            except Trouble as trouble:
                yield target.name, trouble

    def carry_out(
        self, targets: Sequence[Target], begin: Begin
    ) -> Iterator[tuple[str, TargetState | Trouble]]:
        """Write each consumer's file with the approved rows."""
        for target in targets:
            try:
                consumer = self._consumer(target)
                wanted = target.wanted or {}
                present = _present(consumer)
                if begin(target.name, present.state(wanted)):
                    self._write(consumer, present, wanted)
                    yield target.name, _present(consumer).state(wanted)
            except Trouble as trouble:
                yield target.name, trouble

    def _consumer(self, target: Target) -> Consumer:
        consumer = self.consumers.named(target.name)
        if consumer is None:
            raise Trouble(why=_("consumers.yml has no consumer {name}").format(name=target.name))
        if not consumer.place.parent.is_dir():
            why = _("there is no folder {folder}. Make it, or mount it")
            raise Trouble(why=why.format(folder=consumer.place.parent))
        return consumer

    def _on(self, consumer: Consumer, present: _Present) -> Intention:
        there = self._directory
        told = tell(there.accounts, consumer, there.names, there.rules.people.sections)
        _judge(told, consumer)
        after: dict[str, Scalar] = {
            FILE: kept_file.digest_of(written(told.rows, consumer)),
            ROWS: len(told.rows),
        }
        for key in {*told.rows, *present.rows}:
            row = told.rows.get(key)
            if row != present.rows.get(key):
                after[_ROW + key] = None if row is None else line_of(row)
        gone = sum(1 for key, line in after.items() if key.startswith(_ROW) and line is None)
        self._judge_removals(consumer, len(present.rows), gone)
        before = present.state(after)
        notes = tuple(_notes(told, consumer, present, after))
        return Intention(target=consumer.name, before=before, after=after, inverse=before, notes=notes)

    def _judge_removals(self, consumer: Consumer, there: int, gone: int) -> None:
        if self.bench.inputs.get("many_removals") or gone <= _FREE_REMOVALS:
            return
        if gone * 100 > there * consumer.most_removed_percent:
            why = _(
                "{gone} of {there} rows would be taken away. Ask with `many_removals: true` if it is meant"
            )
            raise Trouble(why=why.format(gone=gone, there=there))

    def _back(self, target: Target, consumer: Consumer, present: _Present) -> Intention:
        """To the recorded rows; what has changed in other rows since stays."""
        wanted = dict(target.wanted or {})
        before = present.state(wanted)
        if wanted.get(FILE) is not None or present.with_changes(wanted):
            data = self._data(consumer, present, wanted)
            if data is None:
                rows = present.with_changes(wanted)
                wanted |= {FILE: kept_file.digest_of(written(rows, consumer)), ROWS: len(rows)}
        return Intention(target=target.name, before=before, after=wanted, inverse=before)

    def _write(self, consumer: Consumer, present: _Present, wanted: TargetState) -> None:
        try:
            if kept_file.digest_of(present.data) == wanted.get(FILE):
                return  # an attempt that was interrupted got as far as this
            if present.data is not None:
                kept_file.keep(present.data, self.bench.folder / _PREVIOUS)
            if wanted.get(FILE) is None:
                kept_file.remove(consumer.place)
                return
            data = self._data(consumer, present, wanted)
            if data is None:
                raise Trouble(why=_("the approved file cannot be made from what is there. Plan again"))
            kept_file.put(consumer.place, data, int(consumer.mode, 8))
        except OSError as error:
            raise Trouble(why=f"{consumer.file}: {error.strerror}") from error

    def _data(self, consumer: Consumer, present: _Present, wanted: TargetState) -> bytes | None:
        """The file with the wanted digest: made from rows, or a file that a run has kept."""
        rows = present.with_changes(wanted)
        data = written(rows, consumer)
        if kept_file.digest_of(data) == wanted[FILE]:
            return data
        earlier = kept_file.kept(str(wanted[FILE]), self.bench.folder.parent, _PREVIOUS)
        if earlier is not None and (self.bench.undo and _fits(earlier, rows, consumer)):
            return earlier
        return None

    @cached_property
    def _directory(self) -> _Directory:
        wanted = {name for consumer in self.consumers.consumers for name in consumer.attributes}
        with open_directory(self.bench, *sorted(wanted)) as opened:
            reader = Reader(opened.session)
            names = Names(login=reader.dialect.login, number=reader.number)
            return _Directory(tuple(reader.everyone()), names, opened.rules)


def _present(consumer: Consumer) -> _Present:
    try:
        data = kept_file.bytes_of(consumer.place)
    except OSError as error:
        raise Trouble(why=f"{consumer.file}: {error.strerror}") from error
    try:
        return _Present(data=data, rows={} if data is None else read(data, consumer))
    except OtherShape as error:
        return _Present(data=data, rows={}, other_shape=str(error))


def _fits(earlier: bytes, rows: Mapping[str, Row], consumer: Consumer) -> bool:
    """Whether a file that was kept holds just these rows, or is of a shape of its own."""
    try:
        return read(earlier, consumer) == rows
    except OtherShape:
        return not rows


def _judge(told: Told, consumer: Consumer) -> None:
    if told.doubles:
        why = _("several people have the same {key}: {names}. Correct them in the directory first")
        raise Trouble(why=why.format(key=consumer.key, names=_few(told.doubles)))
    if wrong := list(unwritable(told.rows, consumer)):
        lines = [each.sentence() for each in wrong[:_NAMED]]
        if more := len(wrong) - len(lines):
            lines.append(_("... and {more} more").format(more=more))
        why = _(
            "{encoding} cannot hold {count} characters, and nothing is written for them silently:\n{lines}"
        )
        raise Trouble(why=why.format(encoding=consumer.encoding, count=len(wrong), lines="\n".join(lines)))


def _notes(told: Told, consumer: Consumer, present: _Present, after: TargetState) -> Iterator[str]:
    rows = {key.removeprefix(_ROW): line for key, line in after.items() if key.startswith(_ROW)}
    added = sum(1 for key in rows if key not in present.rows)
    removed = sum(1 for line in rows.values() if line is None)
    said = _(
        "{title}: {added} rows are added, {changed} changed, {removed} taken away; {file} has {total} then."
    )
    yield said.format(
        title=consumer.title or consumer.name,
        added=added,
        changed=len(rows) - added - removed,
        removed=removed,
        file=consumer.file,
        total=len(told.rows),
    )
    if present.other_shape:
        said = _(
            "The file that is there has another shape ({why}); it is written anew, and kept for the way back."
        )
        yield said.format(why=present.other_shape)
    if told.nameless:
        said = _("Left out, because they have no {key}: {names}.")
        yield said.format(key=consumer.key, names=_few(told.nameless))
    if told.substituted:
        yield _("Written with the site's substitutes: {names}.").format(names=_few(told.substituted))


def _few(names: Sequence[str]) -> str:
    listed = sorted(names)
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (_(" and {more} more").format(more=more) if more > 0 else "")
