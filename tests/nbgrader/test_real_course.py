"""The course itself through stock nbgrader: a blank release gets nothing, a solved one all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring import build, list_assignments, load_assignment, package_files
from autograder.authoring import solution_only as without_markers
from autograder.grading.gradebook import GradebookWriter
from autograder.model import Paths, Role

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
ASSIGNMENTS = list_assignments(Paths(REPOSITORY))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course as authored, built anew, in a folder of its own."""
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(REPOSITORY / "assignments", root / "assignments")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    build(Paths(root))
    return Paths(root)


def hand_in_solved(paths, assignment, folder):
    """Write the authored solutions as a student would hand them in."""
    files = dict(package_files(paths, assignment, solved=True))
    for name in assignment.extra_files:
        files[name] = (paths.assignments / assignment.name / name).read_bytes()
    for notebook in assignment.notebooks:
        file = paths.release / assignment.name / f"{notebook.name}.ipynb"
        document = json.loads(file.read_text())
        solved = {
            cell.id: without_markers(cell.source)
            for cell in (*notebook.having(Role.ANSWER), *notebook.having(Role.WRITTEN))
        }
        for cell in document["cells"]:
            cell["source"] = solved.get(cell["id"], cell["source"])
        files[file.name] = json.dumps(document).encode()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_blank_release_gets_0_and_a_solved_one_everything(course, name):
    """What stock nbgrader says of the two submissions that everybody expects to be sure of."""
    assignment = load_assignment(course, name)
    submitted = course.root / "submitted"
    shutil.copytree(course.release / name, submitted / "blank" / name)
    hand_in_solved(course, assignment, submitted / "solved" / name)
    program = Path(sys.executable).parent / "nbgrader"
    done = subprocess.run(
        [program, "autograde", name],
        cwd=course.root,
        env={**os.environ, "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    with GradebookWriter(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        blank, solved = (book.read_marks(student, name) for student in ("blank", "solved"))
    written = {cell.id for each in assignment.notebooks for cell in each.having(Role.WRITTEN)}
    assert blank.points == 0
    assert not any(mark.needs_manual_grade for mark in blank.marks.values())
    for question, mark in solved.marks.items():
        if question in written:
            assert (mark.machine_score, mark.needs_manual_grade) == (None, True)
        else:
            assert mark.machine_score == mark.max_points, question
