"""A small assignment, and a place for what is made of it."""

import pytest
from hand_made import QUESTIONS

from autograder.grading.store import Workspace
from autograder.model import Assignment, Cell, Notebook, Role


@pytest.fixture
def assignment():
    cells = (
        *(Cell(name, Role.QUESTION, "", points=2) for name in QUESTIONS),
        Cell("why", Role.WRITTEN, "", points=4),
    )
    return Assignment("tiny", "Rows & columns", (Notebook("lesson", cells),), (), ())


@pytest.fixture
def workspace(tmp_path):
    return Workspace.in_folder(tmp_path)
