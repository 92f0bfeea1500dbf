"""Says in milliseconds whether source/ was built from the assignments as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from autograder import kit
from autograder.model import Paths

STAMP = ".built-from"  # in source/


def digest(paths: Paths) -> str:
    """Return a sha256 over all files of assignments/ and the kit, names and bytes."""
    total = hashlib.sha256()
    for folder in (paths.assignments, Path(kit.__file__).parent):
        for file in _files(folder):
            name = file.relative_to(folder).as_posix()
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{name}\0{content}\n".encode())
        total.update(b"\0")
    return total.hexdigest()


def is_stale(paths: Paths) -> bool:
    """Return whether source/ is missing, or was built from other assignments than these."""
    stamp = paths.source / STAMP
    return not stamp.is_file() or stamp.read_text(encoding="ascii").strip() != digest(paths)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that people wrote, in an order that is the same everywhere."""
    for file in sorted(folder.rglob("*"), key=lambda file: file.relative_to(folder).parts):
        parts = file.relative_to(folder).parts
        leftover = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if file.is_file() and not leftover and file.suffix != ".pyc":
            yield file
