"""What grading writes into nbgrader's gradebook, and what it leaves to people."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from nbgrader.api import Comment, Grade, Gradebook, SubmittedAssignment, get_alembic_version

from autograder.authoring import build, load_assignment
from autograder.grading.gradebook import COURSE_ID, GradebookWriter, read_class
from autograder.model import CourseError, Paths, Verdict

HARNESS, MISSING, WRONG = Verdict.HARNESS, Verdict.MISSING, Verdict.WRONG


@pytest.fixture
def edit(url):
    """Return a function that does to a question's mark what a person does in the formgrader."""

    def entered(question, student="ada", comment=None, **values):
        with Gradebook(url, COURSE_ID) as book:
            if comment:
                found = book.find_comment(question, "lesson", "tiny", student)
                found.manual_comment = comment
            if values:
                grade = book.find_grade(question, "lesson", "tiny", student)
                for name, value in values.items():
                    setattr(grade, name, value)
                grade.needs_manual_grade = grade.manual_score is None and grade.auto_score is None
            book.db.commit()

    return entered


def mark(gradebook, question, student="ada"):
    return gradebook.read_marks(student, "tiny").marks[question]


def test_all_marks_of_a_report_are_read_back(gradebook, make_report):
    """Points go to auto_score, bonus to extra credit, written answers wait for a person."""
    report = make_report(verdicts={"scale_rows": WRONG}, points={"center_rows": 1.25})
    gradebook.write(report)
    marks = gradebook.read_marks("ada", "tiny").marks
    assert {name: found.machine_score for name, found in marks.items()} == {
        "scale_rows": 0,
        "center_rows": 1.25,
        "centered_scaled": 1,
        "sum_columns": 2,
        "count_positive_check": 3,
        "labels": 2,
        "why_columns": None,
    }
    assert marks["labels"].extra_credit == 1
    assert marks["labels"].points == 3
    assert [name for name in marks if marks[name].extra_credit] == ["labels"]
    assert [name for name in marks if marks[name].needs_manual_grade] == ["why_columns"]
    assert gradebook.read_marks("ada", "tiny").points == report.points
    assert {name: found.max_points for name, found in marks.items()}["labels"] == 2


def test_nbgrader_sees_the_same_total(gradebook, make_report, url):
    """Nbgrader's own sums agree with the report's."""
    report = make_report()
    gradebook.write(report)
    with Gradebook(url, COURSE_ID) as book:
        submission = book.find_submission("tiny", "ada")
        assert submission.score == report.points == 13
        assert submission.max_score == 14
        assert submission.needs_manual_grade


@pytest.mark.parametrize("hours", [0, 2])
def test_the_time_of_handing_in_is_stored_in_utc(gradebook, make_report, url, hours):
    """Nbgrader stores times in UTC, without a zone."""
    zone = timezone(timedelta(hours=hours))
    gradebook.write(make_report(timestamp=datetime(2025, 2, 1, 14, tzinfo=zone)))
    with Gradebook(url, COURSE_ID) as book:
        submission = book.find_submission("tiny", "ada")
        assert submission.timestamp == datetime(2025, 2, 1, 14 - hours)
        assert submission.assignment.duedate == datetime(2025, 2, 1, 12)
        assert submission.total_seconds_late == (2 - hours) * 3600


def test_an_untouched_written_answer_gets_0(gradebook, make_report):
    """Nobody needs to read what nobody wrote."""
    gradebook.write(make_report(answers={}))
    found = mark(gradebook, "why_columns")
    assert (found.machine_score, found.needs_manual_grade) == (0, False)


def test_untouched_cells_are_commented_as_nbgrader_does(gradebook, make_report, url):
    """Answers as handed out carry "No response."; people's comments are left alone."""

    def comments():
        with Gradebook(url, COURSE_ID) as book:
            return {each.name: each.comment for each in book.db.query(Comment)}

    gradebook.write(make_report(answers={}))
    assert comments() == {"count_positive": "No response.", "why_columns": "No response."}
    gradebook.write(make_report())
    assert comments() == {"count_positive": None, "why_columns": None}


def test_a_regrade_replaces_the_machines_marks(gradebook, make_report):
    """No old automatic mark stands: not for what is wrong now, nor for what is missing."""
    gradebook.write(make_report())
    gradebook.write(make_report(verdicts={"scale_rows": WRONG, "labels": MISSING}))
    assert mark(gradebook, "scale_rows").machine_score == 0
    assert (mark(gradebook, "labels").machine_score, mark(gradebook, "labels").points) == (0, 0)
    assert mark(gradebook, "labels").extra_credit is None


