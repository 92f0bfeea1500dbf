"""The one writer to nbgrader's gradebook and to autograded/.

`GradebookWriter.prepare` enters an assignment (`syllabus`), `write` all marks of one submission
(`marks` says whose mark is whose), and `write_autograded` the notebooks by which the formgrader
shows them (`graded_notebook`). Each is one transaction, or one renamed folder: whatever happens,
there is the old or the new, never half of both.

nbgrader's own Gradebook commits once a cell, so its tables are used, through SQLAlchemy, and not
its methods. Any database will do that SQLAlchemy speaks to.

Importing this module is cheap; nbgrader, which takes seconds, is imported where it is used.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.grading.graded_notebook import fill, machine_score
from autograder.grading.marks import NOTHING, MachineMark, MachineMarks, machine_table
from autograder.grading.syllabus import (
    complete,
    enter_assignment,
    find_assignment,
    handed_out_notebook,
    in_database,
)
from autograder.model import Assignment, CourseError, ExecutedCell, Report, Result, WrittenAnswer

COURSE_ID = "nn-from-scratch"
NO_RESPONSE = "No response."  # nbgrader's words
_MIGRATION = re.compile(r"""^revision(?::[^=]*)?\s*=\s*["'](\w+)["']""", re.MULTILINE)
_MIGRATION_BEFORE = re.compile(r"""^down_revision(?::[^=]*)?\s*=\s*["'](\w+)["']""", re.MULTILINE)
LOCK_SECONDS = 60  # how long a write waits for another program that writes


@dataclass(frozen=True)
class Mark:
    """What the gradebook holds on one question; None where nothing was entered."""

    question: str
    notebook: str
    points: float  # as it counts: the person's mark, else the machine's, with extra credit
    max_points: float
    machine_score: float | None
    manual_score: float | None
    extra_credit: float | None
    needs_manual_grade: bool


@dataclass(frozen=True)
class Marks:
    """What the gradebook holds on one submission.

    `marks` are by question; `comments` are what people wrote, by the cell that they wrote it on: an
    answer or a written answer.
    """

    marks: Mapping[str, Mark]
    comments: Mapping[str, str]
    late_penalty: float = 0

    @property
    def points(self) -> float:
        """All points, before the penalty for lateness."""
        return sum(mark.points for mark in self.marks.values())


def import_nbgrader() -> None:
    """Import what writing needs, which takes seconds."""
    from nbgrader import api, preprocessors  # noqa: F401


class GradebookWriter:
    """Writes to one gradebook; a context manager."""

    def __init__(self, database_url: str, course_id: str = COURSE_ID) -> None:
        self.database_url = database_url
        self.course_id = course_id
        self._engine: Any = None
        self._given: dict[Path, dict[Path, bytes]] = {}  # by folder of source/

    def __enter__(self) -> GradebookWriter:
        with _errors_for_people(self.database_url):
            self._engine = _open(self.database_url)
            try:
                _create_tables(self._engine, self.course_id)
            except BaseException:
                self._engine.dispose()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._engine.dispose()

    def prepare(self, assignment: Assignment, source_folder: Path) -> None:
        """Enter or update an assignment as it stands in `source_folder`, a folder of source/."""
        notebooks = {
            each.name: handed_out_notebook(source_folder / f"{each.name}.ipynb")
            for each in assignment.notebooks
        }
        with self._transaction() as session:
            enter_assignment(session, self.course_id, assignment, notebooks)

    def write(self, report: Report) -> None:
        """Enter all marks of one submission; what a person entered stays.

        Raises CourseError if the assignment was not prepared, or the database fails.
        """
        with self._transaction() as session, session.no_autoflush:
            submission = _enter_submission(session, report)
            # Questions of the gradebook that the report lacks were not handed in, or are gone.
            _enter_marks(session, submission, _marks_of(report), NOTHING)
            _enter_comments(submission, report)

    def withdraw(self, student: str, assignment: str) -> None:
        """Take back what a machine gave to a submission that could not be graded anew."""
        with self._transaction() as session:
            submission = _find_submission(session, student, assignment)
            if submission is not None:
                _enter_marks(session, submission, {}, MachineMark(None))

    def write_autograded(
        self,
        report: Report,
        folder: Path,
        source_folder: Path,
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        """Write folder/<student>/<assignment>/, in place of what was there.

        It holds the graded notebooks, the files that were graded with them (the course's, and in
        their place `files`, the student's), and timestamp.txt.
        """
        target = folder / report.student / report.assignment
        with _replaced_folder(target) as new:
            if source_folder not in self._given:
                self._given[source_folder] = dict(_given_files(source_folder))
            handed_in = {Path(path): content for path, content in (files or {}).items()}
            for path, content in {**self._given[source_folder], **handed_in}.items():
                _write(new / path, content)
            for name in report.notebooks:
                write_notebook(new / f"{name}.ipynb", graded_notebook(report, name, source_folder))
            if report.timestamp:
                moment = report.timestamp.astimezone(UTC)
                _write(new / "timestamp.txt", f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode())

    def read_marks(self, student: str, assignment: str) -> Marks | None:
        """Return what the gradebook holds on a submission, or None if there is none."""
        return read_class(self.database_url, assignment, student).get(student)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        from sqlalchemy.orm import Session

        if self._engine is None:
            raise TypeError("GradebookWriter is a context manager: use it in a with statement")
        with (
            _errors_for_people(self.database_url),
            Session(self._engine) as session,
            session.begin(),
        ):
            yield session


def find_graded(database_url: str, assignment: str) -> frozenset[str]:
    """Return the students of whom a gradebook knows a submission.

    Needs no nbgrader, so that a class of which nothing has changed is done in no time. Raises
    CourseError if the database can't be used.
    """
    return frozenset(row.student_id for row in _rows(database_url, _SUBMISSIONS, assignment))


def read_class(database_url: str, assignment: str, student: str | None = None) -> dict[str, Marks]:
    """Return what a gradebook holds on a class, or on one student, by student.

    Needs no nbgrader. Raises CourseError if the database can't be used.
    """
    marks: dict[str, dict[str, Mark]] = {}
    comments: dict[str, dict[str, str]] = {}
    penalties: dict[str, float] = {}
    for row in _rows(database_url, _SUBMISSIONS, assignment, student):
        marks[row.student_id], comments[row.student_id] = {}, {}
        penalty = row.late_submission_penalty or 0.0
        penalties[row.student_id] = penalties.get(row.student_id, 0.0) + penalty
    for row in _rows(database_url, _GRADES, assignment, student):
        marks[row.student_id][row.question] = _mark(row)
    for row in _rows(database_url, _COMMENTS, assignment, student):
        if row.manual_comment:
            comments[row.student_id][row.cell] = row.manual_comment
    return {each: Marks(marks[each], comments[each], penalties[each]) for each in marks}


def graded_notebook(report: Report, name: str, source_folder: Path) -> dict[str, Any]:
    """Return a graded notebook of a submission, with hidden parts, as JSON has it."""
    notebook = handed_out_notebook(source_folder / f"{name}.ipynb")
    untouched = {answer.question for answer in report.written if not answer.attempted}
    fill(notebook, report.notebooks[name], frozenset(untouched))
    return notebook


def write_notebook(file: Path, notebook: Mapping[str, Any]) -> None:
    """Write a notebook; for machines, which read one without line breaks ten times faster."""
    _write(file, json.dumps(notebook, sort_keys=True).encode())


def _create_tables(engine: Any, course_id: str) -> None:
    """Make the tables where they are missing, as nbgrader does when it opens a gradebook.

    All or none, so that a run that is killed here leaves no gradebook without a version. nbgrader
    runs a program of its own to learn the version of its tables, which takes seconds.
    """
    from nbgrader import api
    from sqlalchemy import inspect, text
    from sqlalchemy.orm import Session

    with Session(engine) as session, session.begin():
        connection = session.connection()
        is_new = not inspect(connection).get_table_names()
        api.Base.metadata.create_all(connection)
        machine_table().create(connection, checkfirst=True)
        if is_new:
            session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            version = {"version": _table_version()}
            session.execute(text("INSERT INTO alembic_version VALUES (:version)"), version)
        if session.get(api.Course, course_id) is None:
            session.add(api.Course(id=course_id))


def _table_version() -> str:
    """Return the name of nbgrader's last migration: the one that no other one comes after."""
    from nbgrader import dbutil

    texts = [file.read_text() for file in Path(dbutil.ALEMBIC_DIR, "versions").glob("*.py")]
    names, earlier = (
        {found[1] for text in texts if (found := pattern.search(text))}
        for pattern in (_MIGRATION, _MIGRATION_BEFORE)
    )
    last = names - earlier
    if len(last) != 1:
        raise CourseError(
            "The version of nbgrader's tables can't be told from its migrations. Make the "
            "gradebook with `nbgrader db upgrade`, then grade again."
        )
    return last.pop()


def _open(database_url: str) -> Any:
    """Return an engine whose transactions are real ones with SQLite too.

    Python's driver begins one late and leaves the making of tables out of it; a transaction that
    reads before it writes then fails at once where another program writes, and doesn't wait.
    """
    from sqlalchemy import create_engine, event, make_url

    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": LOCK_SECONDS, "isolation_level": None})
    event.listen(engine, "begin", lambda each: each.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


@contextmanager
def _errors_for_people(database_url: str) -> Iterator[None]:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        yield
    except ArgumentError as problem:
        raise CourseError(f"The gradebook's address {database_url!r} is not one.") from problem
    except SQLAlchemyError as problem:
        where = make_url(database_url).render_as_string(hide_password=True)
        raise CourseError(
            f"The gradebook {where} can't be used, and is left as it was: {problem}. If it was "
            "made by an older nbgrader, make a copy of it and run `nbgrader db upgrade`."
        ) from problem


def _find_submission(session: Any, student: str, assignment: str) -> Any:
    from nbgrader import api

    return (
        session.query(api.SubmittedAssignment)
        .join(api.Assignment)
        .filter(api.Assignment.name == assignment)
        .filter(api.SubmittedAssignment.student_id == student)
        .one_or_none()
    )


def _enter_submission(session: Any, report: Report) -> Any:
    from nbgrader import api

    assignment = find_assignment(session, report.assignment)
    if assignment is None:
        raise CourseError(
            f"The gradebook has no assignment {report.assignment!r}: "
            f"run `nbgrader generate_assignment {report.assignment}` or `autograder grade`."
        )
    student = session.get(api.Student, report.student)
    if student is None:
        student = api.Student(id=report.student)
        session.add(student)
    submission = _find_submission(session, report.student, report.assignment)
    if submission is None:
        submission = api.SubmittedAssignment(assignment=assignment, student=student)
        session.add(submission)
        session.flush()
    submission.timestamp = in_database(report.timestamp) if report.timestamp else None
    complete(session, submission)
    return submission


def _enter_marks(
    session: Any,
    submission: Any,
    marks: Mapping[tuple[str, str], MachineMark],
    default: MachineMark,
) -> None:
    """Enter a mark for each question of the gradebook, by notebook and name."""
    grades = {
        (notebook.name, grade.name): grade
        for notebook in submission.notebooks
        for grade in notebook.grades
    }
    entering = MachineMarks(session, grades.values())
    for key, grade in grades.items():
        entering.enter(grade, marks.get(key, default))
    entering.save()


def _marks_of(report: Report) -> dict[tuple[str, str], MachineMark]:
    marks = {(result.notebook, result.question): _mark_of(result) for result in report.results}
    for answer in report.written:
        marks[answer.notebook, answer.question] = _mark_of_written(answer, report)
    return marks


def _mark_of(result: Result) -> MachineMark:
    score = machine_score(result)
    return MachineMark(score, 0 if score is None else result.bonus)


def _mark_of_written(answer: WrittenAnswer, report: Report) -> MachineMark:
    cell = _executed(report, answer.notebook).get(answer.question)
    text = cell.source if cell and answer.attempted else None
    return MachineMark(None if answer.attempted else 0.0, answer=text)


def _enter_comments(submission: Any, report: Report) -> None:
    """Say "No response." where a cell is as it was handed out, as nbgrader does."""
    for notebook in submission.notebooks:
        executed = _executed(report, notebook.name)
        handed_out = {cell.name: cell.source for cell in notebook.notebook.source_cells}
        untouched = {
            answer.question
            for answer in report.written
            if answer.notebook == notebook.name and not answer.attempted
        }
        for comment in notebook.comments:
            cell = executed.get(comment.name)
            is_untouched = cell is None or cell.source == handed_out.get(comment.name)
            is_empty = is_untouched or comment.name in untouched
            comment.auto_comment = NO_RESPONSE if is_empty else None


def _executed(report: Report, notebook: str) -> dict[str, ExecutedCell]:
    return {each.cell.id: each for each in report.notebooks.get(notebook, ())}


_FROM = """
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""
_NOTEBOOKS = "submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id"
_SUBMISSIONS = f"SELECT student_id, late_submission_penalty {_FROM} LEFT JOIN {_NOTEBOOKS}"
_GRADES = f"""
    SELECT student_id, notebook.name AS notebook, base_cell.name AS question, max_score,
        auto_score, manual_score, extra_credit, needs_manual_grade
    {_FROM} JOIN {_NOTEBOOKS}
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN grade_cells ON grade_cells.id = base_cell.id
"""
_COMMENTS = f"""
    SELECT student_id, base_cell.name AS cell, manual_comment
    {_FROM} JOIN {_NOTEBOOKS}
    JOIN comment ON comment.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = comment.cell_id
"""


def _rows(database_url: str, select: str, assignment: str, student: str | None = None) -> list[Any]:
    """Return what is selected of an assignment; nothing where there is no gradebook yet."""
    from sqlalchemy import inspect, make_url, text

    chosen = {"assignment": assignment}
    query = f"{select} WHERE assignment.name = :assignment"
    if student is not None:
        chosen["student"] = student
        query += " AND student_id = :student"
    with _errors_for_people(database_url):
        url = make_url(database_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            return []  # SQLite would make the file
        engine = _open(database_url)
        try:
            with engine.connect() as connection:
                if not inspect(connection).has_table("submitted_assignment"):
                    return []
                return list(connection.execute(text(query), chosen))
        finally:
            engine.dispose()


def _mark(row: Any) -> Mark:
    score = row.auto_score if row.manual_score is None else row.manual_score
    return Mark(
        question=row.question,
        notebook=row.notebook,
        points=0.0 if score is None else score + (row.extra_credit or 0.0),  # as nbgrader counts
        max_points=row.max_score,
        machine_score=row.auto_score,
        manual_score=row.manual_score,
        extra_credit=row.extra_credit,
        needs_manual_grade=bool(row.needs_manual_grade),
    )


@contextmanager
def _replaced_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target` to fill, then put it in the place of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}-*"):  # of a run that was killed
        shutil.rmtree(leftover)
    new = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    old = new.with_name(f"{new.name}-old")
    try:
        new.chmod(0o755)
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(new, ignore_errors=True)
        raise
    if old.exists():
        shutil.rmtree(old)


def _given_files(source_folder: Path) -> Iterator[tuple[Path, bytes]]:
    for file in source_folder.rglob("*"):
        path = file.relative_to(source_folder)
        left_out = "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts
        if file.is_file() and file.suffix != ".ipynb" and not left_out:
            yield path, file.read_bytes()


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
