"""The tiny course, graded: what the tests of this folder share."""

import shutil
from pathlib import Path

import case_folders
import pytest

from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.model import Paths
from autograder.sandbox import detect

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
    """All case folders as one class."""
    root = tmp_path_factory.mktemp("submitted")
    for name in case_folders.NAMES:
        shutil.copytree(case_folders.FOLDER / name / "submission", root / name / "tiny")
    return root


@pytest.fixture(scope="session")
def grade(course, submitted, isolation):
    """Return a function that grades students of the class of cases into a folder."""

    def graded(output, students=case_folders.NAMES, seed=2**40, jobs=2, **more):
        session = Session.open(course, "tiny", seed)
        workspace = Workspace.in_folder(output)
        return grade_class(session, workspace, submitted, students, isolation, jobs=jobs, **more)

    return graded
