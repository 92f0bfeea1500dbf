"""Frames between the grader and the sandbox.

A frame is two big-endian 32-bit lengths, a small JSON object and raw bytes. Neither side ever
unpickles anything. The receiver says how much it is willing to take before it reads it.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

Header = dict[str, Any]
Data = bytes | bytearray | memoryview

LENGTHS = struct.Struct(">II")
HEADER_BYTES = 1 << 16


class WireError(Exception):
    """What arrived is not a frame, or is larger than the receiver takes."""


class ClosedError(WireError):
    """The other side is gone."""


def send(channel: socket.socket, header: Header, body: Sequence[Data] = ()) -> None:
    """Send one frame whose body is the parts of `body` in a row."""
    text = json.dumps(header).encode()
    size = sum(memoryview(part).nbytes for part in body)
    channel.sendall(LENGTHS.pack(len(text), size) + text)
    for part in body:
        channel.sendall(part)


def receive(channel: socket.socket, body_bytes: int, header_bytes: int = HEADER_BYTES) -> Frame:
    """Wait for one frame with a header and a body of at most these sizes."""
    header_size, body_size = LENGTHS.unpack(_exactly(channel, LENGTHS.size))
    if header_size > header_bytes or body_size > body_bytes:
        raise WireError(f"a frame of {header_size} + {body_size} bytes is too large")
    try:
        header = json.loads(bytes(_exactly(channel, header_size)))
    except (ValueError, RecursionError) as error:
        raise WireError("the head of a frame is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("the head of a frame is not an object")
    return header, _exactly(channel, body_size)


Frame = tuple[Header, bytearray]


def send_descriptors(channel: socket.socket, descriptors: Sequence[int]) -> None:
    """Let the other side have copies of open descriptors, if there are any."""
    if descriptors:
        socket.send_fds(channel, [b"d"], list(descriptors))


def receive_descriptors(channel: socket.socket, count: int) -> list[int]:
    """Wait for as many open descriptors as the other side has announced."""
    return socket.recv_fds(channel, 1, count)[1] if count else []


def _exactly(channel: socket.socket, size: int) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        count = channel.recv_into(view)
        if not count:
            raise ClosedError("the other side closed the connection")
        view = view[count:]
    return buffer