def test_questions_that_a_report_lacks_get_0(gradebook, make_report):
    """An old mark doesn't stand because nothing was said of its question."""
    gradebook.write(make_report())
    gradebook.write(make_report(results=(), written=(), notebooks={}))
    marks = gradebook.read_marks("ada", "tiny").marks.values()
    assert {found.machine_score for found in marks} == {0}
    assert not any(found.needs_manual_grade for found in marks)


def test_our_own_fault_writes_no_mark(gradebook, make_report):
    """HARNESS is nobody's 0: the old mark goes, and a person is asked."""
    gradebook.write(make_report())
    gradebook.write(make_report(verdicts={"labels": HARNESS}))
    found = mark(gradebook, "labels")
    assert (found.machine_score, found.extra_credit) == (None, None)
    assert found.needs_manual_grade


def test_withdrawn_marks_wait_for_a_person(gradebook, make_report, edit):
    """A submission that could not be graded anew keeps what people gave, and nothing else."""
    gradebook.write(make_report())
    edit("scale_rows", manual_score=1.5)
    gradebook.withdraw("ada", "tiny")
    gradebook.withdraw("nobody", "tiny")
    marks = gradebook.read_marks("ada", "tiny")
    assert {found.machine_score for found in marks.marks.values()} == {None}
    assert all(found.needs_manual_grade for found in marks.marks.values())
    assert marks.points == 1.5


def test_a_persons_mark_stays_and_is_reviewed_when_the_machines_changed(
    gradebook, make_report, edit
):
    """A regrade never overwrites manual_score; it asks again only if something changed."""
    gradebook.write(make_report())
    edit("scale_rows", manual_score=1.5)
    gradebook.write(make_report())
    assert not mark(gradebook, "scale_rows").needs_manual_grade
    gradebook.write(make_report(verdicts={"scale_rows": WRONG}))
    found = mark(gradebook, "scale_rows")
    assert (found.manual_score, found.machine_score, found.points) == (1.5, 0, 1.5)
    assert found.needs_manual_grade
    gradebook.write(make_report(verdicts={"scale_rows": WRONG}))
    assert mark(gradebook, "scale_rows").needs_manual_grade  # still nobody looked


def test_a_marked_answer_is_reviewed_when_its_text_changed(gradebook, make_report, edit):
    """The mark of a written answer belongs to the text that was read."""
    gradebook.write(make_report())
    edit("why_columns", manual_score=2, comment="Well said.")
    gradebook.write(make_report())
    assert not mark(gradebook, "why_columns").needs_manual_grade
    gradebook.write(make_report(answers={"why_columns": "Something else."}))
    found = mark(gradebook, "why_columns")
    assert (found.manual_score, found.needs_manual_grade) == (2, True)
    assert gradebook.read_marks("ada", "tiny").comments == {"why_columns": "Well said."}


def test_a_persons_extra_credit_stays(gradebook, make_report, edit):
    """Extra credit that isn't what the machine wrote last was entered by a person."""
    gradebook.write(make_report())
    edit("labels", extra_credit=0.5)
    edit("sum_columns", extra_credit=2.0)
    for report in (make_report(), make_report(verdicts={"labels": WRONG}), make_report()):
        gradebook.write(report)
        assert mark(gradebook, "labels").extra_credit == 0.5
        assert mark(gradebook, "sum_columns").extra_credit == 2.0


def test_the_machines_extra_credit_follows_the_submission(gradebook, make_report, edit):
    """Saving the machine's own value, or an empty field as 0, doesn't make it a person's."""
    gradebook.write(make_report(bonus=0.0))
    edit("labels", extra_credit=0.0)
    gradebook.write(make_report(bonus=1.0))
    edit("labels", extra_credit=1.0, manual_score=2.0)
    gradebook.write(make_report(bonus=0.5))
    assert mark(gradebook, "labels").extra_credit == 0.5


def test_one_students_regrade_touches_no_other(gradebook, make_report):
    """Marks belong to one student each."""
    gradebook.write(make_report("ada"))
    gradebook.write(make_report("bob", verdicts={"labels": WRONG}))
    gradebook.write(make_report("ada", verdicts={"scale_rows": WRONG}))
    assert gradebook.read_marks("ada", "tiny").points == 11
    assert gradebook.read_marks("bob", "tiny").points == 10
    assert gradebook.read_marks("eve", "tiny") is None


@pytest.mark.parametrize("first", [False, True])
def test_a_write_that_fails_leaves_the_gradebook_unchanged(
    gradebook, make_report, url, monkeypatch, first
):
    """All marks of a submission come in one transaction, or none."""
    from autograder.grading import gradebook as module

    if not first:
        gradebook.write(make_report())
    enter = module._enter_comments

    def fails(submission, report):
        enter(submission, report)
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "_enter_comments", fails)
    with pytest.raises(OSError, match="full"):
        gradebook.write(make_report(verdicts={"scale_rows": WRONG, "labels": HARNESS}))
    with Gradebook(url, COURSE_ID) as book:
        assert book.db.query(SubmittedAssignment).count() == (0 if first else 1)
        assert [student.id for student in book.students] == ([] if first else ["ada"])
        assert book.db.query(Grade).filter(Grade.auto_score == 2).count() == (0 if first else 4)


