"""Nothing that is secret comes out of a class in which everybody looks for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from case_folders import CASES

from autograder.authoring import load_assignment
from autograder.grading.store import Workspace
from autograder.reports import load_standing, write_feedback

HERE = Path(__file__).parent
CHEATS = [name for name, case in CASES.items() if case.table == "cheats"]
ORDINARY_USER = """
import ctypes, os, sys
user, group = os.geteuid(), os.getegid()
if ctypes.CDLL(None).unshare(0x10000000):
    sys.exit(77)
maps = {"setgroups": "deny", "uid_map": f"1000 {user} 1", "gid_map": f"1000 {group} 1"}
for name, text in maps.items():
    open(f"/proc/self/{name}", "w").write(text)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.slow
def test_no_secret_comes_out_and_no_neighbour_is_touched(
    grade, course, submitted, tmp_path, monkeypatch
):
    """Solution, hidden checks, labels, environment, files and neighbours stay unseen."""
    monkeypatch.setenv("AUTOGRADER_SECRET", "canary-environment")
    above = submitted.parent / "canary"
    above.write_text("canary-file")
    before = snapshot(submitted.parent)
    run = grade(tmp_path, [*CHEATS, "perfect"])
    workspace = Workspace.in_folder(tmp_path)
    assignment = load_assignment(course, "tiny")
    for name in set(CHEATS) - {"victim"}:
        page = write_feedback(workspace, load_standing(workspace, run.reports[name]), assignment)
        assert "canary-" not in page.read_text(), name
        assert "canary-" not in workspace.result_file(name).read_text(), name
        graded = json.loads((workspace.autograded / name / "tiny" / "lesson.ipynb").read_text())
        assert "canary-" not in str([cell.get("outputs") for cell in graded["cells"]]), name
    assert (run.reports["perfect"].points, run.reports["victim"].points) == (13, 13)
    assert not list(submitted.parent.rglob("left-behind"))
    after = snapshot(submitted.parent)
    assert {path: after.get(path) for path in before} == before


def snapshot(folder):
    """Return sizes and times of all files that were there before grading."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@pytest.mark.slow
def test_the_whole_list_runs_as_an_ordinary_user_too():
    """Without any right of root, in a user namespace where 1000 is nobody special."""
    tests = ["test_secrets.py::test_no_secret_comes_out_and_no_neighbour_is_touched"]
    tests += ["test_cases.py", "-k", "cheats and expected"]
    command = [sys.executable, "-c", ORDINARY_USER, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *tests],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    if done.returncode == 77:
        pytest.skip("this machine lets nobody make a user namespace")
    assert done.returncode == 0, done.stdout[-3000:]
