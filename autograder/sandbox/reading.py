"""Reads what a notebook process sends; nothing of it is trusted.

A `Transcript` takes the frames of one step and makes nbformat outputs and probes of them. Whatever
is not exactly what an honest process sends raises `ForgedError`, and ends the step. Text is freed
of control characters, of pictures only PNG is kept, and sizes are counted before all else.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.model import Ending, Failure, Foreign, Limits, Probe, Value

from .inside.probes import COMPARISONS

Header = dict[str, Any]
_DTYPES = frozenset(
    (
        "|b1",
        "|i1",
        "|u1",
        "<i2",
        "<i4",
        "<i8",
        "<u2",
        "<u4",
        "<u8",
        "<f2",
        "<f4",
        "<f8",
        "<c8",
        "<c16",
    )
)
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_MAX_PROBES, _MAX_DIMENSIONS = 10_000, 32
_TRACEBACK_BYTES = 100_000
# Escape sequences, then single control characters; colours (SGR) are put back by _clean.
_CONTROL = re.compile(
    r"\x1b\[[0-9;]{0,40}m"
    r"|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -~]?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]",
    re.DOTALL,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,40}m")


class ForgedError(Exception):
    """A frame that no honest notebook process sends."""


class Transcript:
    """What one step has put out and handed out so far."""

    def __init__(self, index: int, limits: Limits) -> None:
        self._index = index
        self._output_left = 2 * limits.output_bytes + 4 * _TRACEBACK_BYTES
        self._value_left = limits.value_bytes
        self._frames_left = 2 * _MAX_PROBES + limits.output_bytes // 50
        self._clear_pending = False
        self._displays: dict[str, list[Header]] = {}
        self._outputs: list[Header] = []
        self._probes: dict[str, Probe] = {}
        self.done = False
        self.ending = Ending.OK
        self.failure: Failure | None = None
        self.memory_bytes = 0

    @property
    def outputs(self) -> tuple[Mapping[str, Any], ...]:
        """The outputs as nbformat has them; neighbouring texts are one."""
        for output in self._outputs:
            if isinstance(output.get("text"), list):
                output["text"] = _clean("".join(output["text"]))
        return tuple(self._outputs)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The values handed out."""
        return tuple(self._probes.values())

    def take(self, header: Header, body: bytearray) -> None:
        """Take one frame, or raise ForgedError."""
        self._frames_left -= 1
        if header.get("step") != self._index or self._frames_left < 0:
            raise ForgedError("a frame that belongs to no step")
        actions = {
            "stream": self._stream,
            "display": self._display,
            "update": self._display,
            "result": self._display,
            "clear": self._clear,
            "truncated": self._truncated,
            "error": self._error,
            "probe": self._probe,
            "done": self._done,
        }
        kind = header.get("kind")
        if not isinstance(kind, str) or kind not in actions:
            raise ForgedError("a frame of unknown kind")
        if kind != "probe":
            self._output_left -= len(body)
            if self._output_left < 0:
                raise ForgedError("more output than allowed")
        actions[kind](header, _parts(header, body))

    def _stream(self, header: Header, parts: dict[str, bytes]) -> None:
        name = header.get("name")
        if name not in ("stdout", "stderr"):
            raise ForgedError("text on an unknown stream")
        text = parts.get("text", b"").decode("utf-8", "replace")
        self._clear_if_pending()
        last = self._outputs[-1] if self._outputs else {}
        if last.get("name") == name:
            last["text"].append(text)
        else:
            self._outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def _display(self, header: Header, parts: dict[str, bytes]) -> None:
        data = _pictures_and_text(parts)
        if not data:
            return
        identity = _text(header, "display", 100) if header["kind"] != "result" else ""
        if header["kind"] == "update":
            for output in self._displays.get(identity, []):
                output["data"] = data
            return
        self._clear_if_pending()
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        if header["kind"] == "result":
            count = _whole(header, "count", 1_000_000)
            output = {**output, "output_type": "execute_result", "execution_count": count}
        elif identity:
            self._displays.setdefault(identity, []).append(output)
        self._outputs.append(output)

    def _clear(self, header: Header, _: dict[str, bytes]) -> None:
        self._clear_pending = True
        if header.get("wait") is not True:
            self._clear_if_pending()

    def _clear_if_pending(self) -> None:
        if self._clear_pending:
            self._outputs.clear()
            self._clear_pending = False

    def _truncated(self, _: Header, __: dict[str, bytes]) -> None:
        self._clear_if_pending()
        text = "\n[the rest of the output was cut off]\n"
        self._outputs.append({"output_type": "stream", "name": "stderr", "text": [text]})

    def _error(self, _: Header, parts: dict[str, bytes]) -> None:
        texts = {key: data.decode("utf-8", "replace") for key, data in parts.items()}
        self._clear_if_pending()
        self._outputs.append(
            {
                "output_type": "error",
                "ename": _clean(texts.get("name", "")[:200]),
                "evalue": _clean(texts.get("value", "")[:4000]),
                "traceback": [_clean(text) for text in texts.get("traceback", "").split("\0")],
            }
        )

    def _probe(self, header: Header, parts: dict[str, bytes]) -> None:
        name, visible = _text(header, "name", 200), header.get("visible") is True
        if name in self._probes or len(self._probes) >= _MAX_PROBES:
            raise ForgedError("a probe's name came twice")
        data = parts.get("value", b"")
        self._value_left -= len(data)
        if self._value_left < 0:
            raise ForgedError("more values than allowed")
        value = _value(header.get("value"), data)
        self._probes[name] = Probe(name, value, _comparison(header.get("comparison")), visible)

    def _done(self, header: Header, _: dict[str, bytes]) -> None:
        ending = header.get("ending")
        if ending not in ("ok", "error", "memory"):
            raise ForgedError("an unknown ending")
        self.memory_bytes = _whole(header, "memory", 1 << 50)
        self.ending, self.done = Ending(ending), True
        if ending != "ok":
            self.failure = _failure(header.get("failure"))


