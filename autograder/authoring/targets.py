"""Finds what students write in an assignment, and which questions are about it.

A `Target` is one function with a solution in it, or one answer cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.authoring.definitions import functions, line_range, syntax_tree
from autograder.authoring.markers import BEGIN_SOLUTION, END_SOLUTION
from autograder.authoring.package import package_files
from autograder.model import Assignment, Paths, Role


@dataclass(frozen=True)
class Target:
    """One thing that a student writes.

    `file` is a module's path, or a lesson's name; then `cell` is the answer's name. `name` is the
    dotted path of the function, or the answer's name.
    """

    file: str
    name: str
    text: str  # of the whole module or cell, solved
    first: int  # line of the function in `text`, from 1
    last: int
    regions: tuple[tuple[int, int], ...]  # first and last line of each solution
    cell: str = ""

    @property
    def place(self) -> str:
        """Where it stands, in one word: as source rules name a function."""
        return f"{self.file}:{self.name}"

    def stub(self) -> str:
        """Return the whole text with this one function not written."""
        lines = self.text.split("\n")
        begin, end = self.regions[0]
        space = margin(lines[begin - 1])
        stub = f'{space}raise NotImplementedError("{self.name}")'
        return "\n".join([*lines[: begin - 1], stub, *lines[end:]])


def find_targets(paths: Paths, assignment: Assignment) -> list[Target]:
    """Return all that students write, in the order of files and lines."""
    solved = package_files(paths, assignment, solved=True)
    targets: list[Target] = []
    for path in assignment.student_files:
        targets += _module_targets(path, solved[path].decode())
    for notebook in assignment.notebooks:
        for cell in notebook.having(Role.ANSWER):
            last = len(cell.source.split("\n"))
            regions = tuple(_regions(cell.source))
            targets.append(
                Target(notebook.name, cell.id, cell.source, 1, last, regions, cell=cell.id)
            )
    return targets


def own_targets(assignment: Assignment, targets: Sequence[Target]) -> dict[str, list[Target]]:
    """Return, by question, the targets that it is about; for some questions there are none.

    These are the targets that bear its name; else those whose name, or whose class's name, the
    question's begins with ("batchnorm_forward_test", "TwoLayerNet_gradients"); else the answer
    cells that stand between it and the question before.
    """
    by_cell = {target.cell: target for target in targets if target.cell}
    found: dict[str, list[Target]] = {}
    for notebook in assignment.notebooks:
        before: list[Target] = []
        for cell in notebook.cells:
            if cell.id in by_cell:
                before.append(by_cell[cell.id])
            elif cell.role is Role.QUESTION:
                found[cell.id] = (
                    [target for target in targets if cell.id == _flat(target.name)]
                    or [target for target in targets if bears_name(cell.id, target)]
                    or [target for target in targets if _begins_with(cell.id, target)]
                    or before
                )
                before = []
    return found


def bears_name(question: str, target: Target) -> bool:
    """Has a question the name of a function or answer?

    "TwoLayerNet_init" is about TwoLayerNet.__init__, and "search" about the answer "search_code".
    """
    name = _flat(target.name)
    if target.cell:
        return name.startswith(question) or question.startswith(name)
    return question == name or name.endswith(f"_{question}")


def _begins_with(question: str, target: Target) -> bool:
    if target.cell:
        return False
    owner = target.name.rpartition(".")[0] or target.name
    return question.startswith(f"{_flat(owner)}_")


def _flat(name: str) -> str:
    return re.sub(r"[._]+", "_", name).strip("_")


def _module_targets(path: str, text: str) -> Iterator[Target]:
    regions = list(_regions(text))
    for name, node in functions(syntax_tree(text)):
        first, last = line_range(node)
        inside = tuple(region for region in regions if first <= region[0] <= last)
        if inside:
            yield Target(path, name, text, first, max(last, inside[-1][1]), inside)


def _regions(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() == BEGIN_SOLUTION:
            begin = number
        elif line.strip() == END_SOLUTION:
            yield begin, number


def margin(line: str) -> str:
    """Return the white space that a line begins with."""
    return line[: len(line) - len(line.lstrip())]
