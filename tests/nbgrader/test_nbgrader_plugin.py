"""Our steps inside nbgrader's converters, with grading itself replaced by what a test says."""

import shutil

import nbformat
import pytest
from case_folders import CASES
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.grading import nbgrader_plugin
from autograder.grading.gradebook import COURSE_ID, GradebookWriter
from autograder.model import CourseError, Verdict

# nbgrader adds a submission to the session after its first query of it.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type .* not in session")


@pytest.fixture
def root(paths, tmp_path):
    """A course folder with one student's submission."""
    for folder in ("assignments", "source"):
        shutil.copytree(paths.root / folder, tmp_path / "course" / folder)
    submission = tmp_path / "course" / "submitted" / "ada" / "tiny"
    CASES["untouched"].write(submission)
    return tmp_path / "course"


@pytest.fixture
def says(monkeypatch):
    """Return a function that decides what grading says, and counts how often it is asked."""
    asked = []

    def decide(report):
        def grade_one(paths, assignment, student, submitted):
            asked.append((paths.root, assignment, student, submitted))
            if isinstance(report, Exception):
                raise report
            return report(student) if callable(report) else report

        monkeypatch.setattr(nbgrader_plugin, "grade_one", grade_one)
        return asked

    return decide


def convert(root, converter=Autograde, **settings):
    """Run one of nbgrader's converters as its command does."""
    config = Config()
    nbgrader_plugin.configure(config, root)
    config.CourseDirectory.assignment_id = "tiny"
    for name, values in settings.items():
        config[name].update(values)
    converter(coursedir=CourseDirectory(config=config), config=config).start()


def marks(root, student="ada"):
    with GradebookWriter(f"sqlite:///{root / 'gradebook.db'}") as book:
        return book.read_marks(student, "tiny")


def test_marks_come_from_grading_and_not_from_the_notebook(root, says, make_report):
    """The submission is blank; what counts is what grading says, and it is asked once."""
    asked = says(make_report())
    convert(root)
    assert asked == [(root, "tiny", "ada", root / "submitted")]
    assert marks(root).points == 13
    assert marks(root).marks["labels"].extra_credit == 1
    assert marks(root).marks["why_columns"].needs_manual_grade


def test_our_own_fault_in_one_question_waits_for_a_person(root, says, make_report):
    """The output of a check can't say so: the steps of nbgrader alone would give 0."""
    says(make_report(verdicts={"scale_rows": Verdict.HARNESS}))
    convert(root)
    found = marks(root).marks["scale_rows"]
    assert (found.machine_score, found.needs_manual_grade) == (None, True)


def test_what_cannot_be_graded_fails_and_leaves_no_old_mark(root, says, make_report):
    """The submission is reported as failed; a person's mark stays, the machine's go."""
    says(make_report())
    convert(root)
    says(CourseError("no sandbox here"))
    with pytest.raises(NbGraderException):
        convert(root, Autograde={"force": True})
    assert {found.machine_score for found in marks(root).marks.values()} == {None}
    assert not (root / "autograded" / "ada" / "tiny").exists()


def test_one_failing_submission_stops_no_other(root, says, make_report, monkeypatch):
    """The class is graded to its end."""
    shutil.copytree(root / "submitted" / "ada", root / "submitted" / "bob")

    def grade_one(paths, assignment, student, submitted):
        if student == "ada":
            raise RuntimeError("our own mistake")
        return make_report(student)

    monkeypatch.setattr(nbgrader_plugin, "grade_one", grade_one)
    with pytest.raises(NbGraderException):
        convert(root)
    assert marks(root, "bob").points == 13
    assert marks(root, "ada").points == 0


def test_no_execute_changes_no_mark(root, says, make_report):
    """For stock nbgrader, a check that did not run is passed."""
    says(make_report(verdicts={"scale_rows": Verdict.WRONG}))
    convert(root, Execute={"enabled": False}, ClearOutput={"enabled": False})
    assert marks(root).points == 11


