"""Many machines at once, each in a thread of its own, so many at a time; threads that speak as we do."""

from __future__ import annotations

from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Protocol

from daicho.craft import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Named(Protocol):
    """A target, or its address and port."""

    @property
    def name(self) -> str:
        """What it is called in the ledger."""


def carried[**P, T](do: Callable[P, T]) -> Callable[P, T]:
    """`do` for other threads to call, in the language and the time zone of whoever hands it out.

    Threads begin without them (until Python's `thread_inherit_context` is the rule).
    """
    context = copy_context()

    def there(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.copy().run(do, *args, **kwargs)

    return there


def several[M: Named, T](
    machines: Sequence[M], do: Callable[[M], T], threads: int, *, only_reads: bool = False
) -> Iterator[tuple[str, T | Trouble]]:
    """What comes of each machine, as each is done. One that hangs holds up nobody but itself.

    Who leaves off listening begins no more, and waits for those that were begun, unless they only read.

    Raises:
        BaseException: What is no trouble with a machine ends it all: a record that failed.
    """
    waiting, done = iter(machines), SimpleQueue[tuple[str, T | BaseException]]()
    taking, over = Lock(), Event()

    def work() -> None:
        while not over.is_set():
            with taking:
                machine = next(waiting, None)
            if machine is None:
                return
            done.put((machine.name, _outcome(do, machine)))

    workers = [Thread(target=carried(work), daemon=True) for _n in range(min(threads, len(machines)))]
    for worker in workers:
        worker.start()
    try:
        for _machine in machines:
            name, outcome = done.get()
            if isinstance(outcome, BaseException) and not isinstance(outcome, Trouble):
                raise outcome
            yield name, outcome
    finally:
        over.set()
        if not only_reads:
            for worker in workers:
                worker.join()


def _outcome[M, T](do: Callable[[M], T], machine: M) -> T | BaseException:
    try:
        return do(machine)
    except BaseException as error:  # noqa: BLE001 -- the edge of a thread: whoever waits gets it
        return error
