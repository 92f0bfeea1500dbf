"""`python -m cs231n.pack`, and `autograder collect`, which takes what it made."""

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from student_folder import run

from autograder.authoring import load_assignment
from autograder.grading import collect as collecting
from autograder.grading.collect import RefusedError, collect, unpack
from autograder.grading.intake import MAX_FILE_BYTES, take
from autograder.kit import pack
from autograder.model import CourseError, Paths

PATHS = Paths(Path(__file__).parents[2])


def zipped(files):
    """Return a zip file; names may be ZipInfo."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return memory.getvalue()


def test_what_is_packed_arrives(solved, tmp_path):
    """pack, collect and intake hand on the same bytes; the receipt lists each file."""
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    done = run(solved, "cs231n.pack", "--name", "ada", "--output", str(downloads))
    assert done.returncode == 0, done.stdout + done.stderr
    assignment = load_assignment(PATHS, "assignment1")
    results = collect(downloads, tmp_path / "submitted", assignment)
    assert [(r.student, r.refusal, r.left_out) for r in results] == [("ada", "", ())]
    submission = take(tmp_path / "submitted", "ada", assignment)
    assert submission.notes == ()
    for name, content in submission.files.items():
        assert content == (solved / name).read_bytes()
        assert name in done.stdout
    assert len(submission.notebooks) == len(assignment.notebooks)


def test_what_is_missing_is_said_before_it_is_too_late(solved):
    """Missing and damaged notebooks stop it, unless told otherwise; the rest is a warning."""
    (solved / "svm.ipynb").unlink()
    (solved / "knn.ipynb").write_text("{")
    (solved / "best_two_layer_net.npz").unlink()
    (solved / "cs231n/classifiers/softmax.py").write_text("def (")
    done = run(solved, "cs231n.pack")
    assert done.returncode == 1
    assert not list(solved.glob("*.zip"))
    for said in (
        "svm.ipynb is missing",
        "knn.ipynb is damaged",
        "softmax.py, line 1",
        ".npz isn't",
    ):
        assert said in done.stdout
    assert run(solved, "cs231n.pack", "--incomplete").returncode == 0
    assert len(list(solved.glob("assignment1-*.zip"))) == 1


def test_untouched_answers_are_named(blank):
    """Cells and functions that are as they were handed out are a warning."""
    done = run(blank, "cs231n.pack")
    assert done.returncode == 0
    assert "knn.ipynb: cross_validate_code is as it was handed out" in done.stdout
    assert "KNearestNeighbor.predict_labels is not written yet" in done.stdout


def test_nothing_that_was_handed_out_is_unexpected(solved, tmp_path):
    """Who hands in the whole folder is not told that files in it weren't asked for."""
    place = tmp_path / "submitted/ada/assignment1"
    place.parent.mkdir(parents=True)
    solved.rename(place)
    assignment = load_assignment(PATHS, "assignment1")
    assert take(tmp_path / "submitted", "ada", assignment).notes == ()


def test_pack_and_intake_take_files_of_one_size():
    """What pack lets through is not refused later."""
    assert pack.MAX_FILE_BYTES == MAX_FILE_BYTES


def _link():
    info = zipfile.ZipInfo("knn.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("../knn.ipynb", b"x")], "leads out"),
        ([("a/../../knn.ipynb", b"x")], "leads out"),
        ([("/etc/knn.ipynb", b"x")], "leads out"),
        ([("C:\\\\knn.ipynb", b"x")], "leads out"),
        ([(_link(), b"/etc/passwd")], "link"),
        ([("knn.ipynb", b"x"), ("KNN.ipynb", b"y")], "twice"),
        ([(f"{i}.txt", b"") for i in range(2001)], "more than"),
        ([("knn.ipynb", bytes(MAX_FILE_BYTES + 1))], "too large"),
    ],
)
def test_zip_files_that_try_something_are_refused(files, said):
    """No path out, no link, no two files in one place, no flood."""
    with pytest.raises(RefusedError, match=said):
        unpack(zipped(files))


def test_many_small_bombs_are_one_large_one(monkeypatch):
    """The limit on all files together counts what was unpacked, not what they say."""
    monkeypatch.setattr(collecting, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(RefusedError, match="too large"):
        unpack(zipped([("a", bytes(600)), ("b", bytes(600))]))


def test_names_of_learning_platforms_say_whose_it_is(solved, tmp_path):
    """Moodle's folders and flat files, Canvas' names; the last attempt counts."""
    good = zipped([("x/knn.ipynb", (solved / "knn.ipynb").read_bytes()), ("x/virus.exe", b"")])
    platform = tmp_path / "all.zip"
    platform.write_bytes(
        zipped(
            [
                ("Ada Lovelace_12_assignsubmission_file/my work.zip", good),
                ("Emmy Nöther_13_assignsubmission_file_a.zip", good),
                ("turingalan_LATE_17_4711_assignment1-1.zip", good),
                ("turingalan_17_4700_assignment1.zip", b"old"),
                ("eve.zip", b"no zip"),
                ("notes.txt", b"x"),
            ]
        )
    )
    assignment = load_assignment(PATHS, "assignment1")
    results = collect(platform, tmp_path / "submitted", assignment)
    good_ones = {r.student: (r.files, r.left_out) for r in results if not r.refusal}
    assert set(good_ones) == {"Ada-Lovelace_12", "Emmy-Nöther_13", "turingalan_17"}
    assert set(good_ones.values()) == {(("knn.ipynb",), ("x/virus.exe",))}
    refusals = {r.source: r.refusal for r in results if r.refusal}
    assert "newer one" in refusals["turingalan_17_4700_assignment1.zip"]
    assert "isn't a zip file" in refusals["eve.zip"]
    again = collect(platform, tmp_path / "submitted", assignment)
    assert all("--replace" in r.refusal for r in again if r.student == "Ada-Lovelace_12")
    written = tmp_path / "submitted/Ada-Lovelace_12/assignment1"
    assert json.loads((written / "knn.ipynb").read_text())["cells"]
    assert [path.name for path in written.parent.iterdir()] == ["assignment1"]


def test_a_folder_without_zip_files_is_said(tmp_path):
    """Nothing to collect is an error in words."""
    with pytest.raises(CourseError, match="no zip files"):
        collect(tmp_path, tmp_path / "submitted", load_assignment(PATHS, "assignment1"))
