"""Finds out why questions failed: names the mistakes where a known one gives the same values.

Questions are taken in the course's order, so that a mistake in an early function, once it has a
name, can explain what later questions show of it. A question is compared with what it asks for
itself first, and with pairs of mistakes only where no single one explains it.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.grading.anatomy import Anatomy
from autograder.grading.examples import Examples
from autograder.grading.follow_through import FollowThrough, Work
from autograder.grading.signatures import Signatures, combined_texts
from autograder.judge import (
    Behaviour,
    are_proven_apart,
    behaviour,
    describe,
    describe_end,
    explains,
    may_explain,
)
from autograder.model import (
    Diagnosis,
    Mistake,
    NamedMistake,
    Result,
    Verdict,
)
from autograder.sandbox import Sandbox

EXPLAINED = {Verdict.WRONG, Verdict.ERROR, Verdict.MEMORY}
MOST_ALIKE = 3  # where more mistakes do the same, a question shows too little to name any
MOST_PAIRS_RUN = 8  # per question and student


class Namer:
    """Names mistakes of one submission; what it named before helps with what comes later."""

    def __init__(
        self,
        anatomy: Anatomy,
        signatures: Signatures,
        sandbox: Sandbox,
        passed: Collection[str],
    ) -> None:
        self._passed = passed
        self._anatomy = anatomy
        self._signatures = signatures
        self._sandbox = sandbox
        self._named: dict[str, Mistake] = {}

    def name(
        self, question: str, student: Behaviour, *, only_named: bool = False
    ) -> tuple[tuple[Mistake, ...], ...]:
        """Return each mistake, or each pair of them, that explains all of a question.

        With `only_named`, of those that were named in earlier questions.
        """
        if not (student.is_wrong and student.finished):
            return ()
        before = [m for m in self._named.values() if self._anatomy.may_show(m, question)]
        candidates = [] if only_named else self._anatomy.mistakes_about(question, self._passed)
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

    anatomy: Anatomy
    signatures: Signatures
    follow_through: FollowThrough
    examples: Examples

    def explain(self, results: Sequence[Result], work: Work, sandbox: Sandbox) -> list[Result]:
        """Return the results of a submission, those that failed with what is known of them."""
        failed = {result.question for result in results if result.verdict is not Verdict.PASS}
        passed = {result.question for result in results if result.verdict is Verdict.PASS}
        namer = Namer(self.anatomy, self.signatures, sandbox, passed)
        explained = []
        for result in results:
            followed = self.follow_through.follow(result, failed, work, sandbox)
            if followed.given:
                failed.discard(result.question)  # what it is about is right: nobody needs it given
            explained.append(self._diagnosed(followed, work, namer, sandbox))
        return explained

    def _diagnosed(self, result: Result, work: Work, namer: Namer, sandbox: Sandbox) -> Result:
        question = result.question
        if result.verdict not in EXPLAINED or not all(
            work.is_readable(target) for target in self.anatomy.own[question]
        ):
            return result  # a syntax error says all that there is to say
        student = behaviour(self.signatures.reference[question], work.steps[question])
        if result.given:  # others are to blame, and only what they are called can explain it
            found = namer.name(question, student, only_named=True)
            return dataclasses.replace(
                result, diagnosis=Diagnosis(_named(found)) if found else None
            )
        found = namer.name(question, student)
        diagnosis = Diagnosis(
            mistakes=_named(found),
            difference="" if found else describe(student) or describe_end(work.steps[question]),
            example=self.examples.smallest(question, work.package, work.answers, sandbox),
        )
        return dataclasses.replace(
            result,
            diagnosis=None if diagnosis == Diagnosis() else diagnosis,
            behaviour="" if found or not student.is_wrong else student.fingerprint,
        )


def _named(found: Sequence[Sequence[Mistake]]) -> tuple[tuple[NamedMistake, ...], ...]:
    return tuple(
        tuple(NamedMistake(m.name, m.diagnosis, m.explanation) for m in together)
        for together in found
    )
