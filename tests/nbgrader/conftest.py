"""The tiny course, built, and reports on submissions of it as grading would make them."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.authoring import build, handed_out_text, load_assignment
from autograder.grading.gradebook import GradebookWriter
from autograder.model import ExecutedCell, Paths, Report, Result, Role, Verdict, WrittenAnswer

TINY = Path(__file__).parent.parent / "grading"  # the course and the submissions of another folder
ANSWERS = {
    "count_positive": "def count_positive(x):\n    return (x > 0).sum(axis=1)",
    "why_columns": "One sum each.",
}


@pytest.fixture(scope="session")
def paths(tmp_path_factory):
    """The tiny course, built; it is never changed."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(TINY / "course" / "assignments", root / "assignments")
    build(Paths(root))
    return Paths(root)


@pytest.fixture(scope="session")
def assignment(paths):
    return load_assignment(paths, "tiny")


@pytest.fixture(scope="session")
def source(paths):
    return paths.source / "tiny"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


@pytest.fixture
def gradebook(url, assignment, source):
    """A gradebook that knows the tiny assignment and no student."""
    with GradebookWriter(url) as writer:
        writer.prepare(assignment, source)
        yield writer


@pytest.fixture(scope="session")
def make_report(assignment):
    """Return a function that makes the report of a perfect submission, but for what it is told."""

    def report(
        student="ada", *, verdicts=(), points=(), bonus=1.0, outputs=(), answers=ANSWERS, **more
    ):
        verdicts, points, outputs = dict(verdicts), dict(points), dict(outputs)
        results, written, cells = [], [], []
        for cell in assignment.notebooks[0].cells:
            result = None
            if cell.role is Role.QUESTION:
                verdict = verdicts.get(cell.id, Verdict.PASS)
                earned = cell.points if verdict is Verdict.PASS else 0
                result = Result(
                    cell.id,
                    "lesson",
                    points.get(cell.id, earned),
                    cell.points,
                    verdict,
                    message="x < 1 & y" if verdict is not Verdict.PASS else "",
                    bonus=bonus if cell.bonus and verdict is Verdict.PASS else 0,
                )
                results.append(result)
            if cell.role is Role.WRITTEN:
                written.append(WrittenAnswer(cell.id, "lesson", cell.points, cell.id in answers))
            text = answers.get(cell.id, handed_out_text(cell))
            cells.append(ExecutedCell(cell, text, outputs.get(cell.id, ()), result))
        made = Report(
            student=student,
            assignment="tiny",
            results=tuple(results),
            written=tuple(written),
            notebooks={"lesson": tuple(cells)},
            timestamp=datetime(2027, 1, 30, 12, 30, 15, 250_000, tzinfo=UTC),
        )
        return replace(made, **more)

    return report
