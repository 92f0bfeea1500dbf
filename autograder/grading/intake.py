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

from autograder.authoring import self_check_data
from autograder.model import Assignment, Submission

MAX_FILE_BYTES = 20 << 20  # notebooks with many pictures, trained weights
SECRET = "submission_secret.txt"  # noqa: S105 - a file name
MAX_LISTED = 8  # names of unexpected files that a note mentions
MAX_NAME = 60  # characters of such a name
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
    files, taken = {}, set()
    for path in (*assignment.student_files, *assignment.extra_files):
        found = _spelled(folder, path)
        content = _read(folder, found, notes)
        if content is not None:
            files[path] = content
            taken.add(found)
            if found != path:
                notes.append(f"{found} was taken for {path}; please keep names as they were.")
    notebooks = {}
    for notebook in assignment.notebooks:
        found = _find_notebook(folder, notebook.name, assignment, notes)
        content = _read(folder, found, notes) if found else None
        if content is not None:
            notebooks[notebook.name] = content
            taken.add(found)
    timestamp = _read_timestamp(folder, notes)
    unexpected, flags = _look_around(folder, assignment, taken)
    notes += unexpected
    if timestamp and timestamp > datetime.now(UTC) + timedelta(days=1):
        flags.append(f"timestamp.txt says {timestamp:%Y-%m-%d}, which is in the future.")
    return Submission(
        student, assignment.name, files, notebooks, timestamp, tuple(notes), tuple(flags)
    )


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
        reason = str(problem) if isinstance(problem, ValueError) else _why_not(folder, path)
        notes.append(f"{path} was left out: {reason or problem}.")
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


def _why_not(folder: Path, path: str) -> str:
    """Say why a file can't be opened, where that can be seen from outside."""
    *parents, name = path.split("/")
    place = folder
    for parent in parents:
        place /= parent
        if place.is_symlink():
            return f"{parent} is a link; hand in the folder itself"
        if not place.is_dir():
            return f"{parent} is not a folder"
    kind = (place / name).lstat().st_mode
    if stat.S_ISLNK(kind):
        return "it is a link; hand in the file itself"
    return "" if stat.S_ISREG(kind) else "it is not a plain file"


def _spelled(folder: Path, path: str) -> str:
    """Return `path` as it is spelled here: A for a, if nothing else is like it, else as it is."""
    spelled: list[str] = []
    for part in path.split("/"):
        place = folder.joinpath(*spelled)
        alike = [] if os.path.lexists(place / part) or place.is_symlink() else _alike(place, part)
        spelled.append(alike[0] if len(alike) == 1 else part)
    return "/".join(spelled)


def _alike(folder: Path, name: str) -> list[str]:
    return [path.name for path in _entries(folder) if path.name.casefold() == name.casefold()]


def _find_notebook(folder: Path, name: str, assignment: Assignment, notes: list[str]) -> str:
    """Return the file of a notebook, even if it is now "knn (1).ipynb" or "knn-final.ipynb"."""
    path = f"{name}.ipynb"
    if os.path.lexists(folder / path):
        return path
    expected = {f"{notebook.name}.ipynb" for notebook in assignment.notebooks}
    others = sorted(
        path.name
        for path in _entries(folder)
        if path.suffix.lower() == ".ipynb" and path.name not in expected
    )
    alike = [other for other in others if name in other.lower()]
    if not alike and len(others) == 1 and len(expected) == 1:
        alike = others
    if len(alike) == 1:
        notes.append(f"{_shown(alike[0])} was taken for {path}; please don't rename notebooks.")
        return alike[0]
    several = "; several others have a name like it, and none of them was taken" if alike else ""
    notes.append(f"{path} was not handed in{several}.")
    return ""


def _entries(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MAX_SCANNED), entries, strict=False):
                yield Path(entry.path)
    except OSError:
        return


def _look_around(
    folder: Path, assignment: Assignment, taken: set[str]
) -> tuple[list[str], list[str]]:
    """Return a note on what lies there and was not asked for, and flags on links outwards."""
    expected = {
        *taken,
        *assignment.student_files,
        *assignment.given_files,
        *assignment.extra_files,
        *self_check_data(assignment),
        *(f"{notebook.name}.ipynb" for notebook in assignment.notebooks),
        "README.md",
        "timestamp.txt",
        SECRET,
    }
    found: list[str] = []
    flags: list[str] = []
    queue, scanned = [folder], 0
    while queue and scanned < MAX_SCANNED:
        directory = queue.pop()
        for path in _entries(directory):
            scanned += 1
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(
                os.path.realpath(folder)
            ):
                target = _shown(os.readlink(path))  # noqa: PTH115 - as text, not followed
                flags.append(f"{_shown(name)} is a link that leads out of the folder, to {target}.")
            if path.is_dir() and not path.is_symlink():
                if path.name not in ("__pycache__", ".ipynb_checkpoints"):
                    queue.append(path)
            elif name not in expected and path.suffix != ".pyc":
                found.append(name)
    if not found:
        return [], flags[:MAX_LISTED]
    shown = ", ".join(map(_shown, sorted(found)[:MAX_LISTED]))
    rest = "many" if scanned >= MAX_SCANNED else len(found) - MAX_LISTED
    more = f" and {rest} more" if len(found) > MAX_LISTED else ""
    return [f"Not asked for, and not looked at: {shown}{more}."], flags[:MAX_LISTED]


def _shown(name: str) -> str:
    """Return a file's name as a person can read it: one line of printable characters."""
    plain = ascii(name)[1:-1]
    return plain if len(plain) <= MAX_NAME else f"{plain[: MAX_NAME - 3]}..."


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
