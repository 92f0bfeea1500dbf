"""Says in milliseconds whether source/ was built from the assignments as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder import kit
from autograder.model import Paths

# What proves the course is not a part of it: nothing is built or graded from these.
PROOFS = {"certificate.json", "equivalent.toml", "fairness"}
STAMP = ".built-from"  # in source/: a line "assignment digest" for each that was built


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


def is_stale(paths: Paths, assignment: str | None = None) -> bool:
    """Return whether the build of one assignment, or of any, is missing or out of date."""
    stamps = read_stamps(paths)
    if assignment is not None:
        return stamps.get(assignment) != digest(paths)
    return not stamps or set(stamps.values()) != {digest(paths)}


def read_stamps(paths: Paths) -> dict[str, str]:
    """Return the digest from which each assignment in source/ was built."""
    stamp = paths.source / STAMP
    lines = stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []
    return {name: value for name, _, value in (line.partition(" ") for line in lines)}


def stamp_text(stamps: Mapping[str, str]) -> str:
    """Return the text of the stamp's file."""
    return "".join(f"{name} {stamps[name]}\n" for name in sorted(stamps))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that people wrote, in an order that is the same everywhere."""
    for file in sorted(folder.rglob("*"), key=lambda file: file.relative_to(folder).parts):
        parts = file.relative_to(folder).parts
        leftover = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if file.is_file() and not leftover and not PROOFS & set(parts) and file.suffix != ".pyc":
            yield file
