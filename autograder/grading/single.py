"""Grades one submission at a time, for programs that walk through a class themselves.

Stock nbgrader does: it calls `grade_one` for each student. The reference run and the warm sandbox
are kept between calls, and the class keeps one seed, the one that `autograder grade` uses too.
"""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from autograder.authoring import digest
from autograder.grading.intake import take
from autograder.grading.session import Session
from autograder.grading.store import Workspace, choose_seed
from autograder.model import Paths, Report
from autograder.sandbox import Sandbox, detect


def grade_one(paths: Paths, assignment: str, student: str, submitted: Path) -> Report:
    """Grade `submitted/<student>/<assignment>/`; raise CourseError if that can't be done safely."""
    session, sandbox = _open(paths, assignment, digest(paths))
    submission = take(submitted, student, session.assignment)
    report = session.grade(submission, sandbox)
    # A busy machine may be why, so that only what comes again counts.
    return session.grade(submission, sandbox) if report.cut_short else report


@cache
def _open(paths: Paths, assignment: str, course_digest: str) -> tuple[Session, Sandbox]:
    workspace = Workspace.of_course(paths.root, assignment)
    seed = choose_seed(workspace, None, course_digest, force=False)
    session = Session.open(paths, assignment, seed)
    sandbox = Sandbox(detect())
    atexit.register(sandbox.close)
    session.prepare(sandbox)
    return session, sandbox
