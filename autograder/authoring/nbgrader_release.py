"""Makes release/ from source/ with nbgrader's own converter; the one module here that imports it.

nbgrader's stock step for solutions lets much pass: an END without its BEGIN, a marker that is
spelled otherwise. `StripSolutions` takes its place and raises, upon which nbgrader deletes the
release that it was making. nbgrader_config.py plugs the same list of steps into stock nbgrader:

    c.GenerateAssignment.preprocessors = release_preprocessors()
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from autograder.authoring.markers import (
    require_no_markers,
    split_hidden,
    strip_solution,
    strip_written,
)
from autograder.model import CourseError


class StripSolutions(NbGraderPreprocessor):  # type: ignore[misc]
    """Replaces solutions by stubs that name what is missing; raises whatever looks wrong."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Strip one cell. Hidden parts are checked here and cut later, after SaveCells."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell {index + 1}")
        if is_solution(cell):
            strip = strip_solution if cell.cell_type == "code" else strip_written
            cell.source = strip(cell.source, name)
        elif is_grade(cell):
            split_hidden(cell.source, name)
        else:
            require_no_markers(cell.source, name)
        return cell, resources


def release_preprocessors() -> list[type]:
    """Return nbgrader's steps from source/ to release/, with ours in place of ClearSolutions."""
    return [
        LockCells,
        StripSolutions,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]


def generate(root: Path, assignment: str) -> None:
    """Make root/release/<assignment> from root/source/<assignment>; no gradebook is touched."""
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = assignment
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.preprocessors = [
        step for step in release_preprocessors() if step is not SaveCells
    ]
    log = _Log()
    converter = GenerateAssignment(
        coursedir=CourseDirectory(config=config, log=log.logger), config=config, log=log.logger
    )
    try:
        converter.start()
    except NbGraderException as problem:
        raise CourseError(
            f"nbgrader couldn't make release/{assignment}:\n{log.errors or problem}"
        ) from problem


class _Log(logging.Handler):
    """Keeps what nbgrader says went wrong; it tells it to nobody else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors = ""
        self.logger = logging.Logger("nbgrader")  # not registered: a log of this run alone
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.errors += record.getMessage() + "\n"
