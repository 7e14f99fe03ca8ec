"""不審なプログラムの遮断: a machine with suspected malware talks to nobody but its management."""

from __future__ import annotations

from typing import Final

from pydantic import Field, field_validator

from daicho.endpoints.isolation import is_probe, networks
from daicho.i18n import N_
from daicho.i18n import gettext as _
from daicho.works.work import Inputs, Work


class IsolateEndpoint(Inputs):
    """Who may still talk to the machines."""

    management: tuple[str, ...] = Field(
        min_length=1,
        max_length=50,
        description=N_(
            "IPv4 addresses and networks that stay reachable: this controller, and what our logon needs (for "
            "an account of the domain: its controllers)."
        ),
    )
    probes: tuple[str, ...] = Field(
        default=(),
        max_length=10,
        description=N_(
            "Places that the machine must not reach afterwards, `192.0.2.20:445`; empty: its name servers."
        ),
    )
    minutes: int = Field(
        default=5,
        ge=2,
        le=60,
        description=N_("After which a machine goes back by itself unless we got in again."),
    )
    proof_seconds: int = Field(
        default=60, ge=1, le=600, description=N_("Seconds within which we have to get in again.")
    )

    @field_validator("management")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            found = networks(texts)
        except ValueError as error:
            raise ValueError(_("{why}; write 192.0.2.10 or 192.0.2.0/28").format(why=error)) from error
        if any(network.prefixlen < 8 for network in found):
            raise ValueError(_("a network as large as that is no isolation"))
        return texts

    @field_validator("probes")
    @classmethod
    def _are_places(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [text for text in texts if not is_probe(text)]:
            raise ValueError(
                _("{place} is no address with a port; write 192.0.2.20:445").format(place=wrong[0])
            )
        return texts


ISOLATE_ENDPOINT: Final = Work(
    name="isolate_endpoint",
    title=N_("Cut machines off that may have malware"),
    runner="script",
    craft="daicho.endpoints.isolation_craft:open_craft",
    inputs=IsolateEndpoint,
    kinds=frozenset({"endpoint", "server"}),
    context="daicho.endpoints.places:one_each",
)
