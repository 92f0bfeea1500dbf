"""nbgrader's own commands in a course folder, with nothing of ours but nbgrader_config.py."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from case_folders import CASES
from nbgrader.api import Gradebook

from autograder.grading.gradebook import COURSE_ID, GradebookWriter
from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.model import Paths
from autograder.sandbox import Sandbox, detect

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("stock nbgrader"),
]

REPOSITORY = Path(__file__).parents[2]
OTHERS = {"crash", "deleted-cells", "exit", "fake-the-mark", "late", "missing-module", "truncated"}
STUDENTS = sorted(
    case.name for case in CASES.values() if case.table == "ordinary" or case.name in OTHERS
)


def run(root, command, *arguments, check=True):
    """Run a command of nbgrader as on a machine where .venv isn't activated."""
    program = Path(sys.executable).parent / "nbgrader"
    environment = {**os.environ, "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [program, command, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=check,
        timeout=600,
    )


@pytest.fixture(scope="module")
def course(paths, tmp_path_factory):
    """A course folder as it comes from a clone, and a class that handed in."""
    root = tmp_path_factory.mktemp("stock")
    for folder in ("assignments", "source", "release"):
        shutil.copytree(paths.root / folder, root / folder)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    for name in STUDENTS:
        CASES[name].write(root / "submitted" / name / "tiny")
    return root


@pytest.fixture(scope="module")
def graded(course):
    """The course after `nbgrader autograde`, with no gradebook before."""
    done = run(course, "autograde", "tiny", check=False)
    assert done.returncode == 0, done.stderr
    return course


def marks(database):
    """All that a gradebook says of a class."""
    with GradebookWriter(f"sqlite:///{database}") as book:
        return {student: book.read_marks(student, "tiny") for student in STUDENTS}


@pytest.fixture(scope="module")
def ours(graded, tmp_path_factory):
    """The same class graded by our own command."""
    workspace = Workspace.in_folder(tmp_path_factory.mktemp("ours"))
    session = Session.open(Paths(graded), "tiny", 2**40)
    with Sandbox(detect()) as sandbox:
        done = grade_class(session, workspace, graded / "submitted", STUDENTS, sandbox, jobs=2)
    assert done.is_clean
    return workspace.output


def test_autograde_gives_the_same_marks_as_our_own_command(graded, ours):
    """Points, extra credit and what waits for a person, of every kind of submission."""
    assert marks(graded / "gradebook.db") == marks(ours / "gradebook.db")
    assert marks(graded / "gradebook.db")["perfect"].points == 13
    assert marks(graded / "gradebook.db")["untouched"].points == 0


def test_autograde_leaves_the_same_notebooks_as_our_own_command(graded, ours):
    """The formgrader shows the same, whichever way a class was graded."""
    for student in STUDENTS:
        stock, own = (
            nbformat.read(root / "autograded" / student / "tiny" / "lesson.ipynb", as_version=4)
            for root in (graded, ours)
        )
        assert [cell.source for cell in stock.cells] == [cell.source for cell in own.cells]
        assert [cell.metadata for cell in stock.cells] == [cell.metadata for cell in own.cells]


def test_generate_assignment_makes_a_gradebook_and_the_release_as_built(course, tmp_path, paths):
    """The first command that an instructor types makes the same bytes as `autograder build`."""
    for folder in ("assignments", "source"):
        shutil.copytree(course / folder, tmp_path / folder)
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    run(tmp_path, "generate_assignment", "tiny")
    made, built = tmp_path / "release" / "tiny", paths.release / "tiny"
    files = {file.relative_to(built) for file in built.rglob("*") if file.is_file()}
    assert {file.relative_to(made) for file in made.rglob("*") if file.is_file()} == files
    assert all((made / file).read_bytes() == (built / file).read_bytes() for file in files)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", COURSE_ID) as book:
        assert book.find_assignment("tiny").max_score == 14


def test_generate_assignment_fails_closed(course, tmp_path):
    """A damaged marker in source/ leaves no release."""
    for folder in ("assignments", "source"):
        shutil.copytree(course / folder, tmp_path / folder)
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    file = tmp_path / "source" / "tiny" / "lesson.ipynb"
    file.write_text(file.read_text().replace("### END SOLUTION", "### END SOLUTON", 1))
    assert run(tmp_path, "generate_assignment", "tiny", check=False).returncode != 0
    assert not list((tmp_path / "release").rglob("*.ipynb"))


def test_feedback_shows_the_mark_and_no_hidden_part(graded):
    """A student's page has the message and the points, and nothing of the hidden checks."""
    run(graded, "generate_feedback", "tiny", "--force")
    pages = {name: graded / "feedback" / name / "tiny" / "lesson.html" for name in STUDENTS}
    for name, page in pages.items():
        text = page.read_text()
        assert "HIDDEN" not in text, name
        assert "probe.rng" not in text, name
        assert "five rows" not in text, name  # the name of a hidden probe
    assert "of 2 points" in pages["wrong-shape"].read_text()
    leaked = [
        file
        for file in (graded / "feedback").rglob("*")
        if file.is_file() and b"BEGIN HIDDEN" in file.read_bytes()
    ]
    assert leaked == []


def test_export_lists_the_class(graded, tmp_path):
    """The table of nbgrader has the points of every student."""
    run(graded, "export", "--to", str(tmp_path / "grades.csv"))
    table = (tmp_path / "grades.csv").read_text().splitlines()
    rows = {row["student_id"]: row for row in csv.DictReader(table)}
    assert set(rows) == set(STUDENTS)
    assert float(rows["perfect"]["score"]) == 13
    assert float(rows["perfect"]["max_score"]) == 14


@pytest.mark.parametrize(
    ("case", "words"), [("perfect", "passes all the tests"), ("untouched", "VALIDATION FAILED")]
)
def test_validate_tells_students_how_they_stand(graded, tmp_path, case, words):
    """A released notebook can be validated, with its visible checks, outside the course folder."""
    shutil.copytree(graded / "release" / "tiny", tmp_path / "mine")
    CASES[case].write(tmp_path / "handed in")
    shutil.copytree(tmp_path / "handed in", tmp_path / "mine", dirs_exist_ok=True)
    done = run(tmp_path / "mine", "validate", "lesson.ipynb")
    assert words in done.stdout


def test_autograde_says_what_to_run_after_the_course_changed(course, tmp_path):
    """Marks are never made from a build that is older than the course."""
    root = tmp_path / "changed"
    shutil.copytree(course, root)
    with (root / "assignments" / "tiny" / "lesson.py").open("a") as lesson:
        lesson.write("\n# %% [markdown]\n# More.\n")
    done = run(root, "autograde", "tiny", "--force", check=False)
    assert done.returncode == 1
    assert "autograder build" in done.stderr
    assert "Traceback" not in done.stderr
