"""`probe` and `assert_close` as a graded notebook finds them.

Both only copy a value and hand it out, as plain numbers or text with a name; neither compares, and
`assert_close` never raises. Numbers leave as little-endian arrays in C order; what has no such form
leaves as a description.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

Header = dict[str, Any]
TEXT_BYTES = 10_000
COMPARISONS = frozenset(("rel_error", "abs_error", "exact", "accuracy", "share", "bonus"))
_NUMBER_TYPES = (bool, int, float, complex, np.generic, list, tuple)


def normalise(value: Any, budget: int) -> tuple[Header, bytes]:
    """Return a description of `value` and its bytes, at most `budget` of them."""
    if value is None:
        return {"type": "none"}, b""
    if isinstance(value, str):
        data = str.__str__(value).encode("utf-8", "replace")
        fits = len(data) <= min(TEXT_BYTES, budget)
        return ({"type": "text"}, data) if fits else _foreign("a text that is too large")
    if isinstance(value, np.ma.MaskedArray) or not isinstance(value, (np.ndarray, *_NUMBER_TYPES)):
        return _foreign(f"an object of type {type(value).__name__}")
    try:
        array = np.asarray(value)
    except Exception:
        return _foreign(f"a {type(value).__name__} that is no array")
    return _numbers(array, budget)


def _numbers(array: np.ndarray, budget: int) -> tuple[Header, bytes]:
    shape = tuple(int(n) for n in array.shape)
    if array.dtype.kind not in "biufc":
        return _foreign(f"an array of type {array.dtype}"[:200])
    if array.dtype.kind in "fc" and array.dtype.itemsize > (8 if array.dtype.kind == "f" else 16):
        array = array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
    size = array.size * array.dtype.itemsize
    if size > budget:
        return _foreign(f"an array of shape {shape}, too large to compare"[:300])
    data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    dtype = data.dtype.str.replace("|", "<") if data.dtype.itemsize > 1 else data.dtype.str
    return {"type": "array", "dtype": dtype, "shape": shape}, data.tobytes()


def _foreign(description: str) -> tuple[Header, bytes]:
    return {"type": "foreign"}, description.encode("utf-8", "replace")[:1000]


class Desk:
    """Hands out the values of one step; `fetch` makes a fresh array at each call."""

    def __init__(
        self,
        hand_out: Callable[[Header, bytes], None],
        budget: int,
        seed: int,
        fetch: Callable[[str], np.ndarray],
    ) -> None:
        self._hand_out = hand_out
        self._budget = budget
        self._seed = seed
        self._fetch = fetch
        self._streams = 0
        self._checks = 0
        self._names: set[str] = set()

    def record(self, name: str, value: Any, comparison: Header, visible: bool) -> None:
        """Copy `value` and hand it out."""
        described, data = normalise(value, self._budget)
        self._budget -= len(data)
        header = {"kind": "probe", "name": name, "visible": visible, "value": described}
        header["comparison"] = {key: float(limit) for key, limit in comparison.items()}
        self._hand_out(header, data)

    def probe(self, name: str, value: Any, **comparison: Any) -> None:
        """Hand `value` to the judge under a name that is used once in a step."""
        name = str(name)[:200]
        if not comparison or not comparison.keys() <= COMPARISONS:
            raise TypeError(f"probe {name!r} can't be compared by {sorted(comparison)}")
        if name in self._names:
            raise ValueError(f"probe {name!r} is used twice in one step")
        self._names.add(name)
        self.record(name, value, comparison, visible=False)

    def rng(self) -> np.random.Generator:
        """Return a generator of random numbers, another at each call."""
        self._streams += 1
        return np.random.default_rng([self._seed, self._streams])

    def input(self, name: str) -> np.ndarray:
        """Return an array that came with this step; what is done to it spoils no later call."""
        return self._fetch(name)

    def assert_close(
        self, actual: Any, expected: Any, rel_error: Any = None, abs_error: Any = None
    ) -> None:
        """Hand `actual` to the judge; the comparison is made there."""
        self._checks += 1
        comparison: Header = {"exact": 1.0}
        with contextlib.suppress(TypeError, ValueError):
            if rel_error is not None:
                comparison = {"rel_error": float(rel_error)}
            elif abs_error is not None:
                comparison = {"abs_error": float(abs_error)}
        self.record(f"check {self._checks}", actual, comparison, visible=True)


class Probe:
    """What `probe` is in a notebook: a function with two methods."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, name: str, value: Any, **comparison: Any) -> None:
        """Hand `value` to the judge."""
        self._desk.probe(name, value, **comparison)

    def rng(self) -> np.random.Generator:
        """Return a generator of random numbers, seeded by the grader."""
        return self._desk.rng()

    def input(self, name: str) -> np.ndarray:
        """Return an array that the judge provides."""
        return self._desk.input(name)
