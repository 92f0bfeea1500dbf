"""A small course of two assignments, to read and to break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring import build
from autograder.kit import checks
from autograder.model import Paths

COURSE = Path(__file__).parent / "course"


def _copy(folder: Path) -> Paths:
    shutil.copytree(COURSE, folder, dirs_exist_ok=True)
    (folder / "assignments/toolbox/checks.py").symlink_to(checks.__file__)
    return Paths(folder)


@pytest.fixture
def course(tmp_path: Path) -> Paths:
    """A copy of the small course, not built."""
    return _copy(tmp_path / "course")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A copy that was built once; tests only read it."""
    paths = _copy(tmp_path_factory.mktemp("built"))
    build(paths)
    return paths


@pytest.fixture
def edit(course: Paths) -> Callable[[str, str, str], None]:
    """Replace a text in an authored file of `course`, once."""

    def replace(file: str, old: str, new: str) -> None:
        path = course.assignments / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
