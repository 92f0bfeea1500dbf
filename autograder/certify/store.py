"""Remembers what became of each mutant, so that a run can be stopped, and only changes cost time.

One line a mutant, named by a digest of all that its result depends on; lines are added as results
come in, and a line that was cut short is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

Found = Mapping[str, str]  # question -> what caught it: "visible", "probes", "both" or "rule"


class Store:
    """Results by key, in a file that only grows; `keep_only` cleans it up."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Found] = {}
        self._open: TextIO | None = None
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines():
                try:
                    key, found = json.loads(line)
                    self._known[key] = dict(found)
                except (ValueError, TypeError):
                    continue

    def get(self, key: str) -> Found | None:
        """Return a result, or None if there is none yet."""
        return self._known.get(key)

    def add(self, key: str, found: Found) -> None:
        """Remember a result, on disk as well."""
        self._known[key] = found
        if self._open is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._open = self._file.open("a", encoding="utf-8")
        self._open.write(json.dumps([key, found]) + "\n")
        self._open.flush()

    def close(self) -> None:
        """Close the file."""
        if self._open:
            self._open.close()
            self._open = None
