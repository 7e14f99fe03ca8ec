"""CUPS as a print server: its queues, their jobs, a test page. IPP over HTTPS."""

from __future__ import annotations

import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import quote

import httpx

from daicho.i18n import gettext as _
from daicho.printing.ipp import JOB, PRINTER, Answer, Attribute, NotIpp, Operation, Tag, answer, question
from daicho.printing.queue import BEING_MADE, EVERYWHERE, RAW, Job, Queue
from daicho.printing.wrong import (
    NoQueue,
    PrintingError,
    PrintLogonRefused,
    PrintServerAway,
    PrintServerNotTrusted,
)
from daicho.tls import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from daicho.printing.settings import PrintServer

_US: Final = "daicho"
"""Whose our jobs are."""
_NOT_FOUND: Final = 0x0406
_POLL_S: Final = 0.1
_ASK_AGAIN_S: Final = 3.0
_QUEUE: Final = (
    *("printer-name", "device-uri", "printer-location", "printer-info", "printer-make-and-model"),
    *("printer-state", "printer-is-accepting-jobs", "queued-job-count", "printer-state-reasons"),
)
_JOB: Final = (
    *("job-id", "job-name", "job-originating-user-name", "job-state", "job-state-reasons", "job-printer-uri"),
    "job-impressions-completed",
)
_JOB_STATES: Final = {
    3: "pending",
    4: "held",
    5: "processing",
    6: "stopped",
    7: "canceled",
    8: "aborted",
    9: "completed",
}


class _Call(NamedTuple):
    """One question to the server."""

    operation: Operation
    about: Sequence[Attribute]
    more: Mapping[int, Sequence[Attribute]] | None = None
    path: str = "/"
    document: bytes = b""
    allowed: Sequence[int] = ()
    """Statuses that are no error here."""


