"""Enters assignments into nbgrader's gradebook as `nbgrader generate_assignment` does.

That command commits once a cell, writes release/, and refuses to add or remove cells once somebody
has handed in. Here the same cells, with the same checksums, are compared with the gradebook in one
transaction. Questions that are gone go with their marks, unless a person gave one of those: then
they stay, and the machine's marks on them become 0.

Importing this module is cheap; nbgrader, which takes seconds, is imported where it is used.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.grading.marks import NOTHING, MachineMarks
from autograder.model import Assignment, CourseError


def handed_out_notebook(file: Path) -> dict[str, Any]:
    """Return a notebook of source/ without solutions, with hidden parts, locks and checksums.

    This is the state in which `nbgrader generate_assignment` enters a notebook into the gradebook,
    as JSON has it.
    """
    try:
        notebook: dict[str, Any] = json.loads(_handed_out(file.read_bytes()))
    except (OSError, ValueError) as problem:
        raise CourseError(f"{file} can't be read ({problem}). Run `autograder build`.") from problem
    return notebook


@lru_cache(maxsize=64)
def _handed_out(content: bytes) -> str:
    """Return the text of the handed-out notebook; every submission of a class asks for it.

    Whether it is valid isn't looked at: the build did, and it would take most of the time.
    """
    import nbformat
    from nbgrader.preprocessors import CheckCellMetadata, SaveCells

    from autograder.authoring.nbgrader_release import release_preprocessors

    notebook = nbformat.v4.reads(content.decode())
    for step in itertools.takewhile(lambda step: step is not SaveCells, release_preprocessors()):
        if step is not CheckCellMetadata:
            notebook, _ = step().preprocess(notebook, {})
    return json.dumps(notebook)


def enter_assignment(
    session: Any, course_id: str, assignment: Assignment, notebooks: Mapping[str, Any]
) -> None:
    """Make the gradebook's rows of an assignment what its handed-out `notebooks` say."""
    from nbgrader import api

    row = find_assignment(session, assignment.name)
    if row is None:
        row = api.Assignment(name=assignment.name, course_id=course_id)
        session.add(row)
    if assignment.due is not None:  # else what was entered in the formgrader stays
        row.duedate = in_database(assignment.due)
    known = {notebook.name: notebook for notebook in row.notebooks}
    for name, content in notebooks.items():
        if name not in known:
            known[name] = api.Notebook(name=name, assignment=row)
            session.add(known[name])
        known[name].kernelspec = json.dumps(content["metadata"].get("kernelspec", {}))
        _enter_cells(session, known[name], _Cells.of(content))
    for name in known.keys() - notebooks.keys():
        _enter_cells(session, known[name], _Cells())
        _remove_if_empty(session, known[name])
    session.flush()
    session.expire_all()  # lists that still hold what was removed
    for submission in row.submissions:
        complete(session, submission)


def find_assignment(session: Any, name: str) -> Any:
    """Return the gradebook's row of an assignment, or None."""
    from nbgrader import api

    return session.query(api.Assignment).filter_by(name=name).one_or_none()


def complete(session: Any, submission: Any) -> None:
    """Add the rows that a submission lacks: one a notebook, one a mark, one a comment.

    Marks and comments have their ids, but are written by the session's next flush, with what is
    entered until then.
    """
    from nbgrader import api

    with session.no_autoflush:  # each lazy list below would look for something to write
        notebooks = submission.assignment.notebooks
        mine = {each.notebook_id: each for each in submission.notebooks}
        for notebook in notebooks:
            if notebook.id not in mine:
                mine[notebook.id] = api.SubmittedNotebook(notebook=notebook, assignment=submission)
        session.add_all(mine.values())
        session.flush()
        for notebook in notebooks:
            submitted = mine[notebook.id]
            marked = {grade.cell_id for grade in submitted.grades}
            commented = {comment.cell_id for comment in submitted.comments}
            for cell in notebook.grade_cells:
                if cell.id not in marked:
                    session.add(api.Grade(id=api.new_uuid(), cell=cell, notebook=submitted))
            for cell in notebook.solution_cells:
                if cell.id not in commented:
                    session.add(api.Comment(id=api.new_uuid(), cell=cell, notebook=submitted))


def in_database(moment: datetime) -> datetime:
    """Return a moment as nbgrader stores it: in UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


@dataclass
class _Cells:
    """What nbgrader stores of the cells of a notebook, by their names."""

    grade: dict[str, dict[str, Any]] = field(default_factory=dict)
    solution: dict[str, dict[str, Any]] = field(default_factory=dict)
    source: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, notebook: Mapping[str, Any]) -> _Cells:
        import nbformat
        from nbgrader import utils

        cells = cls()
        for cell in nbformat.from_dict(notebook["cells"]):
            label = cell.metadata.get("nbgrader", {})
            name = label.get("grade_id")
            if utils.is_grade(cell):
                points = float(label["points"])
                cells.grade[name] = {"max_score": points, "cell_type": cell.cell_type}
            if utils.is_solution(cell):
                cells.solution[name] = {}
            if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell):
                cells.source[name] = {
                    "cell_type": cell.cell_type,
                    "locked": utils.is_locked(cell),
                    "source": cell.source,
                    "checksum": label.get("checksum"),
                }
        return cells


def _enter_cells(session: Any, notebook: Any, wanted: _Cells) -> None:
    from nbgrader import api

    gone = _enter_rows(session, notebook, api.GradeCell, notebook.grade_cells, wanted.grade)
    gone += _enter_rows(
        session, notebook, api.SolutionCell, notebook.solution_cells, wanted.solution
    )
    kept = {cell.name for cell in gone if not _remove_cell(session, cell)}
    for cell in _enter_rows(
        session, notebook, api.SourceCell, notebook.source_cells, wanted.source
    ):
        if cell.name not in kept:
            session.delete(cell)
    session.flush()
    session.expire(notebook)  # its lists still hold what was removed


def _enter_rows(
    session: Any,
    notebook: Any,
    kind: Any,
    rows: Iterable[Any],
    wanted: Mapping[str, Mapping[str, Any]],
) -> list[Any]:
    """Add and update rows of one kind; return those that nobody wants any more."""
    by_name = {row.name: row for row in rows}
    for name, values in wanted.items():
        if name in by_name:
            for key, value in values.items():
                setattr(by_name[name], key, value)
        else:
            session.add(kind(name=name, notebook=notebook, **values))
    return [row for name, row in by_name.items() if name not in wanted]


def _remove_cell(session: Any, cell: Any) -> bool:
    """Remove a cell with its marks or comments; False if a person's hand is on one of them."""
    grades, comments = cell.grades or [], cell.comments or []
    marks = MachineMarks(session, grades)
    if any(map(marks.is_marked_by_person, grades)) or any(each.manual_comment for each in comments):
        for grade in grades:
            marks.enter(grade, NOTHING)
        marks.save()
        return False
    marks.forget()
    for grade in grades:
        session.delete(grade)
    for comment in comments:
        session.delete(comment)
    session.flush()
    session.delete(cell)
    return True


def _remove_if_empty(session: Any, notebook: Any) -> None:
    if not notebook.grade_cells and not notebook.solution_cells:
        for submitted in notebook.submissions:
            session.delete(submitted)
        session.flush()
        session.delete(notebook)