DAMAGE = {
    "not JSON": lambda file: file.write_text("no notebook"),
    "not text": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "missing": lambda file: file.unlink(),
    "renamed": lambda file: file.rename(file.with_name("lesson (1).ipynb")),
    "empty": lambda file: file.write_text(""),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_whatever_was_handed_in_is_graded(root, says, make_report, damage):
    """A notebook that nbgrader can't read, or doesn't find, costs nobody the other marks."""
    shutil.copytree(root / "submitted" / "ada", root / "submitted" / "bob")
    damage(root / "submitted" / "ada" / "tiny" / "lesson.ipynb")
    says(make_report)
    convert(root)
    assert marks(root).points == 13
    file = root / "autograded" / "ada" / "tiny" / "lesson.ipynb"
    assert "One sum each." in file.read_text()


def test_a_notebook_with_one_cell_twice_stops_no_class(root, says, make_report):
    """Stock nbgrader ends the whole batch on a copied check cell."""
    file = root / "submitted" / "ada" / "tiny" / "lesson.ipynb"
    notebook = nbformat.read(file, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "scale_rows")
    notebook.cells.append(nbformat.from_dict({**cell, "id": "again"}))
    nbformat.write(notebook, file)
    says(make_report())
    convert(root)
    assert marks(root).points == 13


def test_a_new_submission_is_graded_anew(root, says, make_report):
    """A server that runs for weeks never takes an old report for a new submission."""
    says(make_report(verdicts={"scale_rows": Verdict.WRONG}))
    convert(root)
    asked = says(make_report())
    convert(root, Autograde={"force": True})
    assert len(asked) == 2
    assert marks(root).points == 13


def test_students_are_chosen_as_nbgrader_chooses_them(root, says, make_report):
    """`nbgrader autograde --student` grades that one."""
    shutil.copytree(root / "submitted" / "ada", root / "submitted" / "bob")
    asked = says(make_report("bob"))
    convert(root, CourseDirectory={"student_id": "bob"})
    assert [student for _, _, student, _ in asked] == ["bob"]


def feedback(root):
    convert(root, GenerateFeedback)
    return (root / "feedback" / "ada" / "tiny" / "lesson.html").read_text()


def test_feedback_shows_points_and_messages_without_hidden_parts(root, says, make_report):
    """The check that students know is on the page, the part that they don't is not."""
    says(make_report(verdicts={"scale_rows": Verdict.WRONG}))
    convert(root)
    page = feedback(root)
    assert "correct_out" in page
    assert "WRONG: x &lt; 1 &amp; y" in page
    for secret in ("HIDDEN", "probe.rng", "five rows", "random rows"):
        assert secret not in page


def test_feedback_on_what_our_own_command_graded(root, assignment, make_report):
    """The pages are made from our marks and notebooks, and from what people entered."""
    with GradebookWriter(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.prepare(assignment, root / "source" / "tiny")
        book.write(make_report())
        book.write_autograded(make_report(), root / "autograded", root / "source" / "tiny")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", COURSE_ID) as book:
        book.find_comment("why_columns", "lesson", "tiny", "ada").manual_comment = "Quite so."
        book.find_grade("why_columns", "lesson", "tiny", "ada").manual_score = 1.5
        book.db.commit()
    page = feedback(root)
    assert "Quite so." in page
    assert "14.5 / 14.0" in page
    assert "HIDDEN" not in page


def test_feedback_with_damaged_markers_is_not_made(root, says, make_report):
    """What can't be cut for certain is shown to nobody."""
    says(make_report())
    convert(root)
    file = root / "autograded" / "ada" / "tiny" / "lesson.ipynb"
    file.chmod(0o644)
    file.write_text(file.read_text().replace("### END HIDDEN TESTS", "### END HIDEN TESTS", 1))
    with pytest.raises(NbGraderException):
        feedback(root)
    assert not list((root / "feedback").rglob("*.html"))


def test_the_course_has_the_name_that_the_writer_uses(root):
    """Both ways of grading enter the assignment into one course."""
    config = Config()
    nbgrader_plugin.configure(config, root)
    assert config.CourseDirectory.course_id == COURSE_ID
    assert config.Autograde.exclude_overwriting == {
        "tiny": ["tinypkg/rows.py", "tinypkg/columns.py", "labels.npz"]
    }
