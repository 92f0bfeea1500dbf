"""Makes mutants of what students write in an assignment.

The mutants of a `Target` differ from the solved course in one place of one of its solutions.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.authoring.definitions import syntax_tree
from autograder.authoring.targets import Target, margin
from autograder.certify.operators import mutations
from autograder.model import CourseError


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


def make_mutants(target: Target) -> Iterator[Mutant]:
    """Yield the mutants of one target; no two do the same."""
    lines = target.text.split("\n")
    piece = textwrap.dedent("\n".join(lines[target.first - 1 : target.last]))
    space = margin(lines[target.first - 1])
    try:
        tree = syntax_tree(piece)
    except SyntaxError as problem:
        raise CourseError(
            f"{target.place} can't be certified: {problem}. A cell that students write is plain "
            "Python, without IPython's commands."
        ) from None
    offset = target.first - 1
    for begin, end in target.regions:
        for mutation in mutations(tree, begin - offset, end - offset):
            changed = textwrap.indent(mutation.text, space).split("\n")
            yield Mutant(
                target=target,
                operator=mutation.operator,
                line=mutation.line + offset,
                before=mutation.before,
                after=mutation.after,
                text="\n".join([*lines[:offset], *changed, *lines[target.last :]]),
            )
