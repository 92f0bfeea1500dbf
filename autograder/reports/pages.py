"""Writes the pages of students and of the class, from stored results and the gradebook.

`write_feedback` writes a student's page, `hand_to_nbgrader` puts the same where nbgrader's
release_feedback takes it from, and `write_class_report` writes the page and the table of a class.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from autograder.grading.gradebook import read_class
from autograder.grading.intake import SECRET
from autograder.grading.store import Workspace, load, write_atomically
from autograder.model import Assignment, Report, Verdict
from autograder.reports.cells import read_cells
from autograder.reports.exports import marks_table
from autograder.reports.rendering import render
from autograder.reports.standing import NOTHING, QuestionStanding, Standing
from autograder.reports.statistics import ENOUGH_STUDENTS, MOST_SHOWN, QuestionSummary, summarize

WORDS = {
    Verdict.PASS: "right",
    Verdict.WRONG: "wrong",
    Verdict.ERROR: "error",
    Verdict.TIMEOUT: "too slow",
    Verdict.MEMORY: "too much memory",
    Verdict.CRASH: "crash",
    Verdict.NOT_ATTEMPTED: "not attempted",
    Verdict.MISSING: "missing",
    Verdict.HARNESS: "the grader's fault",
}
Row = TypeVar("Row", QuestionStanding, QuestionSummary)
MOST_NOTES = 40  # rows
TIMESTAMP = "timestamp.txt"  # nbgrader's name


@dataclass(frozen=True)
class Card:
    """Questions that went wrong in the same way; `same_as` is one that has the same mistake."""

    rows: tuple[QuestionStanding, ...]
    same_as: str = ""


def write_feedback(workspace: Workspace, standing: Standing, assignment: Assignment) -> Path:
    """Write one student's page. Raises CourseError if the graded notebooks can't be read."""
    file = workspace.page(standing.student)
    names = [notebook.name for notebook in assignment.notebooks]
    write_atomically(file, _feedback(workspace, standing, assignment, names))
    return file


def hand_to_nbgrader(workspace: Workspace, standing: Standing, assignment: Assignment) -> bool:
    """Write feedback/<student>/<assignment>/<notebook>.html, a page for each notebook.

    nbgrader's release_feedback copies each to where the student who handed in fetches it. It needs
    two files beside them, which came with the submission; returns whether both are there.
    """
    place = Path(standing.student) / assignment.name
    graded, folder = workspace.autograded / place, workspace.feedback / place
    for notebook in assignment.notebooks:
        page = _feedback(workspace, standing, assignment, [notebook.name])
        write_atomically(folder / f"{notebook.name}.html", page)
    for name in (TIMESTAMP, SECRET):
        (folder / name).unlink(missing_ok=True)
        if (graded / name).is_file():
            shutil.copyfile(graded / name, folder / name)
    return all((folder / name).is_file() for name in (TIMESTAMP, SECRET))


def write_class_report(
    workspace: Workspace,
    standings: Sequence[Standing],
    assignment: Assignment,
    not_graded: Mapping[str, str],
) -> Path:
    """Write report.html and marks.csv; `not_graded` says why, by student."""
    summary = summarize(standings)
    page = render(
        "class.html",
        title=assignment.title,
        assignment=assignment.name,
        summary=summary,
        questions=_by_notebook(summary.questions),
        not_graded=not_graded,
        enough=ENOUGH_STUDENTS,
        most=MOST_SHOWN,
        most_notes=MOST_NOTES,
        besides=_besides,
        link=lambda student: f"pages/{quote(student)}.html",
    )
    file = workspace.output / "report.html"
    write_atomically(file, page)
    write_atomically(workspace.output / "marks.csv", marks_table(standings))
    return file


def load_standing(workspace: Workspace, report: Report) -> Standing:
    """Return how a student stands by a report and the gradebook."""
    marks = read_class(workspace.gradebook, report.assignment, report.student)
    return Standing(report, marks.get(report.student, NOTHING))


def load_standings(workspace: Workspace, assignment: str) -> list[Standing]:
    """Return how everybody stands whose results are stored, by name.

    Raises CourseError if results or the gradebook can't be read.
    """
    marks = read_class(workspace.gradebook, assignment)
    reports = map(load, sorted((workspace.output / "results").glob("*.json")))
    return [Standing(report, marks.get(report.student, NOTHING)) for report in reports]


def _feedback(
    workspace: Workspace, standing: Standing, assignment: Assignment, names: Iterable[str]
) -> bytes:
    """Render a page with some of the notebooks."""
    rows = {row.question: row for row in standing.questions}
    comments = standing.marks.comments
    folder = workspace.autograded / standing.student / assignment.name
    notebooks = [
        (name, list(read_cells(folder / f"{name}.ipynb", rows, comments))) for name in names
    ]
    cells = chain.from_iterable(shown for _, shown in notebooks)
    places = {cell.id: place for place, cell in enumerate(cells)}
    cards = _cards(standing.questions)
    report = standing.report
    return render(
        "feedback.html",
        title=assignment.title,
        report=report,
        standing=standing,
        parts=list(_parts(standing)),
        comments=sorted(comments.items(), key=lambda item: places.get(item[0], len(places))),
        cards=cards,
        explained={row.question for card in cards for row in card.rows},
        untried=[row for row in standing.questions if not row.is_attempted],
        questions=_by_notebook(standing.questions),
        notebooks=notebooks,
        shown=places.keys(),
        rows=rows,
        kinds={name: _kind(row) for name, row in rows.items()},
        words={name: _word(row) for name, row in rows.items()},
        late=_duration(report.late_seconds),
        is_isolated="unsafe" not in report.layers,
    )


def _by_notebook(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Group questions by notebook, in the course's order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.notebook, []).append(row)
    return groups


def _parts(standing: Standing) -> Iterator[tuple[str, float, str]]:
    """Yield the parts of the bar of points: kind, share of all points, words."""
    whole = max(standing.max_points, sum(row.points for row in standing.questions)) or 1.0
    for (words, points), kind in zip(standing.shares(), ("good", "hand", "half"), strict=True):
        yield kind, points / whole, f"{round(points, 2):g} {words}"
    waiting = sum(row.max_points - row.points for row in standing.waiting)
    yield "wait", waiting / whole, f"{round(waiting, 2):g} still to be marked"


def _cards(rows: Iterable[QuestionStanding]) -> list[Card]:
    """Return what is said of questions that aren't right; what has one cause is said once."""
    groups: dict[object, list[QuestionStanding]] = {}
    explained: dict[object, str] = {}
    for row in rows:
        result = row.result
        if result is None or result.verdict is Verdict.PASS or not row.is_attempted:
            continue
        is_plain = bool(result.message) and not (row.points or row.is_by_hand)
        same = (result.verdict, result.message, result.diagnosis) if is_plain else row.question
        groups.setdefault(same, []).append(row)
    cards = []
    for group in groups.values():
        diagnosis = group[0].result.diagnosis if group[0].result else None
        mistakes = diagnosis.mistakes if diagnosis else ()
        same_as = explained.setdefault(mistakes, group[0].question) if mistakes else ""
        cards.append(Card(tuple(group), same_as if same_as != group[0].question else ""))
    return cards


