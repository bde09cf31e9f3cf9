"""The messages between the product and the process of a query: a tag, a length, and so many bytes."""

import json
import socket
import struct
from typing import Any

MESSAGE, PIECE = b"m", b"p"
"""JSON, and a piece of the result as an Arrow stream."""

_HEAD = struct.Struct("!cQ")
LARGEST_MESSAGE = 4 * 2**20
MOST_FILES = 120


class Ended(Exception):
    """The other side is gone."""


def send(to: socket.socket, tag: bytes, payload: bytes) -> None:
    try:
        to.sendall(_HEAD.pack(tag, len(payload)))
        to.sendall(payload)
    except OSError as error:
        raise Ended from error


def send_message(to: socket.socket, message: dict[str, Any]) -> None:
    send(to, MESSAGE, json.dumps(message).encode())


def receive(source: socket.socket, largest: int = LARGEST_MESSAGE) -> tuple[bytes, bytes]:
    """The next tag and payload. Raises Ended also where the payload is larger than it may be."""
    tag, length = _HEAD.unpack(_exactly(source, _HEAD.size))
    if length > largest:
        raise Ended
    return tag, _exactly(source, length)


def receive_message(source: socket.socket) -> dict[str, Any]:
    tag, payload = receive(source)
    if tag != MESSAGE:
        raise Ended
    found: dict[str, Any] = json.loads(payload)
    return found


def _exactly(source: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        try:
            piece = source.recv(min(size - len(found), 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise Ended from error
        if not piece:
            raise Ended
        found += piece
    return bytes(found)
