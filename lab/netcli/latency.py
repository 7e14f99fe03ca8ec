"""A network that takes its time: bytes from outside arrive a round trip late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

_CHUNK = 65536


async def delay(outside: socket.socket, inside: socket.socket, seconds: float) -> None:
    """Pass bytes between two sockets until either end closes; those from outside wait."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    receiving = asyncio.create_task(_receive(outside, waiting, seconds))
    moving = [asyncio.create_task(_deliver(waiting, inside)), asyncio.create_task(_copy(inside, outside))]
    try:
        await asyncio.wait(moving, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (receiving, *moving):
            task.cancel()
        await asyncio.gather(receiving, *moving, return_exceptions=True)
        outside.close()
        inside.close()


async def _receive(
    outside: socket.socket, waiting: asyncio.Queue[tuple[float, bytes]], seconds: float
) -> None:
    loop = asyncio.get_running_loop()
    data = b" "
    while data:
        try:
            data = await loop.sock_recv(outside, _CHUNK)
        except OSError:
            data = b""
        waiting.put_nowait((loop.time() + seconds, data))


async def _deliver(waiting: asyncio.Queue[tuple[float, bytes]], inside: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, data = await waiting.get()
        await asyncio.sleep(max(0.0, due - loop.time()))
        if not data:
            return
        await loop.sock_sendall(inside, data)


async def _copy(source: socket.socket, sink: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(source, _CHUNK):
        await loop.sock_sendall(sink, data)
