"""Runs the checks that students see with each known mistake, and keeps fingerprints of the values.

The fingerprints are handed out: by them the self-check names a mistake on the student's own
machine. They are computed by the self-check's own worker, so that a check fails there as it fails
here, and committed as assignments/mistakes/<assignment>/fingerprints.json:

    computed_from     digest of all that they depend on; a test fails when it is out of date
    about             the known mistakes about each question
    fingerprints      question: number of the check: fingerprint: names of mistakes
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from autograder.authoring import (
    FINGERPRINTS,
    handout_files,
    load_assignment,
    load_mistakes,
    package_files,
    self_check_folder,
)
from autograder.grading.anatomy import Anatomy
from autograder.kit.self_check import handout as handouts
from autograder.kit.self_check import known_mistakes, runs
from autograder.model import Assignment, CourseError, Mistake, Paths, Role


def fingerprint(
    paths: Paths, name: str, *, jobs: int, progress: Callable[[str, int, int], None]
) -> Path:
    """Compute the fingerprints of an assignment's known mistakes and write them; return where."""
    assignment = load_assignment(paths, name)
    if self_check_folder(assignment) is None:
        raise CourseError(f"{name} hands out no self-check, which would use the fingerprints.")
    solved = dict(package_files(paths, assignment, solved=True))
    anatomy = Anatomy.load(paths, assignment, solved)
    about = {q: anatomy.mistakes_about(q) for q in anatomy.own}
    mistakes = load_mistakes(paths, assignment)
    found: dict[str, list[runs.Result]] = {}
    with ThreadPoolExecutor(jobs) as pool:

        def run(mistake: Mistake) -> list[runs.Result]:
            questions = [question for question in about if mistake in about[question]]
            return _run(assignment, solved, mistake, questions)

        for number, (mistake, results) in enumerate(
            zip(mistakes, pool.map(run, mistakes), strict=True), start=1
        ):
            found[mistake.name] = results
            progress(name, number, len(mistakes))
    content = {
        "computed_from": _digest(paths, assignment, mistakes),
        "about": {q: [each.name for each in about[q]] for q in sorted(about)},
        "fingerprints": _by_check(found),
    }
    place = paths.assignments / "mistakes" / name / FINGERPRINTS
    place.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return place


def fingerprints_are_stale(paths: Paths, name: str) -> bool:
    """Say whether the committed fingerprints were computed from something else than is there."""
    place = paths.assignments / "mistakes" / name / FINGERPRINTS
    if not place.is_file():
        return True
    assignment = load_assignment(paths, name)
    known: str = json.loads(place.read_text(encoding="utf-8"))["computed_from"]
    return known != _digest(paths, assignment, load_mistakes(paths, assignment))


def _run(
    assignment: Assignment,
    solved: Mapping[str, bytes],
    mistake: Mistake,
    questions: Iterable[str],
) -> list[runs.Result]:
    """Return what the checks that students see say of a mistake."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        files = {**solved, **handout_files(assignment)}
        for path in files.keys() & mistake.texts.keys():
            files[path] = mistake.texts[path].encode()
        for book in assignment.notebooks:
            files[f"{book.name}.ipynb"] = _answers(
                [
                    (cell.id, mistake.texts.get(cell.id, cell.source))
                    for cell in book.having(Role.ANSWER)
                ]
            )
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        self_check = root / str(self_check_folder(assignment))
        runner = runs.Runner(handouts.load(self_check / handouts.FILE.name), workers=1)
        try:
            return list(runner.run(list(questions)).values())
        finally:
            runner.close()


def _answers(cells: Iterable[tuple[str, str]]) -> bytes:
    """Return as much of a notebook as the self-check reads."""
    return json.dumps(
        {
            "cells": [
                {"metadata": {"nbgrader": {"grade_id": name}}, "source": text}
                for name, text in cells
            ]
        }
    ).encode()


def _by_check(found: Mapping[str, list[runs.Result]]) -> dict[str, Any]:
    """Return {question: {check: {fingerprint: names}}} without values that too many share."""
    failed: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {}
    for name, results in found.items():
        for result in results:
            if result.fingerprints:
                failed.setdefault((result.question, result.check), {})[name] = result.fingerprints
    content: dict[str, Any] = {}
    for (question, check), prints in sorted(failed.items()):
        rows: dict[str, list[str]] = {}
        for own in prints.values():
            # A value beside the edge of a cell has the fingerprints of both sides.
            alike = sorted(name for name, others in prints.items() if set(others) & set(own))
            if len(alike) <= known_mistakes.MOST_ALIKE:
                rows[own[0]] = alike
        if rows:
            content.setdefault(question, {})[str(check)] = dict(sorted(rows.items()))
    return content


def _digest(paths: Paths, assignment: Assignment, mistakes: Iterable[Mistake]) -> str:
    """Return a fingerprint of all that a value in a check, or its fingerprint, depends on."""
    total = hashlib.sha256()
    solved = package_files(paths, assignment, solved=True)
    own = str(self_check_folder(assignment))
    kit = {f"{Path(own).parent.as_posix()}/{name}.py" for name in ("check", "checks", "pack")}
    for path in sorted(solved):
        decides = path.endswith("self_check/known_mistakes.py")
        if decides or not (path.startswith(own) or path in kit or "/" not in path):
            total.update(f"{path}\0".encode() + solved[path] + b"\0")
    for book in assignment.notebooks:
        for cell in book.cells:
            if cell.role in (Role.SETUP, Role.ANSWER, Role.QUESTION):
                total.update(f"{cell.id}\0{cell.source}\0".encode())
    for mistake in sorted(mistakes, key=lambda each: each.name):
        total.update(repr((mistake.name, mistake.function, sorted(mistake.texts.items()))).encode())
    return total.hexdigest()
