"""Pages are made anew and a regrade is previewed by commands that change no marks."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring import build, solution_only
from autograder.model import Paths

pytestmark = pytest.mark.slow  # each command is a process of its own

TESTS = Path(__file__).parent.parent


def run(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )


def hand_in(root, student, *, solved):
    """Hand in the tiny assignment as it was released, with the modules solved or not."""
    folder = root / "submitted" / student / "tiny"
    shutil.copytree(root / "release" / "tiny", folder, dirs_exist_ok=True)
    for name in ("rows.py", "columns.py") if solved else ():
        text = (root / "assignments" / "tinypkg" / name).read_text()
        (folder / "tinypkg" / name).write_text(solution_only(text))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The tiny course with a class of two, graded into a folder "out"."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(TESTS / "grading" / "course" / "assignments", root / "assignments")
    shutil.copy(TESTS.parent / "nbgrader_config.py", root)
    build(Paths(root))
    hand_in(root, "ada", solved=True)
    hand_in(root, "ben", solved=False)
    done = run("grade", "tiny", "--output", "out", cwd=root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def course(graded, tmp_path):
    """A copy of the graded course, which a test may change."""
    return shutil.copytree(graded, tmp_path / "course")


def digests(folder):
    """Return a fingerprint of each file."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_pages_bring_marks_and_comments_by_hand_and_grade_nothing(course):
    """What came in by the formgrader is on the page, and the results are as they were."""
    before = digests(course / "out" / "results")
    with sqlite3.connect(course / "out" / "gradebook.db") as database:
        database.execute("UPDATE grade SET manual_score = 1.25, needs_manual_grade = 0")
        database.execute("UPDATE comment SET manual_comment = 'Well said.'")
    done = run("pages", "tiny", "--output", "out", "--nbgrader", cwd=course)
    assert done.returncode == 0, done.stderr
    for page in (
        course / "out" / "pages" / "ada.html",
        course / "out" / "feedback" / "ada" / "tiny" / "lesson.html",
    ):
        assert "1.25 / 2" in page.read_text()
        assert "Well said." in page.read_text()
    assert "1.25" in (course / "out" / "marks.csv").read_text()
    assert digests(course / "out" / "results") == before
    assert "nobody can fetch" in done.stderr


def test_pages_of_nothing_are_an_error_that_helps(course):
    """It says what to run first."""
    done = run("pages", "tiny", "--output", "elsewhere", cwd=course)
    assert done.returncode == 2
    assert "autograder grade tiny" in done.stderr


def test_a_preview_says_who_would_gain_or_lose_and_changes_nothing(course):
    """Not a byte of results, pages and gradebook, and the exit code says that all went well."""
    hand_in(course, "ada", solved=False)
    hand_in(course, "ben", solved=True)
    hand_in(course, "cem", solved=True)
    before = digests(course / "out")
    done = run("grade", "tiny", "--output", "out", "--preview", cwd=course)
    assert done.returncode == 0, done.stderr
    assert "1 would gain, 1 lose, 0 have the same points." in done.stdout
    assert "1 are not graded yet" in done.stdout
    assert "scale_rows: 2 PASS → 0 NOT_ATTEMPTED" in done.stdout
    assert digests(course / "out") == before


def test_a_preview_uses_the_inputs_of_the_stored_results(course):
    """So nothing differs where nothing was changed."""
    done = run("grade", "tiny", "--output", "out", "--preview", cwd=course)
    assert "0 would gain, 0 lose, 2 have the same points." in done.stdout


def test_a_preview_needs_results_to_compare_with(course):
    """Without them it says so."""
    done = run("grade", "tiny", "--output", "elsewhere", "--preview", cwd=course)
    assert done.returncode == 2
    assert "nothing to compare with" in done.stderr
    assert not (course / "elsewhere").exists()
