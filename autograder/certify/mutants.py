"""Finds what students write in an assignment, and makes mutants of it.

A `Target` is one function with a solution in it, or one answer cell; its mutants differ from the
solved course in one place of one solution.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.authoring import functions, line_range, package_files
from autograder.authoring.markers import BEGIN_SOLUTION, END_SOLUTION
from autograder.certify.operators import mutations
from autograder.model import Assignment, CourseError, Paths, Role


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
        margin = _margin(lines[begin - 1])
        stub = f'{margin}raise NotImplementedError("{self.name}")'
        return "\n".join([*lines[: begin - 1], stub, *lines[end:]])


@dataclass(frozen=True)
class Mutant:
    """A wrong program: the solved course with one statement of one solution changed."""

    target: Target
    operator: str
    line: int
    before: str
    after: str
    text: str  # of the whole module or cell

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in equivalent.toml: it stays the same when lines move."""
        return self.target.place, self.before, self.after

    def __str__(self) -> str:
        where = f"{self.target.file}:{self.line} in {self.target.name}"
        return f"{where} ({self.operator})\n    - {self.before}\n    + {self.after}"


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


def make_mutants(target: Target) -> Iterator[Mutant]:
    """Yield the mutants of one target; no two do the same."""
    lines = target.text.split("\n")
    piece = textwrap.dedent("\n".join(lines[target.first - 1 : target.last]))
    margin = _margin(lines[target.first - 1])
    try:
        tree = ast.parse(piece)
    except SyntaxError as problem:
        raise CourseError(
            f"{target.place} can't be certified: {problem}. A cell that students write is plain "
            "Python, without IPython's commands."
        ) from None
    offset = target.first - 1
    for begin, end in target.regions:
        for mutation in mutations(tree, begin - offset, end - offset):
            changed = textwrap.indent(mutation.text, margin).split("\n")
            yield Mutant(
                target=target,
                operator=mutation.operator,
                line=mutation.line + offset,
                before=mutation.before,
                after=mutation.after,
                text="\n".join([*lines[:offset], *changed, *lines[target.last :]]),
            )


def _module_targets(path: str, text: str) -> Iterator[Target]:
    regions = list(_regions(text))
    for name, node in functions(ast.parse(text)):
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


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
