"""Intake takes plain files at expected paths and survives everything else."""

import os
from datetime import UTC, datetime

import pytest

from autograder.grading.intake import MAX_FILE_BYTES, find_students, take
from autograder.model import Assignment, Notebook

ASSIGNMENT = Assignment(
    name="a1",
    title="",
    notebooks=(Notebook("lesson", ()),),
    student_files=("pkg/layers.py",),
    given_files=("pkg/data.py",),
    extra_files=("weights.npz",),
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "ada" / "a1"
    (folder / "pkg").mkdir(parents=True)
    (folder / "lesson.ipynb").write_text("{}")
    (folder / "pkg" / "layers.py").write_text("x = 1\n")
    return folder


def taken(folder):
    return take(folder.parent.parent, "ada", ASSIGNMENT)


def test_named_files_are_taken_as_bytes(folder):
    """Student files, extra files and notebooks; given files are ours and not read."""
    (folder / "weights.npz").write_bytes(b"\x00\x01")
    (folder / "pkg" / "data.py").write_text("tampered")
    submission = taken(folder)
    assert submission.files == {"pkg/layers.py": b"x = 1\n", "weights.npz": b"\x00\x01"}
    assert submission.notebooks == {"lesson": b"{}"}
    assert submission.notes == ()


def test_what_was_not_asked_for_is_listed_and_left(folder):
    """A numpy.py beside the notebook never reaches the sandbox."""
    (folder / "numpy.py").write_text("evil")
    submission = taken(folder)
    assert "numpy.py" in submission.notes[0]
    assert "numpy.py" not in submission.files


@pytest.mark.parametrize("kind", ["link to file", "link to folder", "pipe", "folder", "huge"])
def test_only_plain_files_of_sane_size_are_read(folder, tmp_path, kind):
    """Links could show another student's work; a pipe would block; a giant would fill memory."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "layers.py").write_text("secret")
    target = folder / "pkg" / "layers.py"
    target.unlink()
    if kind == "link to file":
        target.symlink_to(secret / "layers.py")
    elif kind == "link to folder":
        target.parent.rmdir()
        target.parent.symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind == "folder":
        target.mkdir()
    else:
        with target.open("wb") as file:
            file.truncate(MAX_FILE_BYTES + 1)
    submission = taken(folder)
    assert "pkg/layers.py" not in submission.files
    assert any("pkg/layers.py was left out" in note for note in submission.notes)


@pytest.mark.parametrize("name", ["lesson (1).ipynb", "Lesson-final.ipynb", "homework.ipynb"])
def test_a_renamed_notebook_is_found_and_said(folder, name):
    """A browser's "(1)" costs nothing."""
    (folder / "lesson.ipynb").rename(folder / name)
    submission = taken(folder)
    assert submission.notebooks == {"lesson": b"{}"}
    assert any(name in note for note in submission.notes)


def test_a_missing_notebook_is_said(folder):
    """No silent zero."""
    (folder / "lesson.ipynb").unlink()
    assert "lesson.ipynb was not handed in." in taken(folder).notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-02-01 10:00:00 UTC", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("2027-02-01T10:00:00.5+00:00", datetime(2027, 2, 1, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2027-02-01 10:00:00 +0100", datetime(2027, 2, 1, 9, tzinfo=UTC)),
        ("2027-02-01 10:00:00.25 CET", datetime(2027, 2, 1, 9, 0, 0, 250000, tzinfo=UTC)),
        ("2027-02-01 10:00:00", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("2027-02-01 10:00:00 XYZT", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_timestamps_are_read_as_nbgrader_writes_them(folder, text, expected):
    """A malformed date is a note, not a lost submission."""
    (folder / "timestamp.txt").write_text(text)
    submission = taken(folder)
    assert submission.timestamp == expected
    assert bool(submission.notes) is (expected is None)


def test_a_crowd_of_files_is_not_walked_to_its_end(folder):
    """Many files are looked at up to a limit, and a few are named."""
    for number in range(3000):
        (folder / f"{number}.txt").touch()
    assert len(taken(folder).notes[-1]) < 300


def test_students_are_folders_that_have_the_assignment(folder):
    """Files, hidden folders and other assignments are no students."""
    submitted = folder.parent.parent
    (submitted / "bob" / "a2").mkdir(parents=True)
    (submitted / ".hidden" / "a1").mkdir(parents=True)
    (submitted / "note.txt").touch()
    assert find_students(submitted, "a1") == ["ada"]
    assert find_students(submitted / "nowhere", "a1") == []
