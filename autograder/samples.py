"""Makes sample submissions of a course: the class that `autograder demo` grades.

assignments/<name>/samples.toml describes them. Each sample begins as the solved or the blank
assignment and is then changed:

    [[sample]]
    student = "wrong-value"
    about = "Adam forgets the bias correction"
    base = "solved"                       # or "blank"
    timestamp = "2027-01-30 12:00:00 UTC" # optional
    blank = ["cs231n/optim.py", "tune"]   # files and answer cells left as they were handed out
    remove = ["cs231n/optim.py"]          # files that are not handed in
    drop_cells = ["adam"]                 # cells that were deleted from the notebooks
    strip_metadata = true                 # saved by a program that loses labels and ids
    [[sample.replace]]                    # in a module, or in a notebook's cell
    file = "cs231n/optim.py"
    old = "..."
    new = "..."
    [sample.expect]                       # verdicts other than the base's
    adam = "WRONG"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.authoring import load_assignment, package_files, solution_only
from autograder.model import Assignment, CourseError, Paths, Role, Verdict

FILE = "samples.toml"


@dataclass(frozen=True)
class Replacement:
    """One change of a text; `cell` says where in a notebook."""

    file: str
    old: str
    new: str
    cell: str = ""


@dataclass(frozen=True)
class Sample:
    """One sample submission and what grading must say of it."""

    student: str
    about: str
    base: str
    timestamp: str = ""
    blank: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    drop_cells: tuple[str, ...] = ()
    strip_metadata: bool = False
    replace: tuple[Replacement, ...] = ()
    expect: Mapping[str, Verdict] = field(default_factory=dict)

    def verdict(self, question: str) -> Verdict:
        """Return the verdict that this sample must get for a question."""
        usual = Verdict.PASS if self.base == "solved" else Verdict.NOT_ATTEMPTED
        return self.expect.get(question, usual)


def load_samples(paths: Paths, assignment: str) -> list[Sample]:
    """Read an assignment's samples; none if it describes none. Raises CourseError if unreadable."""
    file = paths.assignments / assignment / FILE
    if not file.is_file():
        return []
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["sample"]
        return [_sample(row) for row in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as problem:
        raise CourseError(f"{file} can't be used: {problem}.") from problem


def write_samples(paths: Paths, name: str, submitted: Path) -> int:
    """Write the samples of an assignment as submitted/<student>/<assignment>/; return how many."""
    assignment = load_assignment(paths, name)
    samples = load_samples(paths, name)
    for sample in samples:
        folder = submitted / sample.student / name
        for path, content in _files(paths, assignment, sample).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return len(samples)


def _sample(row: Mapping[str, Any]) -> Sample:
    values = dict(row)
    values["replace"] = tuple(Replacement(**change) for change in values.get("replace", ()))
    values["expect"] = {name: Verdict(said) for name, said in values.get("expect", {}).items()}
    for name in ("blank", "remove", "drop_cells"):
        values[name] = tuple(values.get(name, ()))
    return Sample(**values)


def _files(paths: Paths, assignment: Assignment, sample: Sample) -> dict[str, bytes]:
    """Return the files of one sample by path within its folder."""
    files = _package(paths, assignment, sample)
    notebooks = _notebooks(paths, assignment, sample)
    for change in sample.replace:
        if change.file in notebooks:
            _replace_in_cell(notebooks[change.file], change, sample)
        else:
            files[change.file] = _replaced(files[change.file].decode(), change, sample).encode()
    for name, document in notebooks.items():
        document["cells"] = [c for c in document["cells"] if c["id"] not in sample.drop_cells]
        if sample.strip_metadata:
            _strip(document)
        files[name] = json.dumps(document, indent=1).encode()
    if sample.timestamp:
        files["timestamp.txt"] = sample.timestamp.encode()
    return {path: content for path, content in files.items() if path not in sample.remove}


def _package(paths: Paths, assignment: Assignment, sample: Sample) -> dict[str, bytes]:
    files = dict(package_files(paths, assignment, solved=False))
    if sample.base == "solved":
        solved = package_files(paths, assignment, solved=True)
        for path in assignment.student_files:
            if path not in sample.blank:
                files[path] = solution_only(solved[path].decode()).encode()
        for name in assignment.extra_files:
            file = paths.assignments / assignment.name / name
            if file.is_file():
                files[name] = file.read_bytes()
    return files


def _notebooks(paths: Paths, assignment: Assignment, sample: Sample) -> dict[str, dict[str, Any]]:
    notebooks = {}
    for notebook in assignment.notebooks:
        file = paths.release / assignment.name / f"{notebook.name}.ipynb"
        document = json.loads(file.read_bytes())
        if sample.base == "solved":
            answers = (*notebook.having(Role.ANSWER), *notebook.having(Role.WRITTEN))
            _fill_in(document, {c.id: c.source for c in answers if c.id not in sample.blank})
        notebooks[file.name] = document
    return notebooks


def _fill_in(document: dict[str, Any], solutions: Mapping[str, str]) -> None:
    for cell in document["cells"]:
        if cell["id"] in solutions:
            cell["source"] = solution_only(solutions[cell["id"]])


def _replace_in_cell(document: dict[str, Any], change: Replacement, sample: Sample) -> None:
    for cell in document["cells"]:
        if cell["id"] == change.cell:
            cell["source"] = _replaced("".join(cell["source"]), change, sample)
            return
    raise CourseError(f"Sample {sample.student}: {change.file} has no cell {change.cell!r}.")


def _replaced(text: str, change: Replacement, sample: Sample) -> str:
    if text.count(change.old) != 1:
        raise CourseError(
            f"Sample {sample.student}: the text to replace stands {text.count(change.old)} times "
            f"in {change.file}, not once: {change.old!r}."
        )
    return text.replace(change.old, change.new)


def _strip(document: dict[str, Any]) -> None:
    """Do what some programs do to a notebook: drop all metadata and give cells ids of their own."""
    document["metadata"] = {}
    for number, cell in enumerate(document["cells"]):
        cell["metadata"] = {}
        cell["id"] = f"{number:08x}"