def test_an_unknown_assignment_is_an_error_for_people(url, make_report):
    """The message says what to run."""
    with GradebookWriter(url) as writer, pytest.raises(CourseError, match="generate_assignment"):
        writer.write(make_report())


def test_a_database_that_cannot_be_used_is_an_error_for_people(tmp_path):
    """A file that is no database isn't taken for one, and stays as it is."""
    file = tmp_path / "gradebook.db"
    file.write_text("something of mine, " * 100)
    with pytest.raises(CourseError, match="left as it was"), GradebookWriter(f"sqlite:///{file}"):
        pass
    assert file.read_text().startswith("something of mine")
    with pytest.raises(CourseError, match="address"), GradebookWriter("gradebook.db"):
        pass


def rows_of_assignment(url):
    """All that nbgrader knows of the assignment, without the random ids."""
    with Gradebook(url, COURSE_ID) as book:
        found = book.find_assignment("tiny")
        cells = [
            {key: value for key, value in cell.to_dict().items() if key != "id"}
            for notebook in found.notebooks
            for kind in (notebook.grade_cells, notebook.solution_cells, notebook.source_cells)
            for cell in sorted(kind, key=lambda cell: cell.name)
        ]
        kernels = [(notebook.name, notebook.kernelspec) for notebook in found.notebooks]
        return found.course_id, kernels, cells


