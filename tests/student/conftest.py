"""Folders as students have them: released, and worked on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.model import Paths
from autograder.samples import write_samples

ROOT = Path(__file__).parents[2]


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    """The first assignment as it was handed out."""
    return Path(shutil.copytree(ROOT / "release/assignment1", tmp_path / "blank"))


@pytest.fixture
def blank_second(tmp_path: Path) -> Path:
    """The second assignment as it was handed out."""
    return Path(shutil.copytree(ROOT / "release/assignment2", tmp_path / "blank"))


@pytest.fixture(scope="session")
def solutions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a student hands in who has solved everything, by assignment."""
    folder = tmp_path_factory.mktemp("solutions")
    for name in ("assignment1", "assignment2"):
        write_samples(Paths(ROOT), name, folder)
    return {path.name: path for path in (folder / "ada-perfect").iterdir()}


@pytest.fixture
def solve(solutions: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return a folder in which an assignment is solved."""

    def make(name: str) -> Path:
        folder = shutil.copytree(ROOT / "release" / name, tmp_path / name)
        return Path(shutil.copytree(solutions[name], folder, dirs_exist_ok=True))

    return make


@pytest.fixture
def solved(solve: Callable[[str], Path]) -> Path:
    """The first assignment, solved."""
    return solve("assignment1")