def _kind(row: QuestionStanding) -> str:
    """Return the colour of a question: good, half, bad, wait or none."""
    if row.waits:
        return "wait"
    if not row.is_attempted and not row.points:
        return "none"
    if row.result is None:
        return "good" if row.is_right else "half"
    if row.result.verdict is Verdict.PASS:
        return "good"
    return "half" if row.points else "bad"


def _word(row: QuestionStanding) -> str:
    if row.result is None:
        if row.waits:
            return "waits for a person"
        return "marked" if row.is_by_hand else "not attempted"
    if row.follow_through:
        return "follow-through"
    return WORDS[row.result.verdict]


def _besides(standing: Standing) -> str:
    """Say what else is to be known of a student, in a few words."""
    report = standing.report
    counts = {
        "waiting": len(standing.waiting),
        "by hand": sum(row.is_by_hand for row in standing.questions),
        "to look at": len(report.flags),
    }
    said = [f"{count} {words}" for words, count in counts.items() if count]
    said += [f"{_duration(report.late_seconds)} late"] * bool(report.late_seconds)
    return ", ".join([*said, *["note"] * bool(report.notes)])


def _duration(seconds: float) -> str:
    """Say how long, in days and hours."""
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    counts = {"day": days, "hour": hours, "minute": 0 if days else minutes}
    said = [f"{count} {unit}{'s' * (count > 1)}" for unit, count in counts.items() if count]
    return " ".join(said) or "less than a minute"
