"""What the tests of certificates share: courses that can be certified in seconds."""

import re
import shutil
from pathlib import Path

import pytest

from autograder.certify import certify
from autograder.model import Paths
from autograder.sandbox import detect

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="session")
def isolation():
    return detect()


@pytest.fixture
def tiny(tmp_path):
    """A copy of the tiny course."""
    shutil.copytree(ROOT / "tests/grading/course/assignments", tmp_path / "assignments")
    (tmp_path / "nbgrader_config.py").touch()
    return Paths(tmp_path)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory, isolation):
    """The tiny course with the question of docs/authoring.md, and what certifying it found."""
    paths = Paths(tmp_path_factory.mktemp("documented"))
    shutil.copytree(ROOT / "tests/grading/course/assignments", paths.assignments)
    (paths.root / "nbgrader_config.py").touch()
    text = (ROOT / "docs/authoring.md").read_text()
    files = FILE.findall(text.replace("cs231n", "tinypkg"))
    assert len(files) == 4
    for name, content in files:
        file = paths.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return paths, certify(paths, "warmup", isolation, jobs=2)


@pytest.fixture
def documented(first_run, tmp_path):
    """A copy of it, with what is known from the first run."""
    shutil.copytree(first_run[0].root, tmp_path, dirs_exist_ok=True)
    return Paths(tmp_path)
