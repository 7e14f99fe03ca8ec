"""Kea, asked and changed over its control agent: HTTPS with a name and a password.

Reservations are changed by exchanging the whole configuration (the hook that changes single ones is not
free software everywhere): it is read, edited, tested, put in force and written to the server's file. What
somebody else changed meanwhile stays, because the edits are made on what is in force right then.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from daicho.dhcp.reservations import Configuration, edited, plain_mac
from daicho.dhcp.wrong import (
    AddressReserved,
    ConfigurationNotKept,
    ConfigurationRefused,
    DhcpAway,
    DhcpError,
    DhcpLogonRefused,
    DhcpNotTrusted,
    ReservationDiffers,
)
from daicho.i18n import gettext as _
from daicho.tls import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from daicho.dhcp.reservations import Edit, Reservation
    from daicho.dhcp.settings import DhcpSettings

SECRET: Final = "dhcp"  # noqa: S105 -- the name of a secret
_EMPTY: Final = 3
"""Kea's result for: understood, and there is none."""
_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Lease:
    """An address that somebody has right now."""

    address: str
    mac: str
    hostname: str


class Kea:
    """One logon to the control agent. Use it as a context manager."""

    def __init__(self, settings: DhcpSettings, password: Callable[[], str]) -> None:
        """Nothing is asked yet; `password` gives the secret when it is needed."""
        self.settings = settings
        self._password = password
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Open the way to the agent."""
        auth = httpx.BasicAuth(self.settings.user, self._password())
        self._client = client_of(
            self.settings.url,
            self.settings.address,
            self.settings.ca_file,
            timeout_s=self.settings.timeout_s,
            auth=auth,
        )
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def configuration(self) -> Configuration:
        """What is in force now.

        Raises:
            DhcpError: The server cannot be asked.
        """
        return Configuration(self._ask("config-get")["Dhcp4"])

    def leases(self, subnets: Sequence[int] = ()) -> list[Lease]:
        """The addresses that are given out now, of these subnets or of all.

        Raises:
            DhcpError: The server cannot be asked, or has not loaded its lease commands.
        """
        given = {"subnets": list(subnets)} if subnets else None
        found = self._ask("lease4-get-all", given).get("leases", ())
        return [
            Lease(each["ip-address"], plain_mac(each["hw-address"]), each.get("hostname", ""))
            for each in found
            if each.get("state", 0) == 0
        ]

    def apply(self, edits: Iterable[Edit]) -> Mapping[str, DhcpError]:
        """Make all edits in one step: tested, put in force, written. One that is made already stays made.

        Returns:
            Hardware address → why its edit was not made; all others were.

        Raises:
            DhcpError: None was made.
        """
        edits = list(edits)
        for attempt in range(_ATTEMPTS):
            present = self.configuration()
            refused = _refused(present, edits)
            owing = [each for each in edits if each.mac not in refused and not _made(present, each)]
            if not owing:
                return refused
            wanted = edited(present.raw, owing)
            self._test(wanted)
            # Kea has no "only if nobody changed it": the moment in which that could happen is this short.
            if self.configuration().digest == present.digest or attempt == _ATTEMPTS - 1:
                self._ask("config-set", {"Dhcp4": wanted})
                self.write()
                return refused
        raise AssertionError("unreachable")

    def write(self) -> None:
        """Write what is in force to the server's file.

        Raises:
            ConfigurationNotKept: It could not.
        """
        try:
            self._ask("config-write", {"filename": self.settings.file} if self.settings.file else None)
        except DhcpError as error:
            if error.unreachable:
                raise
            raise ConfigurationNotKept(server=self.server, why=error.facts["why"]) from error

    @property
    def server(self) -> str:
        """Its name in sentences."""
        return httpx.URL(self.settings.url).host

    def _test(self, wanted: Mapping[str, Any]) -> None:
        try:
            self._ask("config-test", {"Dhcp4": wanted})
        except DhcpError as error:
            if type(error) is not DhcpError:
                raise
            raise ConfigurationRefused(server=self.server, why=error.facts["why"]) from error

    def _ask(self, command: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        question: dict[str, Any] = {"command": command, "service": ["dhcp4"]}
        if arguments:
            question["arguments"] = arguments
        answer = self._post(question)
        if answer.get("result") not in {0, _EMPTY}:
            why = str(answer.get("text", ""))
            # The agent answers for a server that is down.
            if "unable to forward" in why or "not configured" in why.lower():
                raise DhcpAway(server=self.server, why=why)
            raise DhcpError(server=self.server, why=why)
        found: dict[str, Any] = dict(answer.get("arguments", {}))
        found.pop("hash", None)
        return found

    def _post(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if self._client is None:
            raise RuntimeError("used outside of `with`")
        try:
            response = self._client.post("/", json=question)
        except httpx.TransportError as error:
            raise self._trouble(error) from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise DhcpLogonRefused(server=self.server, name=self.settings.user)
        try:
            answers = response.raise_for_status().json()
            answer: dict[str, Any] = answers[0] if isinstance(answers, list) else answers
        except (httpx.HTTPStatusError, ValueError, IndexError) as error:
            why = _("status {status}, and no answer of Kea").format(status=response.status_code)
            raise DhcpError(server=self.server, why=why) from error
        return answer

    def _trouble(self, error: httpx.TransportError) -> DhcpError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return DhcpNotTrusted(server=self.server, why=cause.verify_message)
            cause = cause.__cause__ or cause.__context__
        return DhcpAway(server=self.server, why=str(error) or type(error).__name__)


def _refused(present: Configuration, edits: Sequence[Edit]) -> dict[str, DhcpError]:
    found: dict[str, DhcpError] = {}
    none = _("none")
    for edit in edits:
        for subnet, expected, wanted in _sides(edit):
            there = present.at(edit.mac, subnet)
            if there not in (expected, wanted):
                found[edit.mac] = ReservationDiffers(
                    mac=edit.mac, found=str(there or none), expected=str(expected or none)
                )
    return _with_those_in_their_way(present, edits, found)


def _with_those_in_their_way(
    present: Configuration, edits: Sequence[Edit], found: dict[str, DhcpError]
) -> dict[str, DhcpError]:
    """Whoever stays where he is keeps his address from the next, and he from the one behind him."""
    while True:
        leaving = {each.mac for each in edits if each.mac not in found and each.before}
        blocked = {
            each.mac: AddressReserved(address=each.after.address, holder=str(holder.hostname or holder.mac))
            for each in edits
            if each.mac not in found
            and each.after
            and (holder := present.by_address.get(each.after.address))
            and holder.mac not in {each.mac, *leaving}
        }
        if not blocked:
            return found
        found |= blocked


def _made(present: Configuration, edit: Edit) -> bool:
    """Whether all of an edit stands already."""
    return all(present.at(edit.mac, subnet) == wanted for subnet, _expected, wanted in _sides(edit))


def _sides(edit: Edit) -> list[tuple[int, Reservation | None, Reservation | None]]:
    """What an edit expects and wants in each subnet that it touches."""

    def within(reservation: Reservation | None, subnet: int) -> Reservation | None:
        return reservation if reservation and reservation.subnet == subnet else None

    subnets = {each.subnet for each in (edit.before, edit.after) if each}
    return [(subnet, within(edit.before, subnet), within(edit.after, subnet)) for subnet in sorted(subnets)]