def test_the_assignment_is_entered_as_nbgrader_enters_it(gradebook, url, paths, tmp_path):
    """`prepare` leaves the same rows as nbgrader's generate_assignment on the same source."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from autograder.authoring.nbgrader_release import release_preprocessors

    stock = f"sqlite:///{tmp_path / 'stock.db'}"
    GradebookWriter(stock).__enter__().__exit__(None, None, None)  # the tables
    shutil.copytree(paths.source, tmp_path / "source")
    config = Config()
    config.CourseDirectory.update(
        {"root": str(tmp_path), "assignment_id": "tiny", "course_id": COURSE_ID, "db_url": stock}
    )
    config.GenerateAssignment.preprocessors = release_preprocessors()
    directory = CourseDirectory(config=config)
    GenerateAssignment(coursedir=directory, config=config).start()
    assert rows_of_assignment(url) == rows_of_assignment(stock)
    assert len(rows_of_assignment(url)[2]) == 7 + 2 + 8


def test_preparing_twice_changes_nothing(gradebook, assignment, source, make_report, url):
    """An unchanged course keeps its rows and the marks on them."""
    gradebook.write(make_report())
    rows = rows_of_assignment(url)
    gradebook.prepare(assignment, source)
    assert rows_of_assignment(url) == rows
    assert gradebook.read_marks("ada", "tiny").points == 13


@pytest.fixture
def changed(paths, tmp_path):
    """The tiny course without the question sum_columns, with a new one, and other points."""
    root = tmp_path / "changed"
    shutil.copytree(paths.assignments, root / "assignments")
    lesson = root / "assignments" / "tiny" / "lesson.py"
    text = lesson.read_text()
    begin, end = (
        text.index('# %% question="sum_columns"'),
        text.index("# %% [markdown]\n# ## Count"),
    )
    text = text[:begin] + text[end:]
    text = text.replace('centered_scaled" points=1', 'centered_scaled" points=4')
    text += (
        '\n# %% question="brand_new" points=1\n'
        "assert_close(1, 1)\n### BEGIN HIDDEN TESTS\nprobe('one', 1, exact=True)\n"
        "### END HIDDEN TESTS\n"
    )
    lesson.write_text(text)
    build(Paths(root))
    return load_assignment(Paths(root), "tiny"), root / "source" / "tiny"


def test_a_changed_course_updates_the_gradebook(gradebook, make_report, changed, url):
    """Questions come and go though somebody has handed in; marks on the others stay."""
    gradebook.write(make_report())
    gradebook.prepare(*changed)
    marks = gradebook.read_marks("ada", "tiny").marks
    assert "sum_columns" not in marks
    assert (marks["brand_new"].machine_score, marks["brand_new"].needs_manual_grade) == (None, True)
    assert marks["centered_scaled"].max_points == 4
    assert marks["scale_rows"].machine_score == 2
    with Gradebook(url, COURSE_ID) as book:
        assert book.find_assignment("tiny").max_score == 16
        assert book.db.query(Grade).count() == 7
        names = {cell.name for cell in book.find_notebook("lesson", "tiny").source_cells}
        assert "brand_new" in names
        assert "sum_columns" not in names


def test_a_question_that_is_gone_keeps_what_a_person_gave(gradebook, make_report, changed, edit):
    """A person's mark on it stays; the machine's on it, of all students, become 0."""
    gradebook.write(make_report("ada"))
    gradebook.write(make_report("bob"))
    edit("sum_columns", manual_score=1)
    gradebook.prepare(*changed)
    found = mark(gradebook, "sum_columns", "ada")
    assert (found.machine_score, found.manual_score) == (0, 1)
    assert mark(gradebook, "sum_columns", "bob").points == 0


def test_a_notebook_that_is_gone_goes_from_the_gradebook(gradebook, make_report, changed, url):
    """A renamed lesson leaves no empty shell behind."""
    assignment, source = changed
    gradebook.write(make_report())
    (source / "lesson.ipynb").rename(source / "other.ipynb")
    renamed = replace(assignment, notebooks=(replace(assignment.notebooks[0], name="other"),))
    gradebook.prepare(renamed, source)
    with Gradebook(url, COURSE_ID) as book:
        assert [each.name for each in book.find_assignment("tiny").notebooks] == ["other"]
        assert [each.name for each in book.find_submission("tiny", "ada").notebooks] == ["other"]


def test_a_due_date_from_the_formgrader_stays_if_the_course_has_none(
    gradebook, assignment, source, url
):
    """assignment.toml decides where it says something."""
    with Gradebook(url, COURSE_ID) as book:
        book.update_or_create_assignment("tiny", duedate="2030-01-01 00:00:00 UTC")
    gradebook.prepare(replace(assignment, due=None), source)
    with Gradebook(url, COURSE_ID) as book:
        assert book.find_assignment("tiny").duedate == datetime(2030, 1, 1)
    gradebook.prepare(assignment, source)
    with Gradebook(url, COURSE_ID) as book:
        assert book.find_assignment("tiny").duedate == datetime(2025, 2, 1, 12)


def test_a_missing_source_says_what_to_run(gradebook, assignment, tmp_path):
    """The build makes what the gradebook is made from."""
    with pytest.raises(CourseError, match="autograder build"):
        gradebook.prepare(assignment, tmp_path)


def test_importing_the_writer_is_cheap():
    """Nbgrader takes seconds to import, and the commands must start at once."""
    code = "import sys, autograder.grading.gradebook; print([m for m in sys.modules if m in "
    code += "('nbgrader', 'sqlalchemy', 'nbformat', 'IPython', 'jupytext')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_new_gradebook_has_the_version_that_nbgrader_gives_it(gradebook, url, monkeypatch):
    """`nbgrader db upgrade` must know from where to start."""
    folder = str(Path(sys.executable).parent)  # nbgrader starts `alembic` by name
    monkeypatch.setenv("PATH", folder, prepend=os.pathsep)
    database = sqlite3.connect(url.removeprefix("sqlite:///"))
    found = database.execute("SELECT version_num FROM alembic_version").fetchall()
    database.close()
    assert found == [(get_alembic_version(),)]


def hold_lock(url, seconds):
    """Keep everybody else from writing, as another program that writes does; in a thread."""
    locked = threading.Event()

    def hold():
        database = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        locked.set()
        time.sleep(seconds)
        database.execute("ROLLBACK")
        database.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    return thread


@pytest.mark.parametrize("patient", [True, False])
def test_a_write_waits_for_another_program_that_writes(
    gradebook, make_report, url, monkeypatch, patient
):
    """A formgrader that saves at the same moment costs no marks; one that hangs, an error."""
    from autograder.grading import gradebook as module

    monkeypatch.setattr(module, "LOCK_SECONDS", 30 if patient else 0.1)
    with GradebookWriter(url) as writer:
        thread = hold_lock(url, 0.7)
        try:
            if patient:
                writer.write(make_report())
                assert writer.read_marks("ada", "tiny").points == 13
            else:
                with pytest.raises(CourseError, match="locked"):
                    writer.write(make_report())
        finally:
            thread.join()


def test_a_class_is_read_as_its_students_are_one_by_one(gradebook, url, make_report):
    """Marks, comments and penalties stay with their student; a missing gradebook holds nothing."""
    for student in ("ada", "ben"):
        gradebook.write(make_report(student, verdicts={"scale_rows": WRONG}))
    marks = read_class(url, "tiny")
    assert marks == {name: gradebook.read_marks(name, "tiny") for name in ("ada", "ben")}
    assert marks["ben"].marks["scale_rows"].points == 0
    assert read_class(url, "another") == {}
    assert read_class(f"{url}.missing", "tiny") == {}
    assert not Path(f"{url.removeprefix('sqlite:///')}.missing").exists()
