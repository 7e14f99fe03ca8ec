"""HTTPS to a server of the site: its certificate is always verified, by its name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from pathlib import Path


class ToAddress(httpx.HTTPTransport):
    """Connects to an address and still wants the certificate of the name."""

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        """Every request goes to `address`."""
        super().__init__(verify=context)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Exchange the host of the connection, not the one of the certificate."""
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=self._address)
        return super().handle_request(request)


def context_of(ca_file: Path | None) -> ssl.SSLContext:
    """What is trusted: the site's authority, or those of the system."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def client_of(
    url: str, address: str, ca_file: Path | None, *, timeout_s: float, auth: httpx.Auth | None = None
) -> httpx.Client:
    """A client for one server; `address` is where it is if its name cannot be resolved."""
    context = context_of(ca_file)
    transport = ToAddress(address, context) if address else httpx.HTTPTransport(verify=context)
    # No proxy and no .netrc of the environment: the servers are in the office.
    return httpx.Client(base_url=url, transport=transport, timeout=timeout_s, auth=auth, trust_env=False)
