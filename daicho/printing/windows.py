"""A Windows print server: its queues, over WinRM with the logon of the site's `windows.yml`.

A queue prints through a port; here it is an address as that of any queue:

| address | port |
|---|---|
| `socket://10.1.20.11:9100` | standard TCP/IP, raw |
| `lpd://10.1.20.11/lp` | standard TCP/IP, LPR |
| `port:LPT1:` | another kind (USB, WSD, IPP): it stays as it is |
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from daicho.craft import Trouble
from daicho.endpoints.script import run
from daicho.endpoints.session import Access, Endpoint, Session
from daicho.endpoints.wrong import NotDone
from daicho.i18n import gettext as _
from daicho.printing.queue import EVERYWHERE, RAW, Job, Queue
from daicho.printing.wrong import NoQueue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daicho.printing.settings import PrintServer

_RAW_PORT: Final = 9100
_LPR_PORT: Final = 515
_OTHER: Final = "port:"
_DRAIN_S: Final = 60
"""How long waiting jobs may take to come out of another printer."""
_BESIDE_S: Final = 60
"""What PowerShell may take besides."""


class WindowsQueues:
    """One print server. Use it as a context manager; nothing is sent before it is asked."""

    def __init__(self, settings: PrintServer, access: Access) -> None:
        """`access` is how the site's Windows machines are logged on to."""
        self.settings = settings
        its = settings.host
        self._endpoint = Endpoint(name=its, address=settings.address or its, facts={})
        self._access = access
        self._session: Session | None = None
        self._drivers: frozenset[str] | None = None

    def __enter__(self) -> Self:
        """Nothing is sent yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self._leave()

    @property
    def host(self) -> str:
        """Its name in the DNS."""
        return self.settings.host

    def queues(self) -> dict[str, Queue]:
        """All queues by name; those of other servers that it is connected to are none of its own."""
        found = self._run("get_print_queues", {})
        self._drivers = frozenset(str(each) for each in found["drivers"])
        return {each["name"]: _queue(each, found["ports"]) for each in found["queues"]}

    def suited(self, queue: Queue) -> Queue:
        """Printed to raw unless it says `lpd:`, with a driver that is installed, and shared by its name.

        Raises:
            Trouble: The driver is not installed, or its port is of a kind that cannot be made.
        """
        uri = queue.uri
        if uri.startswith(_OTHER):
            why = _("the queue {queue} of {server} prints through {port}: give it a standard TCP/IP port")
            port = uri.removeprefix(_OTHER)
            raise Trouble(why=why.format(queue=queue.name, server=self.settings.name, port=port))
        if urlsplit(uri).scheme not in {"socket", "lpd"}:
            uri = f"socket://{urlsplit(uri).hostname}:{_RAW_PORT}"
        driver = self.settings.driver if queue.driver in {EVERYWHERE, RAW, ""} else queue.driver
        if self._drivers is None:
            self.queues()
        if driver not in (self._drivers or ()):
            why = _("the print server {server} has no driver {driver}: install it there first")
            raise Trouble(why=why.format(server=self.settings.name, driver=driver))
        return replace(queue, uri=uri, driver=driver, share=queue.share or queue.name)

    def put(self, queue: Queue) -> None:
        """Make a queue."""
        told = {"driver": queue.driver, "comment": queue.info, "share": queue.share}
        place = {"port": _port(queue.uri), "location": queue.location}
        self._run("set_print_queue", {"name": queue.name, **told, **place})

    def describe(self, name: str, *, uri: str | None = None, location: str | None = None) -> None:
        """Change a queue's port or place only; jobs that wait are printed through the new one."""
        due: dict[str, object] = {} if uri is None else {"port": _port(uri)}
        due |= {} if location is None else {"location": location}
        self._run("set_print_queue", {"name": name, **due})

    def set_default(self, name: str) -> None:
        """A Windows print server has no default: each user has."""
        why = _("the Windows print server {server} has no default queue of its own to be {queue}")
        raise Trouble(why=why.format(server=self.settings.name, queue=name))

    def resume(self, name: str) -> None:
        """Nothing to do: Windows tries again by itself, and only people pause a queue."""

    def take_away(self, queue: Queue, jobs_to: str) -> int:
        """Remove a queue; what waits comes out of the printer of another one first, if one is named."""
        order = {"name": queue.name, "to": jobs_to, "seconds": _DRAIN_S}
        return int(self._run("remove_print_queue", order, limit_s=_DRAIN_S + _BESIDE_S)["waiting"])

    def test_page(self, name: str, title: str, document: bytes, patience_s: float) -> Job:
        """Print Windows' own test page, which goes through the driver; it takes no document of ours."""
        del document
        order = {"name": name, "seconds": round(patience_s)}
        found = self._run("print_test_page", order, limit_s=patience_s + _BESIDE_S)
        state = "completed" if found["taken"] else "processing"
        return Job(id=0, name=title, user=self._access.site.user, state=state, why=found["why"], pages=0)

    def _run(self, script: str, arguments: Mapping[str, object], *, limit_s: float = 300) -> dict[str, Any]:
        session = self._session = self._session or Session(self._endpoint, self._access)
        try:
            session.open()
            return run(session, script, arguments, limit_s=limit_s)
        except NotDone as error:
            if error.kind == "no_queue":
                raise NoQueue(server=self.settings.name, queue=str(error.facts["why"])) from error
            raise
        except Trouble as error:
            # It may have restarted: whoever asks again logs on anew.
            if error.unreachable:
                self._leave()
            raise

    def _leave(self) -> None:
        if session := self._session:
            self._session = None
            session.__exit__()


def _queue(told: Mapping[str, Any], ports: Mapping[str, Mapping[str, Any]]) -> Queue:
    return Queue(
        name=str(told["name"]),
        uri=_uri(str(told["port"]), ports.get(told["port"], {})),
        location=str(told["location"]),
        info=str(told["comment"]),
        driver=str(told["driver"]),
        share=str(told["share"]),
        stopped=bool(told["paused"]),
        waiting=int(told["jobs"]),
    )


def _uri(name: str, port: Mapping[str, Any]) -> str:
    if not (host := port.get("host")):
        return _OTHER + name
    return f"lpd://{host}/{port['lpr']}" if port["lpr"] else f"socket://{host}:{port['number']}"


def _port(uri: str) -> dict[str, object]:
    parts = urlsplit(uri)
    if parts.scheme not in {"socket", "lpd"} or not parts.hostname:
        raise Trouble(why=_("a port for {uri} cannot be made on a Windows print server").format(uri=uri))
    if parts.scheme == "lpd":
        return {"host": parts.hostname, "number": _LPR_PORT, "lpr": parts.path.strip("/") or "lp"}
    return {"host": parts.hostname, "number": parts.port or _RAW_PORT, "lpr": ""}
