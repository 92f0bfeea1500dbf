"""Takes from a submitted folder the files that the assignment names, and nothing else.

Whatever a student's folder contains, only plain files of acceptable size at the expected paths are
read: no links, devices or pipes, no path that leaves the folder. Everything else is listed for
people and left where it is.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import dateutil.parser
from dateutil import tz

from autograder.model import Assignment, Submission

MAX_FILE_BYTES = 20 << 20  # notebooks with many pictures, trained weights
SECRET = "submission_secret.txt"  # noqa: S105 - a file name
MAX_LISTED = 8  # names of unexpected files that a note mentions
MAX_SCANNED = 2_000  # directory entries that are looked at


def find_students(submitted: Path, assignment: str) -> list[str]:
    """Return the students whose folder has this assignment, sorted.

    Folders are `submitted/<student>/<assignment>/`, as nbgrader has them.
    """
    if not submitted.is_dir():
        return []
    names = (entry.name for entry in submitted.iterdir())
    return sorted(
        name
        for name in names
        if _is_student_name(name) and (submitted / name / assignment).is_dir()
    )


def take(submitted: Path, student: str, assignment: Assignment) -> Submission:
    """Read one student's submission; what is wrong with a file becomes a note, never an error."""
    folder = submitted / student / assignment.name
    notes: list[str] = []
    files = {}
    for path in (*assignment.student_files, *assignment.extra_files):
        content = _read(folder, path, notes)
        if content is not None:
            files[path] = content
    notebooks = {}
    for notebook in assignment.notebooks:
        path = f"{notebook.name}.ipynb"
        content = _read(folder, path, notes)
        if content is None and not (folder / path).exists():
            content = _read_renamed(folder, notebook.name, assignment, notes)
        if content is not None:
            notebooks[notebook.name] = content
        else:
            notes.append(f"{path} was not handed in.")
    timestamp = _read_timestamp(folder, notes)
    notes.extend(_unexpected(folder, assignment))
    return Submission(student, assignment.name, files, notebooks, timestamp, tuple(notes))


def take_secret(submitted: Path, student: str, assignment: Assignment) -> bytes | None:
    """Read the file by which nbgrader's exchange hands feedback back, if there is one."""
    return _read(submitted / student / assignment.name, SECRET, [])


def _is_student_name(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not name.startswith(".")


def _read(folder: Path, path: str, notes: list[str]) -> bytes | None:
    """Return the bytes of `folder/path`, or None with a note that says why not."""
    try:
        return _read_plain_file(folder, path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        notes.append(f"{path} was left out: {reason}.")
        return None


def _read_plain_file(folder: Path, path: str) -> bytes:
    """Open each part of the path without following links, so that nothing outside is reached."""
    *parents, name = path.split("/")
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for parent in parents:
            below = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
            os.close(directory)
            directory = below
        # O_NONBLOCK: opening a pipe must not wait for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    finally:
        os.close(directory)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a plain file")
        if status.st_size > MAX_FILE_BYTES:
            raise ValueError(f"it is larger than {MAX_FILE_BYTES >> 20} MB")
        return file.read(MAX_FILE_BYTES)


def _read_renamed(
    folder: Path, name: str, assignment: Assignment, notes: list[str]
) -> bytes | None:
    """Find a notebook such as "knn (1).ipynb" or "knn-final.ipynb" where "knn.ipynb" is missing."""
    expected = {f"{notebook.name}.ipynb" for notebook in assignment.notebooks}
    others = sorted(
        path.name
        for path in _entries(folder)
        if path.suffix == ".ipynb" and path.name not in expected
    )
    alike = [other for other in others if name in other.lower()]
    if not alike and len(others) == 1 and len(expected) == 1:
        alike = others
    if len(alike) != 1:
        return None
    content = _read(folder, alike[0], notes)
    if content is not None:
        notes.append(f"{alike[0]} was taken for {name}.ipynb; please don't rename notebooks.")
    return content


def _entries(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MAX_SCANNED), entries, strict=False):
                yield Path(entry.path)
    except OSError:
        return


def _unexpected(folder: Path, assignment: Assignment) -> list[str]:
    """List what lies in the folder and was not asked for, in one note."""
    expected = {
        *assignment.student_files,
        *assignment.given_files,
        *assignment.extra_files,
        *(f"{notebook.name}.ipynb" for notebook in assignment.notebooks),
        "README.md",
        "timestamp.txt",
        SECRET,
    }
    found: list[str] = []
    queue, scanned = [folder], 0
    while queue and scanned < MAX_SCANNED:
        directory = queue.pop()
        for path in _entries(directory):
            scanned += 1
            if path.is_dir() and not path.is_symlink():
                if path.name not in ("__pycache__", ".ipynb_checkpoints"):
                    queue.append(path)
            elif path.relative_to(folder).as_posix() not in expected and path.suffix != ".pyc":
                found.append(path.relative_to(folder).as_posix())
    if not found:
        return []
    shown = ", ".join(ascii(name)[1:-1] for name in sorted(found)[:MAX_LISTED])
    more = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    return [f"Not asked for, and not looked at: {shown}{more}."]


def _read_timestamp(folder: Path, notes: list[str]) -> datetime | None:
    """Read nbgrader's timestamp.txt, such as "2027-02-01 23:59:00.123456 UTC"."""
    content = _read(folder, "timestamp.txt", notes)
    if content is None:
        return None
    text = content[:100].decode(errors="replace").strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a time zone that nobody knows
            moment: datetime = dateutil.parser.parse(text, tzinfos=_time_zone)
    except (ValueError, OverflowError, Warning):
        notes.append(f"timestamp.txt is not a date ({ascii(text)[:40]}); taken as on time.")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time_zone(name: str | None, offset: int | None) -> tzinfo | None:
    return tz.gettz(name) if name else timezone(timedelta(seconds=offset or 0))