class Cups:
    """One print server. Use it as a context manager."""

    def __init__(self, settings: PrintServer, password: Callable[[], str]) -> None:
        """Nothing is asked yet; `password` gives the secret `print-NAME` if there is a user."""
        self.settings = settings
        self._password = password
        self._client: httpx.Client | None = None
        self._host = httpx.URL(settings.url)

    def __enter__(self) -> Self:
        """Open the way to the server."""
        its = self.settings
        auth = httpx.BasicAuth(its.user, self._password()) if its.user else None
        self._client = client_of(its.url, its.address, its.ca_file, timeout_s=its.timeout_s, auth=auth)
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # Queues

    @property
    def host(self) -> str:
        """Its name in the DNS."""
        return self._host.host

    def suited(self, queue: Queue) -> Queue:
        """Any queue suits it."""
        return queue

    def queues(self) -> dict[str, Queue]:
        """All queues by name.

        Raises:
            PrintingError: The server cannot be asked.
        """
        asked = Attribute(Tag.KEYWORD, "requested-attributes", _QUEUE)
        # Who has a password shows it at once: whether it is right is known before anything is changed.
        path = "/admin/" if self.settings.user else "/"
        found = self._ask(_Call(Operation.GET_PRINTERS, [asked], path=path, allowed=(_NOT_FOUND,)))
        default = self.default()
        rows = [_queue(group, default) for group in found.of(PRINTER)] if found.ok else []
        return {each.name: each for each in rows}

    def default(self) -> str:
        """The server's default queue; empty: none."""
        asked = Attribute(Tag.KEYWORD, "requested-attributes", ["printer-name"])
        found = self._ask(_Call(Operation.GET_DEFAULT, [asked], allowed=(_NOT_FOUND,)))
        return next((str(group["printer-name"][0]) for group in found.of(PRINTER)), "") if found.ok else ""

    def put(self, queue: Queue) -> None:
        """Make a queue, or give it another address, place or driver; its waiting jobs stay in it.

        Until the server knows what the printer can, the queue says that it is being made.
        """
        waits = queue.driver == EVERYWHERE
        its = [
            Attribute(Tag.URI, "device-uri", [queue.uri]),
            Attribute(Tag.TEXT, "printer-location", [queue.location]),
            Attribute(Tag.TEXT, "printer-info", [BEING_MADE if waits else queue.info]),
        ]
        about = [self._about(queue.name)]
        if queue.driver:
            about.append(Attribute(Tag.NAME, "ppd-name", [queue.driver]))
        call = _Call(Operation.PUT_PRINTER, about, {PRINTER: its}, path="/admin/")
        self._ask(call)
        if waits:
            self._await_driver(queue, call)
            said = [Attribute(Tag.TEXT, "printer-info", [queue.info])]
            self._ask(_Call(Operation.PUT_PRINTER, about[:1], {PRINTER: said}, path="/admin/"))
        self.accept(queue.name, yes=queue.accepting)
        self.stop(queue.name) if queue.stopped else self.resume(queue.name)

    def _await_driver(self, queue: Queue, call: _Call) -> None:
        """The server asks the printer what it can after it has answered us, and says nothing if it fails."""
        began = asked = time.monotonic()
        while self.queues()[queue.name].driver != EVERYWHERE:
            moment = time.monotonic()
            if moment - began > self.settings.timeout_s:
                why = _("the printer at {uri} did not tell it what it can; is it on?").format(uri=queue.uri)
                raise PrintingError(server=self.settings.name, why=why)
            if moment - asked > _ASK_AGAIN_S:
                self._ask(call)
                asked = moment
            time.sleep(_POLL_S)

    def describe(self, name: str, *, uri: str | None = None, location: str | None = None) -> None:
        """Change a queue's address or place only: driver, state and jobs stay as they are."""
        its = [Attribute(Tag.URI, "device-uri", [uri])] if uri is not None else []
        its += [Attribute(Tag.TEXT, "printer-location", [location])] if location is not None else []
        if its:
            self._ask(_Call(Operation.PUT_PRINTER, [self._about(name)], {PRINTER: its}, path="/admin/"))

    def remove(self, name: str) -> None:
        """Remove a queue with the jobs that are in it; one that is not there is no error."""
        self._ask(_Call(Operation.DELETE_PRINTER, [self._about(name)], path="/admin/", allowed=(_NOT_FOUND,)))

    def take_away(self, queue: Queue, jobs_to: str) -> int:
        """Remove a queue; what waits in it goes to another one, if one is named.

        Returns:
            How many jobs wait: it was not removed then, and is as it was.
        """
        self.accept(queue.name, yes=False)
        if waiting := self.jobs(queue.name):
            if not jobs_to:
                self.accept(queue.name, yes=queue.accepting)
                return len(waiting)
            self.move_jobs(queue.name, jobs_to)
        self.remove(queue.name)
        return 0

    def set_default(self, name: str) -> None:
        """Make a queue the server's default."""
        self._ask(_Call(Operation.SET_DEFAULT, [self._about(name)], path="/admin/"))

    def stop(self, name: str) -> None:
        """Print nothing more of a queue; who prints is still taken, and waits."""
        self._ask(_Call(Operation.PAUSE_PRINTER, [self._about(name)], path="/admin/"))

    def resume(self, name: str) -> None:
        """Print what waits."""
        self._ask(_Call(Operation.RESUME_PRINTER, [self._about(name)], path="/admin/"))

    def accept(self, name: str, yes: bool) -> None:
        """Let people print into a queue, or turn them away."""
        operation = Operation.ACCEPT_JOBS if yes else Operation.REJECT_JOBS
        self._ask(_Call(operation, [self._about(name)], path="/admin/"))

    # Jobs

    def jobs(self, name: str, which: str = "not-completed") -> list[Job]:
        """The jobs of a queue: `not-completed`, `completed` or `all`."""
        about = [
            self._about(name),
            Attribute(Tag.KEYWORD, "which-jobs", [which]),
            Attribute(Tag.KEYWORD, "requested-attributes", _JOB),
        ]
        return [_job(group) for group in self._ask(_Call(Operation.GET_JOBS, about)).of(JOB)]

    def job(self, number: int) -> Job:
        """One job by its number."""
        about = [
            Attribute(Tag.URI, "job-uri", [self._job_uri(number)]),
            Attribute(Tag.KEYWORD, "requested-attributes", _JOB),
        ]
        return _job(self._ask(_Call(Operation.GET_JOB, about)).of(JOB)[0])

    def move_jobs(self, name: str, to: str) -> None:
        """Move the waiting jobs of a queue into another one."""
        its = [Attribute(Tag.URI, "job-printer-uri", [self._uri(to)])]
        self._ask(_Call(Operation.MOVE_JOB, [self._about(name)], {JOB: its}))

    def submit(self, name: str, title: str, document: bytes, kind: str = "application/pdf") -> int:
        """Print a document; the job's number."""
        about = [
            self._about(name),
            Attribute(Tag.NAME, "requesting-user-name", [_US]),
            Attribute(Tag.NAME, "job-name", [title]),
            Attribute(Tag.FORMAT, "document-format", [kind]),
        ]
        found = self._ask(
            _Call(Operation.PRINT_JOB, about, path=f"/printers/{quote(name)}", document=document)
        )
        return int(str(found.of(JOB)[0]["job-id"][0]))

    def test_page(self, name: str, title: str, document: bytes, patience_s: float) -> Job:
        """Print a document and wait for it; a job that is not over by then is returned so, and taken back."""
        number = self.submit(name, title, document)
        until = time.monotonic() + patience_s
        while not (job := self.job(number)).over and time.monotonic() < until:
            time.sleep(_POLL_S)
        if not job.over:
            # Nobody waits for it any more, and it would be in the way of what people print.
            with suppress(PrintingError):
                self.cancel(number)
        return job

    def cancel(self, number: int) -> None:
        """Take a job of ours back."""
        about = [
            Attribute(Tag.URI, "job-uri", [self._job_uri(number)]),
            Attribute(Tag.NAME, "requesting-user-name", [_US]),
        ]
        self._ask(_Call(Operation.CANCEL_JOB, about, path="/jobs/"))

    # How it is asked

    def _uri(self, name: str) -> str:
        return f"ipps://{self._host.host}:{self._host.port or 443}/printers/{quote(name)}"

    def _job_uri(self, number: int) -> str:
        return f"ipps://{self._host.host}:{self._host.port or 443}/jobs/{number}"

    def _about(self, name: str) -> Attribute:
        return Attribute(Tag.URI, "printer-uri", [self._uri(name)])

    def _ask(self, call: _Call) -> Answer:
        if self._client is None:
            raise RuntimeError("used outside of `with`")
        body = question(call.operation, call.about, call.more) + call.document
        try:
            response = self._client.post(call.path, content=body, headers={"Content-Type": "application/ipp"})
        except httpx.TransportError as error:
            raise self._trouble(error) from error
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise PrintLogonRefused(server=self.settings.name)
        try:
            found = answer(response.raise_for_status().content)
        except (httpx.HTTPStatusError, NotIpp) as error:
            why = _("status {status}, and no answer in IPP").format(status=response.status_code)
            raise PrintingError(server=self.settings.name, why=why) from error
        if found.ok or found.status in call.allowed:
            return found
        if found.status == _NOT_FOUND and call.about[0].name == "printer-uri":
            raise NoQueue(server=self.settings.name, queue=str(call.about[0].values[0]).rpartition("/")[2])
        raise PrintingError(server=self.settings.name, why=found.message)

    def _trouble(self, error: httpx.TransportError) -> PrintingError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return PrintServerNotTrusted(server=self.settings.name, why=cause.verify_message)
            cause = cause.__cause__ or cause.__context__
        return PrintServerAway(server=self.settings.name, why=str(error) or type(error).__name__)


