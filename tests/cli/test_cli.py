"""The commands on the tiny course: what they print, write and return."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from case_folders import CASES

pytestmark = pytest.mark.slow  # each command is a process of its own

GRADING = Path(__file__).parent.parent / "grading"


def run(*words, cwd):
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
        check=False,
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The tiny course with three submissions."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(GRADING / "course" / "assignments", root / "assignments")
    (root / "nbgrader_config.py").write_text(
        (GRADING.parent.parent / "nbgrader_config.py").read_text()
    )
    for case in ("perfect", "half-done", "fake-the-mark"):
        CASES[case].write(root / "submitted" / case / "tiny")
    built = run("build", cwd=root)
    assert built.returncode == 0, built.stderr
    return root


def test_build_check_passes_when_fresh_and_names_what_is_stale(course, tmp_path):
    """A changed built file is found and the way out is said."""
    assert run("build", "--check", cwd=course).returncode == 0
    root = tmp_path / "copy"
    shutil.copytree(course, root)
    (root / "release" / "tiny" / "tinypkg" / "rows.py").write_text("tampered")
    done = run("build", "--check", cwd=root)
    assert done.returncode == 2
    assert "release/tiny/tinypkg/rows.py" in done.stderr
    assert "autograder build" in done.stderr


def test_grade_writes_results_pages_and_a_gradebook(course, tmp_path):
    """Everything of a run lies below --output; exit code 0 whatever the marks."""
    done = run("grade", "tiny", "--output", tmp_path, "--jobs", 2, cwd=course)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results" / "half-done.json").read_text())
    assert results["schema"] == "autograder-results/2"
    keys = {"question", "points", "max_points", "verdict", "message"}
    assert all(keys <= row.keys() for row in results["questions"])
    assert "bubblewrap" in results["isolation"] or "namespaces" in results["isolation"]
    assert (tmp_path / "gradebook.db").is_file()
    assert "13 / 12" in done.stdout
    for student in ("perfect", "half-done", "fake-the-mark"):
        page = (tmp_path / "pages" / f"{student}.html").read_text()
        assert "BEGIN HIDDEN" not in page
        assert "probe(" not in page
        assert "<script" not in page
    assert "half-done" in (tmp_path / "report.html").read_text()


def test_grade_repeats_a_run_with_its_seed(course, tmp_path):
    """--seed gives the same documents apart from what was measured."""

    def questions(folder, *more):
        done = run("grade", "tiny", "--output", folder, "--student", "perfect", *more, cwd=course)
        assert done.returncode == 0, done.stderr
        return json.loads((folder / "results" / "perfect.json").read_text())

    first = questions(tmp_path / "a")
    again = questions(tmp_path / "b", "--seed", first["seed"])
    assert again["seed"] == first["seed"]
    assert questions(tmp_path / "c")["seed"] != first["seed"]


def test_a_marks_run_uses_the_courses_own_folders_without_output(course, tmp_path):
    """Without --output, nbgrader's gradebook, and autograded/ are used."""
    root = tmp_path / "copy"
    shutil.copytree(course, root)
    done = run("grade", "tiny", "--student", "perfect", cwd=root)
    assert done.returncode == 0, done.stderr
    assert (root / "gradebook.db").is_file()
    assert (root / "autograded" / "perfect" / "tiny" / "lesson.ipynb").is_file()
    assert (root / "reports" / "tiny" / "pages" / "perfect.html").is_file()
    assert (root / "reports" / "tiny" / "results" / "perfect.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grade", "nothing"), "there are tiny"),
        (("grade", "tiny", "--student", "nobody"), "nobody"),
        (("grade", "tiny", "--submitted", "elsewhere"), "--submitted"),
        (("grade", "tiny", "--jobs", "0"), "jobs"),
        (("grade",), "assignment"),
        (("build", "--course", "/"), "No course"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_a_sentence_that_helps(course, words, said):
    """No traceback for what a person can mend."""
    done = run(*words, cwd=course)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_grade_refuses_a_stale_build(course, tmp_path):
    """What students got must be what is graded."""
    root = tmp_path / "copy"
    shutil.copytree(course, root)
    with (root / "assignments" / "tinypkg" / "rows.py").open("a") as file:
        file.write("\n# changed\n")
    done = run("grade", "tiny", cwd=root)
    assert done.returncode == 2
    assert "autograder build" in done.stderr


def test_release_packs_one_file(course, tmp_path):
    """What is handed out, as a zip."""
    done = run("release", "tiny", "--zip", "--output", tmp_path, cwd=course)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tiny.zip").is_file()


def test_doctor_says_what_the_machine_offers(course):
    """Layer by layer."""
    done = run("doctor", cwd=course)
    assert "seccomp" in done.stdout


def test_every_command_has_an_example():
    """--help shows how."""
    for name in ("build", "release", "grade", "pages", "demo", "doctor"):
        assert f"autograder {name}" in run(name, "--help", cwd="/").stdout
