"""Every way in which a device can fail to answer, with the device's name in its sentence."""

from __future__ import annotations

from daicho.errors import DaichoError, ExitCode
from daicho.i18n import N_


class DeviceError(DaichoError):
    """A device could not be asked."""

    exit_code = ExitCode.INCOMPLETE
    sentence = N_("{device} could not be asked: {why}.")


class NotReached(DeviceError):
    """No SSH session came about."""

    sentence = N_("{device} did not open an SSH session on {address} ({why}).")


class HostKeyUnknown(DeviceError):
    """The device is not in known_hosts, or shows another key than there."""

    sentence = N_(
        "{device} was not spoken to: its host key at {address} is not the one in {known_hosts}. "
        "If the device was replaced, put its new key there."
    )


class LoginRefused(DeviceError):
    """The device answered and did not let us in."""

    sentence = N_(
        "{device} refused the login of {user}. Does it trust the site's SSH CA? `daicho init` shows the key."
    )


class PasswordRefused(DeviceError):
    """The device answered and did not take the password."""

    sentence = N_(
        "{device} refused the password of {user}. "
        "`daicho secret set {credential}` gives daicho the right one."
    )


class EnableRefused(DeviceError):
    """The device let us in, but not into its privileged mode."""

    exit_code = ExitCode.FAILED
    sentence = N_(
        "{device} let {user} in, but not into its privileged mode. Give the account the right to it, "
        "or set the secret {secret} with `daicho secret set {secret}`."
    )


class NoAnswer(DeviceError):
    """The device let us in and then did not answer a command."""

    sentence = N_("{device} did not answer `{command}` within {seconds} seconds.")


class SessionLost(DeviceError):
    """The session ended in the middle."""

    sentence = N_("{device} ended the session at `{command}`.")


class NotRepeated(DeviceError):
    """What came back is not what was typed."""

    sentence = N_(
        "{device} did not repeat `{command}` as it was typed (it showed `{shown}`): somebody or something "
        "else writes on its session."
    )
