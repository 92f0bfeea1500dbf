"""Reads lessons: as authored, Python files in jupytext's percent format, or as built, .ipynb.

An authored cell says in its header what it is for:

    # %% [markdown]                              text
    # %%                                         given code, run in grading
    # %% tags=["explore"]                        given code, not run in grading
    # %% answer="cross_validate"                 code that students write
    # %% question="affine_forward" points=2      a check with points, perhaps bonus=1
    # %% [markdown] written="knn_q1" points=2    an answer in words

The built notebooks hold the same in nbgrader's metadata. They are plain JSON, so reading them
needs no import that takes seconds, as jupytext's does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.authoring.markers import (
    BEGIN_HIDDEN,
    END_HIDDEN,
    require_no_markers,
    require_strippable,
    split_hidden,
)
from autograder.model import Cell, CourseError, Notebook, Role

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LABELS = {"answer": Role.ANSWER, "question": Role.QUESTION, "written": Role.WRITTEN}
_KEYS = {
    Role.TEXT: set(),
    Role.SETUP: set(),
    Role.EXPLORE: {"tags"},
    Role.ANSWER: {"answer"},
    Role.QUESTION: {"question", "points", "bonus"},
    Role.WRITTEN: {"written", "points"},
}
# What jupytext notes for its own round trip.
_JUPYTEXT_KEYS = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}


def read_lesson(path: Path) -> Notebook:
    """Read an authored lesson and check all of its markers."""
    import jupytext  # takes seconds

    try:
        document = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except Exception as problem:
        raise CourseError(f"{path} can't be read as a lesson: {problem}") from problem
    cells = [
        _read_cell(cell.cell_type, dict(cell.metadata), cell.source, number, path)
        for number, cell in enumerate(document.cells, start=1)
    ]
    if not cells:
        raise CourseError(f"{path} has no cells; each begins with a line `# %%`.")
    return Notebook(path.stem, tuple(cells))


def read_built(path: Path) -> Notebook:
    """Read a notebook that the build made from a lesson."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Notebook(path.stem, tuple(_read_built_cell(cell) for cell in document["cells"]))
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise CourseError(
            f"{path} isn't as it was built ({problem!r}); run `autograder build` again."
        ) from problem


def _read_cell(kind: str, metadata: dict[str, Any], source: str, number: int, path: Path) -> Cell:
    where = f"{path}, cell {number}"
    if not source.strip():
        raise CourseError(f"{where} is empty.")
    role = _role(kind, metadata, where)
    unknown = metadata.keys() - _KEYS[role] - _JUPYTEXT_KEYS
    if unknown:
        raise CourseError(f"{where}: a cell for {role} knows no {sorted(unknown)[0]!r}.")
    if role in (Role.TEXT, Role.SETUP, Role.EXPLORE):
        require_no_markers(source, where)
        return Cell(f"cell-{number:02d}", role, source)
    name = metadata[next(label for label in _LABELS if label in metadata)]
    where = f"{path}, {name}"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CourseError(f"{where}: a name is letters, digits and _, and begins with a letter.")
    points = _points(metadata, "points", where) if role is not Role.ANSWER else 0
    bonus = _points(metadata, "bonus", where, default=0)
    hidden = ""
    if role is Role.QUESTION:
        source, hidden = split_hidden(source, where)
        _require_hidden(hidden, where)
    cell = Cell(name, role, source, hidden, points, bonus)
    require_strippable(cell, where)
    return cell


def _require_hidden(hidden: str, where: str) -> None:
    if not hidden.strip():
        raise CourseError(
            f"{where}: what students see can't decide a question alone; add a hidden part "
            f"between {BEGIN_HIDDEN} and {END_HIDDEN}."
        )


def _role(kind: str, metadata: Mapping[str, Any], where: str) -> Role:
    labels = [label for label in _LABELS if label in metadata]
    if len(labels) > 1:
        raise CourseError(f"{where} has two labels: {labels[0]} and {labels[1]}.")
    if labels:
        role = _LABELS[labels[0]]
        wanted = "markdown" if role is Role.WRITTEN else "code"
        if kind != wanted:
            raise CourseError(f"{where}: a cell for {role} is a {wanted} cell, this is {kind}.")
        return role
    if "tags" in metadata:
        if metadata["tags"] != ["explore"] or kind != "code":
            raise CourseError(f'{where}: the only tags are tags=["explore"], on code cells.')
        return Role.EXPLORE
    if kind not in ("code", "markdown"):
        raise CourseError(f"{where}: lessons have code and markdown cells; this is {kind}.")
    return Role.TEXT if kind == "markdown" else Role.SETUP


def _points(
    metadata: Mapping[str, Any], key: str, where: str, default: float | None = None
) -> float:
    value = metadata.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise CourseError(f"{where}: {key} must be a number, such as {key}=2.")
    return value


def _read_built_cell(cell: Mapping[str, Any]) -> Cell:
    source, metadata = cell["source"], cell["metadata"]
    text = source if isinstance(source, str) else "".join(source)
    nbgrader = metadata.get("nbgrader")
    if nbgrader is None:
        if cell["cell_type"] == "markdown":
            return Cell(cell["id"], Role.TEXT, text)
        explore = "explore" in metadata.get("tags", ())
        return Cell(cell["id"], Role.EXPLORE if explore else Role.SETUP, text)
    name, points = nbgrader["grade_id"], nbgrader.get("points", 0)
    if not nbgrader["grade"]:
        return Cell(name, Role.ANSWER, text)
    if nbgrader["solution"]:
        return Cell(name, Role.WRITTEN, text, points=points)
    visible, hidden = split_hidden(text, name)
    return Cell(name, Role.QUESTION, visible, hidden, points, metadata.get("bonus", 0))


def joined(cell: Cell) -> str:
    """Return the text of a cell as instructors see it: the question with its hidden part."""
    if cell.role is not Role.QUESTION:
        return cell.source
    parts = [cell.source] if cell.source else []
    return "\n".join([*parts, BEGIN_HIDDEN, cell.hidden, END_HIDDEN])