def _parts(header: Header, body: bytearray) -> dict[str, bytes]:
    described = header.get("parts")
    if not isinstance(described, list) or len(described) > 10:
        raise ForgedError("parts without a description")
    parts: dict[str, bytes] = {}
    start = 0
    for part in described:
        match part:
            case [str() as name, int() as size] if 0 <= size <= len(body) - start:
                parts[name] = bytes(body[start : start + size])
                start += size
            case _:
                raise ForgedError("a part of impossible size")
    if start != len(body):
        raise ForgedError("bytes that belong to no part")
    return parts


def _pictures_and_text(parts: dict[str, bytes]) -> dict[str, str]:
    data = {}
    picture = parts.get("image/png", b"")
    if picture.startswith(_PNG) and picture.endswith(_PNG_END):
        data["image/png"] = base64.b64encode(picture).decode()
    if "text/plain" in parts:
        data["text/plain"] = _clean(parts["text/plain"].decode("utf-8", "replace"))
    return data


def _value(described: Any, data: bytes) -> Value:
    if not isinstance(described, dict):
        raise ForgedError("a value without a description")
    kind = described.get("type")
    if kind == "none":
        return None
    if kind == "text":
        return data.decode("utf-8", "replace")
    if kind == "foreign":
        return Foreign(_clean(data[:1000].decode("utf-8", "replace")))
    if kind == "array":
        return _array(described.get("dtype"), described.get("shape"), data)
    raise ForgedError("a value of unknown type")


def _array(dtype: Any, shape: Any, data: bytes) -> np.ndarray:
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ForgedError("an array of unknown type")
    if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
        raise ForgedError("an array without a shape")
    if not all(type(length) is int and 0 <= length < 1 << 40 for length in shape):
        raise ForgedError("an array of impossible shape")
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise ForgedError("an array whose shape and size differ")
    if dtype == "|b1":  # any other byte than 0 and 1 would be a bool that is neither
        data = (np.frombuffer(data, np.uint8) != 0).tobytes()
    array: np.ndarray = np.frombuffer(bytearray(data), dtype).reshape(shape)
    return array


def _comparison(described: Any) -> dict[str, float]:
    if not isinstance(described, dict) or not described.keys() <= COMPARISONS:
        raise ForgedError("an unknown comparison")
    if not all(type(limit) in (int, float) and abs(limit) < 1e300 for limit in described.values()):
        raise ForgedError("a comparison without a number")
    return {key: float(limit) for key, limit in described.items()}


def _failure(described: Any) -> Failure:
    if not isinstance(described, dict):
        raise ForgedError("a failure without a description")
    return Failure(
        name=_clean(_text(described, "name", 200)),
        message=_clean(_text(described, "message", 4000)),
        file=_clean(_text(described, "file", 500)),
        line=_whole(described, "line", 1 << 31),
    )


def _text(header: Header, key: str, length: int) -> str:
    value = header.get(key)
    if not isinstance(value, str) or len(value) > length:
        raise ForgedError(f"no usable {key}")
    return value.encode("utf-8", "replace").decode()  # without lone surrogates


def _whole(header: Header, key: str, limit: int) -> int:
    value = header.get(key)
    if type(value) is not int or not 0 <= value <= limit:
        raise ForgedError(f"no usable {key}")
    return value


def _clean(text: str) -> str:
    """Remove control characters and escape sequences other than colours."""
    return _CONTROL.sub(lambda found: found[0] if _COLOUR.fullmatch(found[0]) else "", text)
