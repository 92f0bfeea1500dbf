"""Runs in a box: has stock nbgrader grade one case after the other, each in a fresh course.

    python stock_box.py TEMPLATE SECONDS CASE...

Prints a line of JSON for each case: the scores by question, or what went wrong. The box is a
process namespace of its own, so that what a case left running can be killed without asking whose
it is. `trust.py` makes the box.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

sys.modules["rfc3987_syntax"] = None  # saves seconds
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "grading"))

from case_folders import CASES
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

COURSE, RESULT = Path.cwd() / "course", Path.cwd() / "result.json"  # the box's own /tmp


def main(template: str, seconds: float, names: list[str]) -> None:
    """Grade each case in a process of its own."""
    for name in names:
        shutil.rmtree(COURSE, ignore_errors=True)
        RESULT.unlink(missing_ok=True)
        shutil.copytree(template, COURSE)
        try:
            CASES[name].write(COURSE / "submitted" / name / "tiny")
        except OSError as problem:
            print(json.dumps({"case": name, "not_tried": str(problem)}), flush=True)
            continue
        child = os.fork()
        if child == 0:
            _grade(name)
        _wait(child, seconds)
        time.sleep(0.1)
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # whatever it left
        found = RESULT.read_text() if RESULT.is_file() else '{"lost": "no end, or killed"}'
        print(json.dumps({"case": name, **json.loads(found)}), flush=True)


def _grade(name: str) -> None:
    os.setsid()
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    try:
        RESULT.write_text(json.dumps(_scores(name)))
    finally:
        os._exit(0)


def _scores(name: str) -> dict:
    config = Config()
    config.CourseDirectory.root = str(COURSE)
    config.CourseDirectory.course_id = "stock"
    config.Autograde.exclude_overwriting = json.loads((COURSE / "exclude.json").read_text())
    config.Execute.timeout = 10
    course = CourseDirectory(config=config)
    done = NbGraderAPI(course, config=config).autograde("tiny", name)
    if not done["success"]:
        lines = str(done["error"] or done["log"]).strip().splitlines()
        return {"lost": lines[-1][:200] if lines else "an error"}
    with Gradebook(course.db_url, "stock") as book:
        try:
            submission = book.find_submission("tiny", name)
        except MissingEntry:
            return {"lost": "nothing was graded"}
        return {
            "scores": {
                grade.name: grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
        }


def _wait(child: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
