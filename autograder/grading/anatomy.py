"""Knows how an assignment hangs together: which function each question is about, and what it calls.

The known mistakes are kept here too, by the function that they are in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.authoring import (
    Reach,
    Target,
    find_targets,
    load_caught,
    load_mistakes,
    own_targets,
)
from autograder.model import Assignment, Mistake, Paths, Role


@dataclass(frozen=True)
class Anatomy:
    """What students write in an assignment, and the questions and known mistakes about it."""

    targets: Sequence[Target]
    own: Mapping[str, Sequence[Target]]  # what each question is about; maybe nothing of its own
    called: Mapping[str, Sequence[Target]]  # what each question calls itself
    reach: Reach  # of the solved course
    reached: Mapping[str, frozenset[str]]  # places that each question may call
    mistakes: Mapping[str, Sequence[Mistake]]  # by place
    caught: Mapping[str, frozenset[str]]  # questions that catch a mistake, by its name

    @classmethod
    def load(cls, paths: Paths, assignment: Assignment, solved: Mapping[str, bytes]) -> Anatomy:
        """Read it. Raises CourseError if a known mistake doesn't fit the course."""
        targets = find_targets(paths, assignment)
        places = {target.place for target in targets}
        reach = Reach(
            {path: text.decode() for path, text in solved.items() if path.endswith(".py")},
            {
                f"{notebook.name}:{cell.id}": cell.source
                for notebook in assignment.notebooks
                for cell in notebook.cells
                if cell.role in (Role.SETUP, Role.ANSWER)
            },
        )
        cells = [c for notebook in assignment.notebooks for c in notebook.having(Role.QUESTION)]
        mistakes: dict[str, list[Mistake]] = {}
        for mistake in load_mistakes(paths, assignment):
            mistakes.setdefault(mistake.function, []).append(mistake)
        return cls(
            targets=targets,
            own=own_targets(assignment, targets),
            called={
                cell.id: [target for target in targets if target.place in named]
                for cell in cells
                for named in [reach.named_in(f"{cell.source}\n{cell.hidden}")]
            },
            reach=reach,
            reached={
                cell.id: reach.from_text(f"{cell.source}\n{cell.hidden}") & places for cell in cells
            },
            mistakes=mistakes,
            caught=load_caught(paths, assignment.name),
        )

    def own_places(self, question: str) -> frozenset[str]:
        """Return the places of what a question is about."""
        return frozenset(target.place for target in self.own[question])

    def mistakes_about(self, question: str, passed: Collection[str] = ()) -> list[Mistake]:
        """Return the mistakes in what a question is about, or if that is nothing, may call.

        Those that a question catches which was `passed` are left out.
        """
        places = self.own_places(question) or self.reached[question]
        return [
            mistake
            for place in sorted(places)
            for mistake in self.mistakes.get(place, ())
            if not self.caught.get(mistake.name, frozenset()) & set(passed)
        ]

    def may_show(self, mistake: Mistake, question: str) -> bool:
        """May a question call the function in which a mistake is?"""
        return mistake.function in self.reached[question] | self.own_places(question)
