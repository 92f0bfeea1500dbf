"""Puts what a learning platform hands out into submitted/<student>/<assignment>/.

Platforms hand out one zip file, or a folder, with a zip file of each student. Names tell whose:

    Ada Lovelace_123_assignsubmission_file/anything.zip      Moodle
    Ada Lovelace_123_assignsubmission_file_anything.zip      Moodle, in one folder
    lovelaceada_LATE_17_4711_anything.zip                    Canvas
    ada.zip  assignment1-ada.zip  ada/anything.zip           all others

Nothing in a student's zip file is trusted. Names that lead elsewhere, links, encrypted files, two
files of one name and whatever is too large refuse the whole file, with a reason; nobody else's is
touched by it. Of what is in there, files that the assignment names and notebooks are written.
"""

from __future__ import annotations

import io
import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.grading.intake import MAX_FILE_BYTES
from autograder.model import Assignment, CourseError

MAX_ENTRIES = 2_000
MAX_TOTAL_BYTES = 200 << 20  # of all files in one student's zip file, unpacked
MAX_ZIP_BYTES = 200 << 20
LEFTOVERS = {"__MACOSX", "__pycache__", ".ipynb_checkpoints"}
_MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)")
_CANVAS = re.compile(
    r"(?P<student>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?P<attachment>\d+)_(?P<rest>.+)", re.IGNORECASE
)


class RefusedError(Exception):
    """A zip file that isn't unpacked; the message says why."""


@dataclass(frozen=True)
class Collected:
    """What became of one file of the download."""

    source: str
    student: str
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class _Handed:
    """A student's zip file in the download; of several, the one with the highest `order` counts."""

    source: str
    student: str
    order: tuple[int, str]
    read: Callable[[], bytes] = field(compare=False)


def collect(
    download: Path, submitted: Path, assignment: Assignment, *, replace: bool = False
) -> list[Collected]:
    """Unpack each student's zip file into `submitted`; return what became of each, by student.

    A submission that is there already stays, unless `replace`. Raises CourseError if `download`
    has no zip file of a student.
    """
    handed = sorted(_find(download, assignment.name), key=lambda each: (each.student, each.order))
    if not handed:
        raise CourseError(f"{download} has no zip files of students.")
    last = {each.student: each for each in handed}
    results = []
    for each in handed:
        if last[each.student] is not each:
            newer = last[each.student].source
            results.append(_refused(each, f"a newer one is there: {newer}"))
            continue
        target = submitted / each.student / assignment.name
        if target.exists() and not replace:
            results.append(_refused(each, f"{target} is there already; --replace replaces it"))
            continue
        try:
            files, left_out = choose(unpack(each.read()), assignment)
        except RefusedError as problem:
            results.append(_refused(each, str(problem)))
            continue
        _write(target, files)
        results.append(Collected(each.source, each.student, tuple(files), left_out))
    return results


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip file that nobody trusts. Raises RefusedError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _require_plain(entries)
            return _read(archive, [entry for entry in entries if not entry.is_dir()])
    except RefusedError:
        raise
    except Exception as problem:  # which ones depends on what is damaged, and on its compression
        raise RefusedError(f"it isn't a zip file that can be read ({problem})") from problem


