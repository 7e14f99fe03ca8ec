"""A static web server for the package repository: `python webserver.py FOLDER ADDRESS PORT`."""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(SimpleHTTPRequestHandler):
    """Serves files, always in full.

    HTTP dates count in seconds, so a client that asks "newer than ...?" would miss the second of
    two publications within one second.
    """

    protocol_version = "HTTP/1.1"

    def send_head(self) -> Any:
        del self.headers["If-Modified-Since"]
        return super().send_head()


def main(folder: str, address: str, port: int) -> None:
    ThreadingHTTPServer.daemon_threads = True
    with ThreadingHTTPServer((address, port), partial(Handler, directory=folder)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
