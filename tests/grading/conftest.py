"""The tiny course, graded: what the tests of this folder share."""

import shutil
from pathlib import Path

import pytest
from case_folders import CASES

from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.model import Paths
from autograder.sandbox import Sandbox, detect

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def isolation():
    return detect()


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """The tiny course, built."""
    from autograder.authoring import build

    root = tmp_path_factory.mktemp("course")
    shutil.copytree(HERE / "course" / "assignments", root / "assignments")
    paths = Paths(root)
    build(paths)
    return paths


@pytest.fixture(scope="session")
def submitted(tmp_path_factory):
    """The folder of submissions; `grade` puts in what it grades."""
    return tmp_path_factory.mktemp("submitted")


@pytest.fixture(scope="session")
def grade(course, submitted, isolation):
    """Return a function that grades cases, by their names, into a folder."""

    def graded(output, students, seed=2**40, jobs=2, **more):
        for name in students:
            if not (submitted / name).exists():
                CASES[name].write(submitted / name / "tiny")
        session = Session.open(course, "tiny", seed)
        workspace = Workspace.in_folder(output)
        with Sandbox(isolation) as sandbox:
            return grade_class(session, workspace, submitted, students, sandbox, jobs=jobs, **more)

    return graded
