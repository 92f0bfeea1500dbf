"""Cases: what can be handed in, and what grading must say of it.

Each case is a change of the folder `cases/perfect`, which gets full points. Tables of code are TOML
files in cases/; what may lie in a folder and what becomes of a notebook file is made by functions
in folder_cases.py and notebook_cases.py. A case in a table has

    says           what it is about
    quick          true for the few that run without `-m slow` too
    sum_columns    another body of this function (or scale_rows, center_rows, count_positive)
    top            code at the top of tinypkg/columns.py
    answer         another text of the answer cell
    written        another answer in words
    weights        other numbers in labels.npz
    without        files that are not there
    timestamp      what timestamp.txt says
    poison         true for weights that are a pickle
    expect.NAME    "VERDICT" or "VERDICT: words of the message"; other questions are right
    notes, flags   words of each note and flag, in their order; there are no others
    points         where they don't follow from the verdicts
"""

from __future__ import annotations

import json
import shutil
import textwrap
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "cases"
WORTH = {
    "scale_rows": 2,
    "center_rows": 2,
    "centered_scaled": 1,
    "sum_columns": 2,
    "count_positive_check": 3,
    "labels": 3,  # with the bonus
}
BODIES = {
    "scale_rows": ("tinypkg/rows.py", "return x * s[:, None]"),
    "center_rows": ("tinypkg/rows.py", "return x - x.mean(axis=1, keepdims=True)"),
    "sum_columns": ("tinypkg/columns.py", "return x.sum(axis=0)"),
}


@dataclass(frozen=True)
class Case:
    """One thing that can be handed in, and what is said of it."""

    name: str
    table: str
    says: str
    change: Callable[[Path], None]
    expect: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    flags: Sequence[str] = ()
    written: bool = True  # is there an answer in words?
    quick: bool = False
    points: float | None = None

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict on each question."""
        return {name: self.expect.get(name, "PASS").partition(":")[0] for name in WORTH}

    @property
    def messages(self) -> dict[str, str]:
        """Words that the message on a question has in it."""
        said = {name: text.partition(": ")[2] for name, text in self.expect.items()}
        return {name: words for name, words in said.items() if words}

    @property
    def total(self) -> float:
        """Points of the submission."""
        verdicts = self.verdicts
        right = sum(worth for name, worth in WORTH.items() if verdicts[name] == "PASS")
        return right if self.points is None else self.points

    def write(self, folder: Path) -> None:
        """Make the submission's folder."""
        shutil.copytree(HERE / "perfect", folder)
        self.change(folder)


def notebook_of(folder: Path) -> dict:
    """Return the submission's notebook."""
    return json.loads((folder / "lesson.ipynb").read_text())


def save_notebook(folder: Path, notebook: object) -> None:
    """Write the submission's notebook."""
    (folder / "lesson.ipynb").write_text(json.dumps(notebook))


def cell(notebook: dict, name: str) -> dict:
    """Return the cell with this id."""
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def set_text(folder: Path, name: str, text: str) -> None:
    """Give a cell of the submission's notebook another text."""
    notebook = notebook_of(folder)
    cell(notebook, name)["source"] = text
    save_notebook(folder, notebook)


def _change_code(row: Mapping[str, str]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for name, (path, body) in BODIES.items():
            if name in row:
                new = textwrap.indent(row[name].strip(), "    ").lstrip()
                _replace(folder / path, body, new)
        if "top" in row:
            _replace(folder / "tinypkg/columns.py", "\n\ndef ", f"\n{row['top']}\n\ndef ")
        if "count_positive" in row:
            body = textwrap.indent(row["count_positive"].strip(), "    ")
            set_text(folder, "count_positive", f"def count_positive(x):\n{body}")
        if "answer" in row:
            set_text(folder, "count_positive", row["answer"])
        if "written" in row:
            set_text(folder, "why_columns", row["written"])
        if "weights" in row:
            np.savez(folder / "labels.npz", weights=np.array(row["weights"]))
        if "timestamp" in row:
            (folder / "timestamp.txt").write_text(row["timestamp"])
        if "poison" in row:
            np.savez(folder / "labels.npz", weights=np.array([_Poison()], dtype=object))
        columns = folder / "tinypkg/columns.py"
        columns.write_text(columns.read_text().replace("@ABOVE@", str(folder.parents[2])))
        for name in row.get("without", ()):
            (folder / name).unlink()

    return change


class _Poison:
    """An object that runs a command when it is unpickled."""

    def __reduce__(self) -> tuple:
        return print, ("canary-unpickled",)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new))


CODE = {
    *BODIES,
    "top",
    "count_positive",
    "answer",
    "written",
    "weights",
    "without",
    "timestamp",
    "poison",
}
NOT_ANSWERED = ("", "*Write your answer here, in place of this line.*")


def _from_table(file: Path) -> list[Case]:
    cases = []
    for name, row in tomllib.loads(file.read_text()).items():
        code = {key: row.pop(key) for key in CODE & row.keys()}
        written = code.get("written") not in NOT_ANSWERED
        cases.append(Case(name, file.stem, change=_change_code(code), written=written, **row))
    return cases


def from_functions(table: str, functions: Mapping[str, object]) -> list[Case]:
    """Return the cases that a module's functions make; see `case`."""
    cases = []
    for name, function in functions.items():
        if hasattr(function, "is_case"):
            more = {"says": function.__doc__, **function.is_case}
            cases.append(Case(name.replace("_", "-"), table, change=function, **more))
    return cases


def case(**more: object) -> Callable[[Callable], Callable]:
    """Call a function that changes a folder a case; its docstring says what it is about."""

    def mark(function: Callable) -> Callable:
        function.is_case = more
        return function

    return mark


def _load() -> dict[str, Case]:
    import folder_cases
    import notebook_cases

    cases = [case for file in sorted(HERE.glob("*.toml")) for case in _from_table(file)]
    cases += from_functions("folders", vars(folder_cases))
    cases += from_functions("notebooks", vars(notebook_cases))
    return {case.name: case for case in cases}


CASES = _load()
