"""What students receive besides notebooks and package, and all of it as one zip file.

A README, and what the kit's self-check reads: the cells of the lessons as they are handed out.
"""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.authoring.course import TOML, list_assignments
from autograder.authoring.freshness import is_stale
from autograder.authoring.markers import handed_out_text
from autograder.authoring.mistakes import FOLDER, load_mistakes
from autograder.authoring.package import origin_line
from autograder.model import Assignment, Cell, CourseError, Notebook, Paths, Role

# Beside the kit's self_check/handout.py and known_mistakes.py, which read them.
LESSONS, KNOWN_MISTAKES = "assignment.json", "known_mistakes.json"
FINGERPRINTS = "fingerprints.json"  # in assignments/mistakes/<assignment>/
GENERAL_HINTS = 3  # for a question, where nothing is known of what is wrong

_README = """\
<!-- Built by "autograder build" from assignments/{name}/{toml}; instructors edit that one. -->

# {title}

Neural networks from scratch: you write the functions, with NumPy alone, and see at once whether
they are right.

## Start

You need Python 3.11 or later. In this folder:

    pip install numpy matplotlib jupyterlab
    jupyter lab

Then work through the notebooks in this order:

{notebooks}

## Write

{write}

Whatever is left for you to write raises `NotImplementedError` with its name until you have
written it. Put your code in place of that line. Names, arguments and what is returned stay as they
are: the checks and the later notebooks rely on them.

## Check

Run the check below each task. It compares your result with numbers that you can read in the same
cell, prints the error, or says what seems to be wrong. All of it runs on your machine, without
the internet. When you edit a module, save it; the notebooks load it anew.
{commands}
Checks that carry points have a second part that isn't here: when your work is marked, your
functions are called with other shapes, other parameters and extreme values. Code that is right in
general passes it; code that only fits the numbers of the check doesn't.

## Hand in

{hand_in}
{pack}
Save the notebooks first. Leave the check cells as they are; changes to them are not looked at.
"""

_COMMANDS = """
In a terminal, in this folder, the same checks run all together, in a second or two:

    python -m {package}.check             what is right, what isn't, and what comes next
    python -m {package}.check --watch     the same whenever you save a file
    python -m {package}.pack              make the file to hand in

`pytest` shows them too, if you have it, and `--help` says more. When you are stuck, write
`from {package}.checks import hint` in a notebook, and `hint("...")` with the name of a question.
"""
_PACK = """
`python -m {package}.pack` looks at all of this and makes one file of it.
"""


def readme(assignment: Assignment) -> str:
    """Return README.md of an assignment."""
    answers = any(book.having(Role.ANSWER) for book in assignment.notebooks)
    words = any(book.having(Role.WRITTEN) for book in assignment.notebooks)
    write = [f"`{path}`" for path in assignment.student_files]
    write += ["the cells of the notebooks that are left to you"] if answers else []
    write += ["your answers in words, in the notebooks"] if words else []
    write += [f"`{path}`, which a notebook saves for you" for path in assignment.extra_files]
    handed = [f"`{book.name}.ipynb`" for book in assignment.notebooks]
    handed += [f"`{path}`" for path in (*assignment.student_files, *assignment.extra_files)]
    folder = self_check_folder(assignment)
    package = PurePosixPath(folder).parent.name if folder else ""
    return _README.format(
        commands=_COMMANDS.format(package=package) if folder else "",
        pack=_PACK.format(package=package) if folder else "",
        name=assignment.name,
        toml=TOML,
        title=assignment.title,
        notebooks="\n".join(
            f"{number}. [{_title(book)}]({book.name}.ipynb){_points(book)}"
            for number, book in enumerate(assignment.notebooks, start=1)
        ),
        write=_bullets(write),
        hand_in=_bullets(handed) + _due(assignment.due),
    )


def handout_files(assignment: Assignment) -> dict[str, bytes]:
    """Return the files that the self-check reads; none where the kit's isn't handed out."""
    folder = self_check_folder(assignment)
    if folder is None:
        return {}
    return {f"{folder}/{LESSONS}": _lessons_json(assignment)}


def self_check_folder(assignment: Assignment) -> str | None:
    """Return where the self-check's modules are handed out, such as "cs231n/self_check"."""
    for path in map(PurePosixPath, assignment.given_files):
        if path.parts[-2:] == ("self_check", "handout.py"):
            return str(path.parent)
    return None


def self_check_data(assignment: Assignment) -> list[str]:
    """Return the paths of what the build makes for the self-check."""
    folder = self_check_folder(assignment)
    return [f"{folder}/{name}" for name in (LESSONS, KNOWN_MISTAKES)] if folder else []


