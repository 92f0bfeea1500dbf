"""Finds out why questions failed: names the mistakes where a known one gives the same values.

Questions are taken in the course's order, so that a mistake in an early function, once it has a
name, can explain what later questions show of it. A question is compared with what it asks for
itself first, and with pairs of mistakes only where no single one explains it.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.authoring import Reach, find_targets, load_mistakes, own_targets
from autograder.grading.signatures import Signatures, combined_texts
from autograder.judge import Behaviour, are_proven_apart, behaviour, explains, may_explain
from autograder.model import (
    Assignment,
    Diagnosis,
    Mistake,
    NamedMistake,
    Outcome,
    Paths,
    Result,
    Role,
    Verdict,
)
from autograder.sandbox import Sandbox

EXPLAINED = {Verdict.WRONG, Verdict.ERROR}
MOST_ALIKE = 3  # where more mistakes do the same, a question shows too little to name any
MOST_PAIRS_RUN = 8  # per question and student


@dataclass(frozen=True)
class Catalogue:
    """The known mistakes of an assignment, and where they can show."""

    mistakes: Mapping[str, Sequence[Mistake]]  # by the place of their function
    own: Mapping[str, frozenset[str]]  # places that a question is about
    reached: Mapping[str, frozenset[str]]  # places that a question may call

    @classmethod
    def load(cls, paths: Paths, assignment: Assignment, solved: Mapping[str, bytes]) -> Catalogue:
        """Read the catalogue. Raises CourseError if an entry doesn't fit the course."""
        targets = find_targets(paths, assignment)
        known = {target.place for target in targets}
        reach = Reach(
            {path: text.decode() for path, text in solved.items() if path.endswith(".py")},
            {
                f"{notebook.name}:{cell.id}": cell.source
                for notebook in assignment.notebooks
                for cell in notebook.cells
                if cell.role in (Role.SETUP, Role.ANSWER)
            },
        )
        mistakes: dict[str, list[Mistake]] = {}
        for mistake in load_mistakes(paths, assignment):
            mistakes.setdefault(mistake.function, []).append(mistake)
        own = own_targets(assignment, targets)
        return cls(
            mistakes=mistakes,
            own={question: frozenset(t.place for t in each) for question, each in own.items()},
            reached={
                cell.id: reach.from_text(f"{cell.source}\n{cell.hidden}") & known
                for notebook in assignment.notebooks
                for cell in notebook.having(Role.QUESTION)
            },
        )

    def about(self, question: str) -> list[Mistake]:
        """Return the mistakes in what a question is about, or if that is nothing, may call."""
        places = self.own[question] or self.reached[question]
        return [mistake for place in sorted(places) for mistake in self.mistakes.get(place, ())]

    def may_show(self, mistake: Mistake, question: str) -> bool:
        """May a question call the function in which a mistake is?"""
        return mistake.function in self.reached[question] | self.own[question]


class Namer:
    """Names mistakes of one submission; what it named before helps with what comes later."""

    def __init__(self, catalogue: Catalogue, signatures: Signatures, sandbox: Sandbox) -> None:
        self._catalogue = catalogue
        self._signatures = signatures
        self._sandbox = sandbox
        self._named: dict[str, Mistake] = {}

    def name(
        self, question: str, student: Behaviour, candidates: Iterable[Mistake]
    ) -> tuple[tuple[Mistake, ...], ...]:
        """Return each mistake, or each pair of them, that explains all of a question."""
        if not (student.is_wrong and student.finished):
            return ()
        before = [m for m in self._named.values() if self._catalogue.may_show(m, question)]
        others = [mistake for mistake in candidates if mistake.name not in self._named]
        found = (
            self._alone(question, student, before)
            or self._alone(question, student, others)
            or self._in_pairs(question, student, [*before, *others])
        )
        if len(found) > MOST_ALIKE:
            return ()
        self._named.update({mistake.name: mistake for each in found for mistake in each})
        return found

    def _alone(
        self, question: str, student: Behaviour, mistakes: Sequence[Mistake]
    ) -> tuple[tuple[Mistake, ...], ...]:
        return tuple(
            (mistake,)
            for mistake, signature in self._signatures_of(question, mistakes)
            if explains(signature, student)
        )

    def _in_pairs(
        self, question: str, student: Behaviour, mistakes: Sequence[Mistake]
    ) -> tuple[tuple[Mistake, ...], ...]:
        found: list[tuple[Mistake, ...]] = []
        runs = 0
        for one, other in itertools.combinations(self._signatures_of(question, mistakes), 2):
            pair, signatures = (one[0], other[0]), (one[1], other[1])
            if not may_explain(signatures, student):
                continue
            if combined_texts(self._signatures.solved_text, pair) is None:
                if are_proven_apart(signatures, student):
                    found.append(pair)
            elif runs < MOST_PAIRS_RUN:
                runs += 1
                together = self._signatures.of(question, pair, self._sandbox)
                if together is not None and explains(together, student):
                    found.append(pair)
        return tuple(found)

    def _signatures_of(
        self, question: str, mistakes: Sequence[Mistake]
    ) -> list[tuple[Mistake, Behaviour]]:
        found = []
        for mistake in mistakes:
            signature = self._signatures.of(question, (mistake,), self._sandbox)
            if signature is not None:
                found.append((mistake, signature))
        return found


@dataclass(frozen=True)
class Explainer:
    """Finds out why questions failed; one for all submissions of a grading run."""

    catalogue: Catalogue
    signatures: Signatures

    def explain(
        self,
        results: Sequence[Result],
        steps: Mapping[str, Sequence[Outcome]],
        sandbox: Sandbox,
    ) -> list[Result]:
        """Return the results of a submission with a diagnosis of each that failed.

        `steps` are what the visible and the hidden step of each question did.
        """
        namer = Namer(self.catalogue, self.signatures, sandbox)
        return [
            self._explained(result, steps[result.question], namer)
            if result.verdict in EXPLAINED
            else result
            for result in results
        ]

    def _explained(self, result: Result, steps: Sequence[Outcome], namer: Namer) -> Result:
        question = result.question
        student = behaviour(self.signatures.reference[question], steps)
        found = namer.name(question, student, self.catalogue.about(question))
        return dataclasses.replace(result, diagnosis=_diagnosis(found)) if found else result


def _diagnosis(found: Sequence[Sequence[Mistake]]) -> Diagnosis:
    return Diagnosis(
        mistakes=tuple(
            tuple(NamedMistake(m.name, m.diagnosis, m.explanation) for m in together)
            for together in found
        )
    )