def _queue(group: Mapping[str, Sequence[object]], default: str) -> Queue:
    name = _text(group, "printer-name")
    model = _text(group, "printer-make-and-model")
    driver = RAW if "raw" in model.lower() else EVERYWHERE if model.endswith("IPP Everywhere") else model
    return Queue(
        name=name,
        uri=_text(group, "device-uri"),
        location=_text(group, "printer-location"),
        info=_text(group, "printer-info"),
        driver=driver,
        accepting=bool(group.get("printer-is-accepting-jobs", [False])[0]),
        stopped=_number(group, "printer-state") == 5,
        waiting=_number(group, "queued-job-count"),
        default=name == default,
    )


def _job(group: Mapping[str, Sequence[object]]) -> Job:
    return Job(
        id=_number(group, "job-id"),
        name=_text(group, "job-name"),
        user=_text(group, "job-originating-user-name"),
        state=_JOB_STATES.get(_number(group, "job-state"), "pending"),
        why=", ".join(map(str, group.get("job-state-reasons", []))),
        pages=_number(group, "job-impressions-completed"),
    )


def _text(group: Mapping[str, Sequence[object]], name: str) -> str:
    return str(group.get(name, [""])[0])


def _number(group: Mapping[str, Sequence[object]], name: str) -> int:
    found = group.get(name, [0])[0]
    return found if isinstance(found, int) else 0
