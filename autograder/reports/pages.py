"""Renders the feedback page of a student and the page of a class."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from autograder.authoring import split_hidden
from autograder.grading.store import Workspace, load, write_atomically
from autograder.model import Assignment, Report, Result, Verdict
from autograder.reports.text import (
    answer_html,
    code_html,
    given_code_html,
    lesson_html,
    output_html,
)

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


@dataclass(frozen=True)
class CellView:
    """A cell of a graded notebook, ready to be shown."""

    kind: str  # lesson, code, answer, written
    body: Markup
    outputs: tuple[Markup, ...] = ()
    result: Result | None = None


@dataclass(frozen=True)
class QuestionView:
    """How a class did on one question."""

    name: str
    notebook: str
    max_points: float
    counts: Counter[Verdict]
    students: int

    @property
    def passed(self) -> float:
        """Share of the class that has it right."""
        return self.counts[Verdict.PASS] / self.students if self.students else 0.0


def write_feedback(workspace: Workspace, student: str, assignment: Assignment) -> Path:
    """Write one student's page from what grading stored.

    Raises CourseError if the student's results can't be read.
    """
    report = load(workspace.result_file(student))
    folder = workspace.autograded / student / assignment.name
    notebooks = [
        (notebook.name, list(_views(folder / f"{notebook.name}.ipynb", report.results)))
        for notebook in assignment.notebooks
    ]
    page = (
        _environment()
        .get_template("feedback.html")
        .render(
            report=report,
            title=assignment.title,
            notebooks=notebooks,
            by_notebook={
                notebook.name: [row for row in report.results if row.notebook == notebook.name]
                for notebook in assignment.notebooks
            },
            words=WORDS,
            late=timedelta(seconds=round(report.late_seconds)),
            is_isolated="unsafe" not in report.layers,
        )
    )
    file = workspace.page(student)
    write_atomically(file, page.encode())
    return file


def write_class_page(
    workspace: Workspace, reports: Sequence[Report], assignment: Assignment
) -> Path:
    """Write the page that shows a whole class at once."""
    page = (
        _environment()
        .get_template("class.html")
        .render(
            title=assignment.title,
            assignment=assignment.name,
            reports=sorted(reports, key=lambda report: report.student),
            questions=list(_questions(reports)),
            words=WORDS,
            links={report.student: f"pages/{quote(report.student)}.html" for report in reports},
            is_isolated=all("unsafe" not in report.layers for report in reports),
        )
    )
    file = workspace.output / "report.html"
    write_atomically(file, page.encode())
    return file


def _views(file: Path, results: Iterable[Result]) -> Iterator[CellView]:
    by_question = {result.question: result for result in results}
    for cell in json.loads(file.read_bytes())["cells"]:
        source = "".join(cell["source"])
        label = cell["metadata"].get("nbgrader", {})
        is_answer = label.get("solution", False)
        if cell["cell_type"] == "markdown":
            body = answer_html(source) if is_answer else lesson_html(source)
            yield CellView("written" if is_answer else "lesson", body)
            continue
        outputs = cell.get("outputs", [])
        result = by_question.get(label.get("grade_id", ""))
        if result:
            source, _ = split_hidden(source)
            # By this output nbgrader is told the score; the page says it in words.
            outputs = [row for row in outputs if row["output_type"] != "execute_result"]
        kind = "answer" if is_answer else "code"
        code = code_html(source) if is_answer else given_code_html(source)
        yield CellView(kind, code, tuple(map(output_html, outputs)), result)


def _questions(reports: Sequence[Report]) -> Iterator[QuestionView]:
    rows: dict[str, list[Result]] = {}
    for report in reports:
        for result in report.results:
            rows.setdefault(result.question, []).append(result)
    for name, results in rows.items():
        counts = Counter(result.verdict for result in results)
        yield QuestionView(name, results[0].notebook, results[0].max_points, counts, len(reports))


def _environment() -> jinja2.Environment:
    from pygments.formatters import HtmlFormatter

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: f"{value:g}"
    environment.globals["code_style"] = Markup(  # noqa: S704 - a constant of the library
        HtmlFormatter(style="default").get_style_defs("pre.code")
    )
    return environment
