"""The formgrader, nbgrader's pages for instructors, started on a graded class and asked by HTTP."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from case_folders import CASES

from autograder.grading.gradebook import GradebookWriter
from autograder.model import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("formgrader")]  # which is slow to set up

REPOSITORY = Path(__file__).parents[2]
TOKEN = "formgrader-test"


@pytest.fixture(scope="module")
def root(paths, assignment, make_report, tmp_path_factory):
    """A course folder with two graded students, and what the first handed in."""
    root = tmp_path_factory.mktemp("formgrader")
    for folder in ("assignments", "source", "release"):
        shutil.copytree(paths.root / folder, root / folder)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    handed_in = root / "submitted" / "ada" / "tiny"
    CASES["wrong-shape"].write(handed_in)
    when = make_report("ada").timestamp  # else the formgrader takes it for a newer submission
    (handed_in / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC")
    with GradebookWriter(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.prepare(assignment, root / "source" / "tiny")
        for report in (make_report("ada"), make_report("bob", verdicts={"labels": Verdict.WRONG})):
            book.write(report)
            book.write_autograded(report, root / "autograded", root / "source" / "tiny")
    return root


@pytest.fixture(scope="module")
def ask(root):
    """Start a Jupyter server in the course folder; return a function that asks the formgrader."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = root / ".home"
    home.mkdir()
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    settings = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "PATH": "/usr/bin:/bin"}
    with (root / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=root, env={**os.environ, **settings}, stdout=log, stderr=log
        )

    def asked(path, method="GET", **data):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/formgrader/{path}",
            data=json.dumps(data).encode() if method != "GET" else None,
            method=method,
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.status == 200
            return answer.read().decode()

    try:
        _wait_for(lambda: asked("manage_assignments"), server, root / "server.log")
        yield asked
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(action, server, log):
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            return action()
        except urllib.error.URLError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def notebooks(ask):
    rows = json.loads(ask("api/submitted_notebooks/tiny/lesson"))
    return {row["student"]: row for row in rows}


def marks(root, student):
    with GradebookWriter(f"sqlite:///{root / 'gradebook.db'}") as book:
        return book.read_marks(student, "tiny")


def test_the_lists_show_the_assignment_and_the_class(ask):
    """The pages open, and what fills them names every student with the marks of the gradebook."""
    for page in ("gradebook", "gradebook/tiny", "gradebook/tiny/lesson", "manage_submissions/tiny"):
        assert "nbgrader formgrade" in ask(page)
    assignments = json.loads(ask("api/assignments"))
    assert [row["name"] for row in assignments] == ["tiny"]
    assert assignments[0]["max_score"] == 14
    submissions = {row["student"]: row for row in json.loads(ask("api/submissions/tiny"))}
    assert {name: row["score"] for name, row in submissions.items()} == {"ada": 13, "bob": 10}
    assert {name: row["score"] for name, row in notebooks(ask).items()} == {"ada": 13, "bob": 10}


def test_a_submission_shows_answers_checks_and_what_was_said(ask):
    """A grader sees the notebook with its hidden parts, and the judge's sentence at each check."""
    page = ask(f"submissions/{notebooks(ask)['bob']['id']}/?index=0")
    assert "One sum each." in page
    assert "BEGIN HIDDEN TESTS" in page
    assert "<b>0 of 2 points</b>. WRONG: x &lt; 1 &amp; y" in page


def test_a_mark_that_a_person_gives_survives_a_regrade_from_the_formgrader(ask, root):
    """A written answer is marked there, and the submission graded anew at the push of a button."""
    submission = notebooks(ask)["ada"]["id"]
    grades = {row["name"]: row for row in json.loads(ask(f"api/grades?submission_id={submission}"))}
    assert grades["why_columns"]["needs_manual_grade"]
    given = {**grades["why_columns"], "manual_score": 1.5}
    ask(f"api/grade/{given['id']}", "PUT", **given)
    assert not marks(root, "ada").marks["why_columns"].needs_manual_grade
    done = json.loads(ask("api/submission/tiny/ada/autograde", "POST"))
    assert done["success"], done
    after = marks(root, "ada")
    assert after.marks["why_columns"].manual_score == 1.5
    assert after.points < 13  # what lies in submitted/ has a mistake
    page = ask(f"submissions/{notebooks(ask)['ada']['id']}/")
    assert "expected shape" in page
