"""Plugs our grading into stock nbgrader; nbgrader_config.py calls `configure`.

nbgrader still walks through the class, sanitises notebooks and keeps its folders, but:

    generate_assignment   strips solutions with our step, which fails closed
    autograde             TakeAnswers   puts the course's cells in place of the student's notebook
                          (nbgrader's own sanitising)
                          Grade         instead of Execute: what our sandbox and judge found
                          (nbgrader's SaveAutoGrades)
                          KeepMarks     extra credit, and what an output can't say
    generate_feedback     CutHidden     no hidden part reaches a student's page

A submission is graded once for all of its notebooks. What can't be graded raises, so that nbgrader
reports the submission as failed; what a machine gave it before is taken back first.

Importing this module takes seconds, like all of nbgrader.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    Execute,
    GetGrades,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_grade

from autograder.authoring import editable_files, is_stale, load_assignment, split_hidden
from autograder.authoring.nbgrader_release import release_preprocessors
from autograder.grading.gradebook import (
    COURSE_ID,
    GradebookWriter,
    graded_notebook,
)
from autograder.grading.intake import find_students
from autograder.grading.single import grade_one
from autograder.model import CourseError, Paths, Report


def configure(config: Any, root: Path) -> None:
    """Make the folder `root` an nbgrader course: fill nbgrader's `config`."""
    paths = Paths(root.resolve())
    # For a new gradebook, nbgrader starts `alembic` by name; it lies beside this Python.
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((folder, os.environ.get("PATH", "")))
    config.CourseDirectory.root = str(paths.root)
    config.CourseDirectory.course_id = COURSE_ID
    config.GenerateAssignment.preprocessors = release_preprocessors()
    config.Autograde.exclude_overwriting = editable_files(paths)
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.sanitize_preprocessors = [
        TakeAnswers,
        *Autograde.sanitize_preprocessors.default_args[0],
    ]
    config.Autograde.autograde_preprocessors = list(_grading_steps())
    config.GenerateFeedback.preprocessors = [CutHidden, GetGrades, CSSHTMLHeaderPreprocessor]


def _grading_steps() -> Iterator[type]:
    """Yield nbgrader's own steps, ours in place of Execute, and marks kept before penalties."""
    for step in Autograde.autograde_preprocessors.default_args[0]:
        if step is AssignLatePenalties:
            yield KeepMarks
        yield Grade if step is Execute else step


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads notebooks; one that is damaged or missing counts as empty, and is no error.

    nbgrader makes one for each run of autograde, when it has listed what was handed in and before
    it looks at any of it. So this is also where the run is prepared.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        try:
            _prepare(self.parent)
        except CourseError as problem:
            self.log.error("%s", problem)  # noqa: TRY400 - words for people, no traceback
            raise NbGraderException(str(problem)) from problem

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> tuple[Any, Any]:
        """Read a notebook and run the steps on it."""
        try:
            notebook = nbformat.read(filename, as_version=4)
        except Exception as problem:  # whatever is wrong with it, the core says so in its notes
            self.log.warning("%s counts as empty: %s", filename, problem)
            notebook = nbformat.v4.new_notebook()
        converted: tuple[Any, Any] = self.from_notebook_node(notebook, resources, **more)
        return converted


def _prepare(converter: Any) -> None:
    """Make the gradebook know the assignment as it is now, and list all notebooks of a submission.

    Stock nbgrader can't grade before somebody ran generate_assignment, nor when questions changed
    since. And it skips notebooks that are missing, which our intake may find under another name.
    """
    course = converter.coursedir
    paths, name = Paths(Path(course.root)), course.assignment_id
    assignment = load_assignment(paths, name)
    if is_stale(paths, name):
        raise CourseError(f"source/{name} is older than assignments/: run `autograder build`.")
    with GradebookWriter(course.db_url, course.course_id) as writer:
        writer.prepare(assignment, paths.source / name)
    names = [each.name for each in assignment.notebooks]
    files = [f"{each}.ipynb" for each in names if fnmatch(each, course.notebook_id)]
    submitted = _submitted(course)
    for student in find_students(submitted, name):
        if fnmatch(student, course.student_id):
            folder = submitted / student / name
            converter.assignments[str(folder)] = [str(folder / file) for file in files]


class _FromReport(NbGraderPreprocessor):  # type: ignore[misc]
    """A step that knows what grading found."""

    def report(self, resources: Any) -> Report:
        """Return the report of the submission that is being converted; grade it if need be."""
        ids = resources["nbgrader"]
        return _graded(self, ids["student"], ids["assignment"], ids["db_url"])

    def notebook(self, resources: Any) -> Any:
        """Return the graded notebook in place of the student's."""
        report = self.report(resources)
        source = _paths(self).source / report.assignment
        notebook = graded_notebook(report, resources["nbgrader"]["notebook"], source)
        return nbformat.from_dict(notebook)


class TakeAnswers(_FromReport):
    """Puts the course's cells, with the student's answers, in place of what was handed in."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Replace the notebook."""
        return self.notebook(resources), resources


class Grade(Execute, _FromReport):  # type: ignore[misc]
    """Takes the place of Execute: runs nothing in this process, and fills in the outputs."""

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:
        """Replace the notebook."""
        return self.notebook(resources), resources


class KeepMarks(_FromReport):
    """Enters what outputs can't say: extra credit, and marks that only a person can give."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write all marks of the submission; the notebook stays as it is."""
        with GradebookWriter(resources["nbgrader"]["db_url"], _course(self).course_id) as writer:
            writer.write(self.report(resources))
        return nb, resources


class CutHidden(NbGraderPreprocessor):  # type: ignore[misc]
    """Cuts the hidden part of questions; outputs that quote one were replaced by grading."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Cut a notebook. Raises CourseError if a marker is damaged: then there is no page."""
        for cell in nb.cells:
            if is_grade(cell) and cell.cell_type == "code":
                cell.source, _ = split_hidden(cell.source, cell.metadata.nbgrader.grade_id)
        return nb, resources


# By the exporter of one conversion, so that a server that lives for weeks, as the formgrader does,
# neither keeps a class's reports nor takes an old one for a new submission.
_last: WeakKeyDictionary[Any, tuple[tuple[str, str], Report]] = WeakKeyDictionary()


def _graded(step: Any, student: str, assignment: str, database_url: str) -> Report:
    key, report = _last.get(step.parent, (None, None))
    if report is None or key != (student, assignment):
        try:
            report = _grade(step, student, assignment)
        except BaseException:
            with GradebookWriter(database_url, _course(step).course_id) as writer:
                writer.withdraw(student, assignment)
            raise
        _last[step.parent] = ((student, assignment), report)
    return report


def _grade(step: Any, student: str, assignment: str) -> Report:
    report = grade_one(_paths(step), assignment, student, _submitted(_course(step)))
    for note in report.notes:
        step.log.warning("%s: %s", student, note)
    return report


def _course(step: Any) -> Any:
    return CourseDirectory(parent=step)


def _paths(step: Any) -> Paths:
    return Paths(Path(_course(step).root))


def _submitted(course: Any) -> Path:
    return Path(course.root, course.submitted_directory)
