"""Many targets at once, each in a thread of its own, so many at a time."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from daicho.craft import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daicho.craft import Target


def several[T](
    targets: Sequence[Target], do: Callable[[Target], T], threads: int
) -> Iterator[tuple[str, T | Trouble]]:
    """What comes of each target, as each is done; who leaves off listening begins no more, and waits.

    Raises:
        BaseException: What is no trouble with a target ends it all: a record that failed.
    """
    waiting, done = iter(targets), SimpleQueue[tuple[str, T | BaseException]]()
    taking, over = Lock(), Event()

    def work() -> None:
        while not over.is_set():
            with taking:
                target = next(waiting, None)
            if target is None:
                return
            done.put((target.name, _outcome(do, target)))

    workers = [Thread(target=work, daemon=True) for _n in range(min(threads, len(targets)))]
    for worker in workers:
        worker.start()
    try:
        for _target in targets:
            name, outcome = done.get()
            if isinstance(outcome, BaseException) and not isinstance(outcome, Trouble):
                raise outcome
            yield name, outcome
    finally:
        over.set()
        for worker in workers:
            worker.join()


def _outcome[T](do: Callable[[Target], T], target: Target) -> T | BaseException:
    try:
        return do(target)
    except BaseException as error:  # noqa: BLE001 -- the edge of a thread: whoever waits gets it
        return error
