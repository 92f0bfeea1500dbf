"""Reads the cells of a graded notebook, as they are shown to the student."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder.authoring import split_hidden
from autograder.model import CourseError, Role
from autograder.reports.standing import QuestionStanding
from autograder.reports.text import (
    answer_html,
    code_html,
    given_code_html,
    lesson_html,
    output_html,
)


@dataclass(frozen=True)
class CellView:
    """A cell, ready to be shown; `id` is set where other parts of the page may point to it."""

    kind: str  # text or code
    body: Markup
    outputs: tuple[Markup, ...] = ()
    id: str = ""
    is_mine: bool = False  # the student's own words or code
    is_not_run: bool = False
    row: QuestionStanding | None = None
    comment: str = ""


def read_cells(
    file: Path, rows: Mapping[str, QuestionStanding], comments: Mapping[str, str]
) -> Iterator[CellView]:
    """Yield the cells of a notebook in autograded/. Raises CourseError if it can't be read."""
    try:
        cells = json.loads(file.read_bytes())["cells"]
    except (OSError, ValueError, KeyError) as problem:
        raise CourseError(f"{file} can't be read ({problem}): grade with --force.") from problem
    for cell in cells:
        yield _view(cell, rows, comments)


def _view(
    cell: Mapping[str, Any], rows: Mapping[str, QuestionStanding], comments: Mapping[str, str]
) -> CellView:
    source = "".join(cell["source"])
    label = cell["metadata"].get("nbgrader", {})
    name, is_mine = label.get("grade_id", ""), label.get("solution", False)
    is_named = is_mine or label.get("grade", False)
    known = {
        "id": name if is_named else "",
        "is_mine": is_mine,
        "is_not_run": Role.EXPLORE in cell["metadata"].get("tags", ()),
        "row": rows.get(name) if label.get("grade") else None,
        "comment": comments.get(name, ""),
    }
    if cell["cell_type"] == "markdown":
        return CellView("text", answer_html(source) if is_mine else lesson_html(source), **known)
    outputs = cell.get("outputs", [])
    if label.get("grade"):
        source, _ = split_hidden(source, name)
        # By this output nbgrader is told the score; the page says it in words.
        outputs = [output for output in outputs if output["output_type"] != "execute_result"]
    code = code_html(source) if is_mine else given_code_html(source)
    return CellView("code", code, tuple(map(output_html, outputs)), **known)