def choose(
    files: Mapping[str, bytes], assignment: Assignment
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return what the assignment asks for, by path in its folder, and the names of the rest.

    The folder may be anywhere in the zip file: it is the one with most of the files that are asked
    for. Raises RefusedError if there is none.
    """
    asked = {*assignment.student_files, *assignment.extra_files}
    asked |= {f"{notebook.name}.ipynb" for notebook in assignment.notebooks}
    found = {path: content for path, content in files.items() if not _is_leftover(path)}
    roots = [
        path.removesuffix(name)
        for path in found
        for name in asked
        if path == name or path.endswith(f"/{name}")
    ]
    if not roots:
        names = ", ".join(sorted(asked)[:3])
        raise RefusedError(f"it has none of the files that are asked for, such as {names}")
    root = max(sorted(set(roots)), key=roots.count)
    inside = {path.removeprefix(root): found[path] for path in found if path.startswith(root)}
    chosen = {
        path: content
        for path, content in inside.items()
        if path in asked or ("/" not in path and path.endswith(".ipynb"))
    }
    left_out = {path for path in found if path.removeprefix(root) not in chosen}
    return chosen, tuple(sorted(left_out))


def _find(download: Path, assignment: str) -> Iterator[_Handed]:
    """Yield the students' zip files in a folder, or in the platform's own zip file."""
    for path, read in _entries(download):
        if path.suffix.lower() == ".zip" and not _is_leftover(path.as_posix()):
            student, order = _whose(path, assignment)
            if student:
                yield _Handed(path.as_posix(), student, (order, path.as_posix()), read)


def _entries(download: Path) -> Iterable[tuple[PurePosixPath, Callable[[], bytes]]]:
    if download.is_dir():
        files = sorted(file for file in download.rglob("*") if file.is_file())
        return [
            (PurePosixPath(file.relative_to(download).as_posix()), partial(_file, file))
            for file in files
        ]
    try:
        archive = zipfile.ZipFile(download)
    except (OSError, zipfile.BadZipFile) as problem:
        raise CourseError(f"{download} is neither a folder nor a zip file ({problem}).") from None
    return [
        (PurePosixPath(entry.filename), partial(_limited, archive, entry, MAX_ZIP_BYTES))
        for entry in archive.infolist()
        if not entry.is_dir()
    ]


def _file(file: Path) -> bytes:
    if file.stat().st_size > MAX_ZIP_BYTES:
        raise RefusedError(f"it is larger than {MAX_ZIP_BYTES >> 20} MB")
    return file.read_bytes()


def _whose(path: PurePosixPath, assignment: str) -> tuple[str, int]:
    """Return the student whose file it is, and a number that grows with later ones."""
    first = path.parts[0]
    moodle, canvas = _MOODLE.fullmatch(first), _CANVAS.fullmatch(path.name)
    if moodle:
        return _plain(moodle["student"]), 0
    if canvas:
        return _plain(f"{canvas['student']}_{canvas['id']}"), int(canvas["attachment"])
    name = first if len(path.parts) > 1 else path.stem
    return _plain(name.removeprefix(f"{assignment}-")), 0


def _plain(name: str) -> str:
    """Return a name that is good for a folder."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:100]


def _require_plain(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RefusedError(f"it has more than {MAX_ENTRIES} files")
    seen = set()
    for entry in entries:
        shown = ascii(entry.filename)[1:-1][:80]
        parts = PurePosixPath(entry.filename).parts
        drive = "\\" in entry.filename or ":" in entry.filename or "\0" in entry.filename
        if entry.filename.startswith("/") or drive or ".." in parts:
            raise RefusedError(f"{shown!r} leads out of the folder")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise RefusedError(f"{shown!r} is a link or a device")
        if entry.flag_bits & 1:
            raise RefusedError("it needs a password")
        if entry.filename.casefold() in seen:
            raise RefusedError(f"{shown!r} is in it twice")
        seen.add(entry.filename.casefold())


def _read(archive: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo]) -> dict[str, bytes]:
    files, left = {}, MAX_TOTAL_BYTES
    for entry in entries:
        if not _is_leftover(entry.filename):
            files[entry.filename] = _limited(archive, entry, min(MAX_FILE_BYTES, left))
            left -= len(files[entry.filename])
    return files


def _limited(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Unpack one file; what it says of its own size is not believed."""
    with archive.open(entry) as file:
        content = file.read(most + 1)
    if len(content) > most:
        shown = ascii(entry.filename)[1:-1][:80]
        raise RefusedError(f"{shown!r}, or all of it, is too large")
    return content


def _is_leftover(path: str) -> bool:
    return bool(LEFTOVERS & set(path.split("/")))


def _refused(handed: _Handed, reason: str) -> Collected:
    return Collected(handed.source, handed.student, refusal=reason)


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into a new folder, which then takes the place of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".collect-", dir=target.parent) as folder:
        new = Path(folder) / "new"
        new.mkdir()
        for path, content in files.items():
            place = new / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        if target.exists():
            shutil.move(target, Path(folder) / "old")
        new.rename(target)
