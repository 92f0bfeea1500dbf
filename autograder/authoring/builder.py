"""Builds source/ and release/ from assignments/.

source/ is nbgrader's instructor version: notebooks with solutions and hidden parts, but the *stub*
package, because nbgrader copies modules to students, and over their work, as they are. release/ is
made from it by nbgrader. Everything is made in a folder of its own and searched for leaks there;
only then does it take the place of what was built before, which a failing build leaves untouched.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.course import author_assignment, list_assignments
from autograder.authoring.freshness import STAMP, digest, read_stamps, stamp_text
from autograder.authoring.handout import handout_files, known_mistakes_file, readme
from autograder.authoring.leaks import require_no_leaks
from autograder.authoring.lessons import joined
from autograder.authoring.package import origin_line, package_files
from autograder.model import Assignment, Cell, CourseError, Notebook, Paths, Role

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class BuildResult:
    """What a build made, and in which files that differs from what was there; paths from the root.

    After `build(check=True)` an empty `differing` says that source/ and release/ are fresh.
    """

    assignments: tuple[str, ...]
    files: tuple[str, ...]
    differing: tuple[str, ...]


def build(paths: Paths, *, check: bool = False, only: Sequence[str] | None = None) -> BuildResult:
    """Build all assignments, or only these, and keep the others as they are.

    With `check`, nothing is written; the result says which files differ from a fresh build.
    """
    known = list_assignments(paths)
    names = sorted(set(known if only is None else only))
    if not names or not set(names) <= set(known):
        wanted = ", ".join(set(names) - set(known)) or "Nothing"
        raise CourseError(
            f"{wanted}: not to be built. {paths.assignments} has: {', '.join(known) or 'nothing'}."
        )
    _require_ours(paths.source)
    parent = None if check else paths.root  # beside the old folders, where a rename replaces them
    with tempfile.TemporaryDirectory(prefix=".build-", dir=parent) as folder:
        made = Paths(Path(folder))
        stamp = digest(paths)  # before anything is read: an edit from here on makes this stale
        _make(paths, made, names)
        kept = [name for name in known if name not in names]
        stamps = _keep(paths, made, kept) | dict.fromkeys(names, stamp)
        _write(made.source, {STAMP: stamp_text(stamps).encode()})
        before, after = _contents(paths), _contents(made)
        if not check:
            _swap(made, paths)
    differing = sorted(name for name in before | after if before.get(name) != after.get(name))
    files = sorted(name for name in after if not _within(name, kept))
    return BuildResult(tuple(names), tuple(files), tuple(differing))


def _make(paths: Paths, made: Paths, names: list[str]) -> None:
    """Build some assignments into `made`, and search them for leaks."""
    assignments = [author_assignment(paths, name) for name in names]
    for assignment in assignments:
        _write(made.source / assignment.name, _source_files(paths, assignment))
    _release(made, names)
    require_no_leaks(paths, assignments, made.source, made.release)


def _keep(paths: Paths, made: Paths, names: list[str]) -> dict[str, str]:
    """Copy what was built before of some assignments into `made`; return their stamps."""
    for name in names:
        for old, new in ((paths.source, made.source), (paths.release, made.release)):
            if (old / name).is_dir():
                shutil.copytree(old / name, new / name)
    return {name: stamp for name, stamp in read_stamps(paths).items() if name in names}


def _within(name: str, assignments: list[str]) -> bool:
    """Say whether "source/assignment1/knn.ipynb" is a file of one of these."""
    return name.split("/")[1] in assignments


def notebook_json(notebook: Notebook, origin: str) -> bytes:
    """Return a notebook in nbgrader's instructor version, as nbformat would write it."""
    document = {
        "cells": [_cell_json(cell) for cell in notebook.cells],
        "metadata": {
            "built": origin,
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _cell_json(cell: Cell) -> dict[str, Any]:
    words = cell.role in (Role.TEXT, Role.WRITTEN)
    metadata: dict[str, Any] = {}
    if cell.role is Role.EXPLORE:
        metadata["tags"] = ["explore"]
    if cell.role in (Role.ANSWER, Role.QUESTION, Role.WRITTEN):
        metadata["nbgrader"] = _nbgrader_metadata(cell)
    if cell.bonus:
        metadata["bonus"] = cell.bonus
    document: dict[str, Any] = {
        "cell_type": "markdown" if words else "code",
        "id": cell.id,
        "metadata": metadata,
        "source": joined(cell).splitlines(keepends=True),
    }
    return document if words else {**document, "execution_count": None, "outputs": []}


def _nbgrader_metadata(cell: Cell) -> dict[str, Any]:
    graded = cell.role is not Role.ANSWER
    metadata = {
        "cell_type": "markdown" if cell.role is Role.WRITTEN else "code",
        "grade": graded,
        "grade_id": cell.id,
        "locked": cell.role is Role.QUESTION,
        "schema_version": 3,
        "solution": cell.role is not Role.QUESTION,
        "task": False,
    }
    return {**metadata, "points": cell.points} if graded else metadata


def _source_files(paths: Paths, assignment: Assignment) -> dict[str, bytes]:
    files = {"README.md": readme(assignment).encode()}
    for notebook in assignment.notebooks:
        origin = origin_line(f"assignments/{assignment.name}/{notebook.name}.py")
        files[f"{notebook.name}.ipynb"] = notebook_json(notebook, origin)
    files |= handout_files(assignment) | known_mistakes_file(paths, assignment)
    return files | package_files(paths, assignment, solved=False)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _release(made: Paths, names: list[str]) -> None:
    from autograder.authoring.nbgrader_release import generate  # takes seconds

    for name in names:
        generate(made.root, name)


def _contents(paths: Paths) -> dict[str, bytes]:
    """Return the files of source/ and release/ by path, without what running them leaves."""
    found = {}
    for folder in (paths.source, paths.release):
        for file in folder.rglob("*"):
            name = file.relative_to(paths.root)
            if file.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(name.parts):
                found[name.as_posix()] = file.read_bytes()
    return found


def _require_ours(source: Path) -> None:
    if source.is_dir() and any(source.iterdir()) and not (source / STAMP).is_file():
        raise CourseError(
            f"{source} wasn't made by `autograder build` ({STAMP} is missing), and a build would "
            "replace it. Move it away first."
        )


def _swap(made: Paths, paths: Paths) -> None:
    """Put the new folders in place of the old ones, or the old ones back if that fails."""
    pairs = [(made.source, paths.source), (made.release, paths.release)]
    done = []
    try:
        for new, place in pairs:
            old = made.root / f"old-{place.name}"
            if place.exists():
                place.rename(old)
            done.append((old, place))
            new.rename(place)
    except OSError as problem:
        for old, place in done:
            if place.exists():
                shutil.rmtree(place)
            if old.exists():
                old.rename(place)
        raise CourseError(f"{problem}. What was built before is still there.") from problem
