"""What can go wrong with the DHCP server, in words.

DhcpError                      the server refused or could not be asked
├── DhcpAway                   it does not answer
├── DhcpNotTrusted             its certificate does not fit: nothing was sent
├── DhcpLogonRefused           wrong name or password
├── ConfigurationRefused       config-test found the new configuration wrong: nothing was changed
├── ConfigurationNotKept       it is in force, and would be lost with a restart
├── ReservationDiffers         somebody else changed this reservation meanwhile
└── AddressReserved            the address is another's, who keeps it
"""

from __future__ import annotations

from typing import ClassVar

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_


class DhcpError(DaichoError):
    """The DHCP server refused or could not be asked."""

    exit_code = ExitCode.FAILED
    sentence = N_("The DHCP server {server} refuses: {why}")
    unreachable: ClassVar[bool] = False


class DhcpAway(DhcpError):
    """It does not answer."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_(
        "The DHCP server {server} does not answer: {why}. Check its control agent, and `dhcp:` in "
        "services.yml."
    )
    unreachable = True


class DhcpNotTrusted(DhcpError):
    """Its certificate does not fit; nothing was sent to it."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The certificate of the DHCP server {server} is not trusted ({why}). Nothing was sent to it. "
        "Check `ca_file:` in services.yml, and that the certificate carries this name."
    )


class DhcpLogonRefused(DhcpError):
    """It does not accept our name and password."""

    exit_code = ExitCode.REFUSED
    sentence = N_(
        "The DHCP server {server} does not accept the logon of {name}. Correct the secret `dhcp` or `user:` "
        "in services.yml."
    )


class ConfigurationRefused(DhcpError):
    """The new configuration was tested and is wrong; the old one is in force."""

    sentence = N_("The DHCP server {server} would not take the reservations ({why}). Nothing was changed.")


class ConfigurationNotKept(DhcpError):
    """The reservations are in force and not in the server's file."""

    sentence = N_(
        "The DHCP server {server} has the reservations, but could not write its file ({why}): they would be "
        "lost with a restart. See that it may write there, and repeat."
    )


class ReservationDiffers(DhcpError):
    """Somebody else changed a reservation since it was looked at."""

    sentence = N_(
        "the reservation of {mac} is {found} and was {expected} when it was looked at: somebody else changed "
        "it. Plan anew"
    )


class AddressReserved(DhcpError):
    """An address is another's, who keeps it."""

    sentence = N_("the address {address} is reserved for {holder}, who does not give it up")