def known_mistakes_file(paths: Paths, assignment: Assignment) -> dict[str, bytes]:
    """Return the file by which the self-check names mistakes and gives hints, if there is one.

    What the mistakes look like was computed before (`autograder mistakes --fingerprints`); texts
    are those of the catalogue as it is now.
    """
    folder = self_check_folder(assignment)
    place = paths.assignments / FOLDER / assignment.name / FINGERPRINTS
    if folder is None or not place.is_file():
        return {}
    try:
        computed = json.loads(place.read_text(encoding="utf-8"))
        about, fingerprints = computed["about"], computed["fingerprints"]
    except (ValueError, KeyError) as problem:
        raise CourseError(
            f"{place} can't be used ({problem!r}); run `autograder mistakes {assignment.name} "
            "--fingerprints`."
        ) from problem
    mistakes = {mistake.name: mistake for mistake in load_mistakes(paths, assignment)}
    rows = [
        names
        for checks in fingerprints.values()
        for row in checks.values()
        for names in row.values()
    ]
    named = {name for row in rows for name in row}
    content = {
        "built": origin_line(f"assignments/{FOLDER}/{assignment.name}"),
        "mistakes": {
            name: {
                "diagnosis": mistakes[name].diagnosis,
                "explanation": " ".join(mistakes[name].explanation.split()),
                "hints": mistakes[name].hints,
            }
            for name in sorted(named & mistakes.keys())
        },
        "fingerprints": {
            question: {
                check: {
                    value: [name for name in names if name in mistakes]
                    for value, names in row.items()
                }
                for check, row in checks.items()
            }
            for question, checks in fingerprints.items()
        },
        "hints": {
            question: [mistakes[name].hints[0] for name in names if name in mistakes][
                :GENERAL_HINTS
            ]
            for question, names in _most_typical_first(assignment, about, fingerprints).items()
        },
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return {f"{folder}/{KNOWN_MISTAKES}": text.encode()}


def _most_typical_first(
    assignment: Assignment,
    about: dict[str, list[str]],
    fingerprints: dict[str, dict[str, dict[str, list[str]]]],
) -> dict[str, list[str]]:
    """Return the mistakes about each question, first those that no question before it notices.

    Those that its own check doesn't notice come last: a function grows from lesson to lesson, and
    what is written later isn't looked at yet.
    """
    ordered, before = dict(about), set[str]()
    for question in (cell.id for book in assignment.notebooks for cell in book.cells):
        rows = fingerprints.get(question, {}).values()
        seen = {name for row in rows for names in row.values() for name in names}
        if question in about:
            ordered[question] = sorted(
                about[question], key=lambda name: (name not in seen, name in before)
            )
        before |= seen
    return ordered


def _lessons_json(assignment: Assignment) -> bytes:
    content = {
        "built": origin_line(f"assignments/{assignment.name}"),
        "name": assignment.name,
        "title": assignment.title,
        "due": assignment.due.isoformat() if assignment.due else None,
        "student_files": assignment.student_files,
        "extra_files": assignment.extra_files,
        "notebooks": [
            {
                "name": book.name,
                "title": _title(book),
                "cells": [_cell(cell) for cell in book.cells if cell.role in _HANDED_OUT],
            }
            for book in assignment.notebooks
        ],
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


_HANDED_OUT = (Role.SETUP, Role.ANSWER, Role.QUESTION, Role.WRITTEN)


def _cell(cell: Cell) -> dict[str, Any]:
    is_answer = cell.role in (Role.ANSWER, Role.WRITTEN)
    source = handed_out_text(cell) if is_answer else cell.source
    found = {"id": cell.id, "role": cell.role.value, "source": source}
    return {**found, "points": cell.points} if cell.points else found


def release_zip(paths: Paths, assignment: str, destination: Path) -> Path:
    """Pack release/<assignment> into `destination`, or into <assignment>.zip if that is a folder.

    The same release gives the same bytes.
    """
    folder = paths.release / assignment
    if not folder.is_dir():
        known = ", ".join(list_assignments(paths)) or "none"
        raise CourseError(f"{folder} is missing; run `autograder build`. Assignments: {known}.")
    if is_stale(paths, assignment):
        raise CourseError(f"{folder} is older than assignments/; run `autograder build` first.")
    target = destination / f"{assignment}.zip" if destination.is_dir() else destination
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*"), key=lambda file: file.relative_to(folder).as_posix()):
            inner = file.relative_to(folder)
            if file.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(inner.parts):
                entry = zipfile.ZipInfo(f"{assignment}/{inner.as_posix()}", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix on all machines, for the permissions
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
    partial.replace(target)
    return target


def _title(notebook: Notebook) -> str:
    """Return the first heading of a notebook."""
    for cell in notebook.having(Role.TEXT):
        for line in cell.source.split("\n"):
            if line.startswith("#"):
                return line.lstrip("#").strip()
    return notebook.name


def _points(notebook: Notebook) -> str:
    points = sum(cell.points for cell in notebook.cells)
    return f" ({points:g} points)" if points else ""


def _due(due: datetime | None) -> str:
    return f"\n\nDue: {due.day} {due:%B %Y, %H:%M} {due.tzname()}." if due else ""


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
