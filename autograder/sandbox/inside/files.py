"""A notebook's files in its working folder: written once, and again where a step has changed them.

What one question deletes or overwrites is not to be missed by the next one.
"""

from __future__ import annotations

import os
from typing import Any


class Files:
    """Files below `folder`; `listed` has their names and sizes, `content` their bytes in a row."""

    def __init__(self, folder: str, listed: list[list[Any]], content: memoryview) -> None:
        self._content: dict[str, memoryview] = {}
        self._written: dict[str, tuple[int, ...]] = {}
        start = 0
        for name, size in listed:
            self._content[f"{folder}/{name}"] = content[start : start + size]
            start += size
        self.restore()

    def restore(self) -> None:
        """Write those that are not as they were written before. Raises OSError if that fails."""
        for path, content in self._content.items():
            if path not in self._written or _state(path) != self._written[path]:
                os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
                with open(path, "wb") as file:  # noqa: PTH123
                    file.write(content)
                self._written[path] = _state(path)


def _state(path: str) -> tuple[int, ...]:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns
