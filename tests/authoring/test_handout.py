"""The README of a release, and the release as one file."""

import zipfile

import pytest

from autograder.authoring import build, list_assignments, release_zip
from autograder.model import CourseError


def test_the_readme_says_what_a_student_needs(built):
    """Title, notebooks by their headings with points, how to start, what to hand in and when."""
    text = (built.release / "first/README.md").read_text()
    for part in (
        "# First steps",
        "1. [Shift the rows](shift.ipynb) (3.5 points)",
        "2. [Scale the rows](scale.ipynb) (3 points)",
        "pip install numpy matplotlib jupyterlab",
        "jupyter lab",
        "- `toolbox/layers.py`",
        "- `weights.npz`",
        "Due: 1 February 2027, 23:59 UTC.",
    ):
        assert part in text
    second = (built.release / "second/README.md").read_text()
    assert "Due:" not in second
    assert "weights" not in second


def test_zip_holds_the_release_in_one_folder(course, tmp_path):
    """Unpacked anywhere, it is a folder of the assignment's name with every released file."""
    build(course)
    (course.release / "first/__pycache__").mkdir()
    (course.release / "first/__pycache__/x.pyc").write_bytes(b"x")
    target = release_zip(course, "first", tmp_path)
    assert target == tmp_path / "first.zip"
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert "first/toolbox/layers.py" in names
        assert not [name for name in names if not name.startswith("first/") or "pycache" in name]
        for name in names:
            assert archive.read(name) == (course.release / name).read_bytes()


def test_zip_is_the_same_every_time(built, tmp_path):
    """Two archives of one release are equal byte for byte, whatever they are called."""
    one = release_zip(built, "first", tmp_path / "one.zip")
    two = release_zip(built, "first", tmp_path / "folder/two.zip")
    assert one.read_bytes() == two.read_bytes()
    assert not list(tmp_path.rglob("*.partial"))


def test_a_stale_release_is_not_packed(course, edit, tmp_path):
    """Students never get what was built before the last edit."""
    build(course)
    edit("second/words.py", "# # Words", "# # Many words")
    with pytest.raises(CourseError, match="run `autograder build` first"):
        release_zip(course, "second", tmp_path)


def test_what_was_never_built_is_not_packed(course, tmp_path):
    """A missing release is answered with the command that makes it."""
    assert list_assignments(course) == ["first", "second"]
    with pytest.raises(CourseError, match="run `autograder build`"):
        release_zip(course, "first", tmp_path)
