"""Makes folders in which stock nbgrader grades a course of ours, with nothing of our tool.

It gets the same questions, modules and submissions. What we don't run in grading (cells marked
`explore`) is left out on both sides, so that the same cells are executed. The caller says what
`probe` and `assert_close` are: stock nbgrader has no judge, so that they live in the notebook.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.authoring import build
from autograder.authoring.markers import BEGIN_HIDDEN, END_HIDDEN
from autograder.grading.session import Session
from autograder.model import Cell, Paths, Role

REPOSITORY = Path(__file__).parent.parent

Preamble = Callable[[Cell, bool], str]  # of a question cell, and of its hidden part


def fresh_course(assignments: Path, root: Path) -> Paths:
    """Build a course from a folder assignments/ in a folder of its own."""
    shutil.copytree(assignments, root / "assignments")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    build(Paths(root))
    return Paths(root)


def write_course(root: Path, session: Session, preamble: Preamble, timeout: int = 30) -> None:
    """Write nbgrader_config.py and source/, and have nbgrader make its gradebook and release/."""
    assignment = session.assignment
    folder = root / "source" / assignment.name
    shutil.copytree(session.paths.source / assignment.name, folder)
    for notebook in assignment.notebooks:
        questions = {cell.id: cell for cell in notebook.having(Role.QUESTION)}
        file = folder / f"{notebook.name}.ipynb"
        document = without_explore(json.loads(file.read_bytes()))
        for cell in document["cells"]:
            if cell["id"] in questions:
                cell["source"] = _question(questions[cell["id"]], preamble)
        file.write_text(json.dumps(document))
    config = (
        "c = get_config()\n"
        f"c.CourseDirectory.root = {str(root)!r}\n"
        "c.CourseDirectory.course_id = 'stock'\n"
        f"c.Autograde.exclude_overwriting = {{{assignment.name!r}: "
        f"{list(assignment.student_files + assignment.extra_files)!r}}}\n"
        f"c.Execute.timeout = {timeout}\n"
    )
    (root / "nbgrader_config.py").write_text(config)
    nbgrader(root, "generate_assignment", assignment.name)


def _question(cell: Cell, preamble: Preamble) -> str:
    parts = [preamble(cell, False), cell.source, BEGIN_HIDDEN, preamble(cell, True)]
    return "\n".join([*parts, cell.hidden, END_HIDDEN])


def without_explore(document: dict) -> dict:
    """Return a notebook without the cells that grading doesn't run."""
    cells = [c for c in document["cells"] if "explore" not in c["metadata"].get("tags", ())]
    return {**document, "cells": cells}


def nbgrader(root: Path, command: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a command of stock nbgrader in a course folder."""
    folder = str(Path(sys.executable).parent)  # nbgrader starts `alembic` by name
    done = subprocess.run(
        [f"{folder}/nbgrader", command, *arguments],
        cwd=root,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"nbgrader {command}:\n{done.stderr[-3000:]}")
    return done
