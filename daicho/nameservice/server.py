"""The primary name server: asked and updated, every message signed (RFC 8945, RFC 2136)."""

from __future__ import annotations

import base64
import binascii
import socket
from itertools import batched
from typing import TYPE_CHECKING, Final, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig

from daicho.i18n import gettext as _
from daicho.nameservice.names import (
    BATCH,
    Looked,
    NameEdit,
    PointerEdit,
    Standing,
    absolute,
    backward,
    forward,
    pointer,
    pointers,
    zone_of,
)
from daicho.nameservice.wrong import (
    AddressNamed,
    KeyRefused,
    NameDiffers,
    NamesAway,
    NamesError,
    UpdateRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from daicho.nameservice.settings import DnsSettings

SECRET: Final = "dns"  # noqa: S105 -- the name of a secret
_ATTEMPTS: Final = 3
_RACE: Final = frozenset({dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN})


class NameServer:
    """One conversation with the primary server. Use it as a context manager."""

    def __init__(self, settings: DnsSettings, secret: Callable[[], str]) -> None:
        """Nothing is asked yet; `secret` gives the key (base64) when it is needed."""
        self.settings = settings
        self._secret = secret
        self._key: dns.tsig.Key | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        """Take the key."""
        try:
            plain = base64.b64decode(self._secret(), validate=True)
        except binascii.Error as error:
            raise self._key_refused(_("the secret is not base64")) from error
        self._key = dns.tsig.Key(absolute(self.settings.key), plain, f"{self.settings.algorithm}.")
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up, and forget the key."""
        self._hang_up()
        self._key = None

    def name(self, label: str) -> str:
        """A terminal's or printer's name in full."""
        return f"{label.lower()}.{self.settings.domain}"

    def look(self, names: Iterable[str], addresses: Iterable[str] = ()) -> Looked:
        """What stands about these names, about the addresses that they have, and about these addresses.

        Raises:
            NamesError: The server cannot be asked.
        """
        found: dict[str, tuple[str, ...]] = {}
        ttls: dict[str, int] = {}
        for name in dict.fromkeys(names):
            found[name], ttls[name] = self._records(absolute(name), dns.rdatatype.A)
        wanted = dict.fromkeys([*(each for several in found.values() for each in several), *addresses])
        backs = {address: self._given(address) for address in wanted}
        return Looked(found, ttls, backs)

    def apply(self, edits: Iterable[NameEdit]) -> Mapping[str, NamesError]:
        """Change names and what their addresses give, in as few messages as fit; what stands, stands.

        Returns:
            Name → why it was not changed; all others were.

        Raises:
            NamesError: The server cannot be asked or takes no updates; names before it may be changed.
        """
        edits = list(edits)
        refused: dict[str, NamesError] = {}
        for _attempt in range(_ATTEMPTS):
            looked = self.look((each.name for each in edits), _touched(edits))
            refused = _refused(looked, edits)
            owing = [each for each in edits if each.name not in refused]
            names = [each for each in owing if not _stands(looked, each)]
            backs = [each for each in pointers(owing) if not _gives(looked, each)]
            if not names and not backs:
                return refused
            # Somebody else was quicker than our look: look again.
            if self._send_names(names, looked) and self._send_pointers(backs, looked):
                return refused
        raise NamesError(server=self.settings.server, why=_("somebody else keeps changing the same names"))

    def _send_names(self, edits: Sequence[NameEdit], looked: Looked) -> bool:
        sent = True
        for some in batched(edits, BATCH):
            zone = zone_of(absolute(some[0].name), [self.settings.domain])
            present = [
                NameEdit(name=each.name, before=looked.standing(each.name), after=each.after) for each in some
            ]
            sent &= self._update(forward(zone or self.settings.domain, present), self.settings.domain)
        return sent

    def _send_pointers(self, edits: Sequence[PointerEdit], looked: Looked) -> bool:
        by_zone: dict[str, list[PointerEdit]] = {}
        for each in edits:
            zone = zone_of(pointer(each.address), self.settings.reverse)
            if zone:
                before = next(iter(looked.names.get(each.address, ())), "")
                present = PointerEdit(address=each.address, before=before, after=each.after, ttl=each.ttl)
                by_zone.setdefault(zone, []).append(present)
        sent = True
        for zone, its in by_zone.items():
            for some in batched(its, BATCH):
                sent &= self._update(backward(zone, some), zone)
        return sent

    def _update(self, message: dns.message.Message, zone: str) -> bool:
        code = self._exchange(message).rcode()
        if code in _RACE:
            return False
        if code != dns.rcode.NOERROR:
            raise UpdateRefused(server=self.settings.server, zone=zone, why=dns.rcode.to_text(code))
        return True

    def _given(self, address: str) -> tuple[str, ...]:
        return self._records(pointer(address), dns.rdatatype.PTR)[0]

    def _records(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> tuple[tuple[str, ...], int]:
        question = dns.message.make_query(name, kind)
        question.flags &= ~dns.flags.RD
        answer = self._exchange(question)
        if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            raise NamesError(server=self.settings.server, why=dns.rcode.to_text(answer.rcode()))
        found = [each for each in answer.answer if each.name == name and each.rdtype == kind]
        if not found:
            return (), 0
        return tuple(sorted(each.to_text().rstrip(".").lower() for each in found[0])), found[0].ttl

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        if self._key is None:
            raise RuntimeError("used outside of `with`")
        message.use_tsig(self._key)
        try:
            return self._spoken(message)
        except (dns.tsig.PeerError, dns.tsig.BadSignature, dns.message.UnknownTSIGKey) as error:
            raise self._key_refused(str(error)) from error
        except dns.exception.Timeout as error:
            raise self._away(_("no answer within {seconds:g} s")) from error
        except (OSError, EOFError) as error:
            raise self._away(str(error) or type(error).__name__) from error
        except dns.exception.DNSException as error:
            raise NamesError(server=self.settings.server, why=str(error)) from error

    def _spoken(self, message: dns.message.Message) -> dns.message.Message:
        """One question and its answer; all go over one connection, opened again if the server closed it."""
        for fresh in (False, True):
            if self._socket is None or fresh:
                self._hang_up()
                self._socket = self._connected()
            try:
                return dns.query.tcp(
                    message, self.settings.server, timeout=self.settings.timeout_s, sock=self._socket
                )
            except (OSError, EOFError):
                if fresh:
                    raise
        raise AssertionError("unreachable")

    def _connected(self) -> socket.socket:
        where = (self.settings.server, self.settings.port)
        made = socket.create_connection(where, timeout=self.settings.timeout_s)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)
        return made

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _away(self, why: str) -> NamesAway:
        self._hang_up()
        return NamesAway(server=self.settings.server, why=why.format(seconds=self.settings.timeout_s))

    def _key_refused(self, why: str) -> KeyRefused:
        return KeyRefused(server=self.settings.server, key=self.settings.key, why=why)


def _touched(edits: Iterable[NameEdit]) -> list[str]:
    return [side.address for each in edits for side in (each.before, each.after) if side]


def _refused(looked: Looked, edits: Sequence[NameEdit]) -> dict[str, NamesError]:
    """The names that are neither as they were looked at nor as they are to be."""
    found: dict[str, NamesError] = {}
    none = _("none")
    for edit in edits:
        there = looked.standing(edit.name)
        if looked.several(edit.name) or _plain(there) not in (_plain(edit.before), _plain(edit.after)):
            shown = ", ".join(looked.addresses[edit.name]) or none
            expected = str(edit.before or none)
            found[edit.name] = NameDiffers(name=edit.name, found=shown, expected=expected)
    return _with_those_in_their_way(looked, edits, found)


def _with_those_in_their_way(
    looked: Looked, edits: Sequence[NameEdit], found: dict[str, NamesError]
) -> dict[str, NamesError]:
    """Whoever stays keeps his address from the next, and he from the one behind him."""
    while True:
        leaving = {each.name for each in edits if each.name not in found and each.before}
        blocked: dict[str, NamesError] = {
            each.name: AddressNamed(address=each.after.address, holder=", ".join(sorted(holders)))
            for each in edits
            if each.name not in found
            and each.after
            and each.after.back
            and (holders := {*looked.names.get(each.after.address, ())} - {each.name, *leaving})
        }
        if not blocked:
            return found
        found |= blocked


def _plain(standing: Standing | None) -> str:
    # The time to live is no fact of its own: a move lowers it before and raises it again.
    return standing.address if standing else ""


def _stands(looked: Looked, edit: NameEdit) -> bool:
    there = looked.standing(edit.name)
    if there is None or edit.after is None:
        return there is edit.after
    return (there.address, there.ttl) == (edit.after.address, edit.after.ttl)


def _gives(looked: Looked, edit: PointerEdit) -> bool:
    """Whether an address gives its name; what it gives beside is left to those whose it is."""
    names = looked.names.get(edit.address, ())
    return names == ((edit.after,) if edit.after else ()) or (not edit.after and edit.before not in names)
