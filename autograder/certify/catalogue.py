"""Proves the catalogue of known mistakes: hands each in, and looks at what it is told.

Each entry must be caught by a question that is about its function, and get its own name back. Where
another name comes with it, the two do the same on all inputs that the questions try.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from autograder.authoring import load_mistakes
from autograder.authoring.course import author_assignment
from autograder.certify.certificate import fingerprint
from autograder.certify.trials import SEED, RecordingSandbox, Trials
from autograder.grading.excerpts import asking
from autograder.model import Mistake, Paths, Report, Verdict
from autograder.sandbox import Isolation

Names = tuple[tuple[str, ...], ...]  # each explains all by itself, as one mistake or as several


@dataclass(frozen=True)
class Proof:
    """What one known mistake was told: the questions that it failed, with the names they gave."""

    mistake: Mistake
    told: Mapping[str, Names]
    elsewhere: bool = False  # caught only by questions that are about other functions

    @property
    def is_named_back(self) -> bool:
        """Did it get its own name, and never another one alone?"""
        named = {question: sum(names, ()) for question, names in self.told.items() if names}
        return bool(named) and all(self.mistake.name in names for names in named.values())

    @property
    def alike(self) -> list[str]:
        """The names that it got beside or in place of its own."""
        names = {name for each in self.told.values() for together in each for name in together}
        return sorted(names - {self.mistake.name})

    @property
    def in_words(self) -> str:
        """What became of it, in a line."""
        if not self.told:
            return f"NOT CAUGHT  {self.mistake.name}: no question notices it."
        where = ", ".join(self.told) + (" (about other functions)" if self.elsewhere else "")
        alike = f"; also called {', '.join(self.alike)}" if self.alike else ""
        verdict = "ok         " if self.is_named_back else "NOT NAMED  "
        unnamed = [question for question, names in self.told.items() if not names]
        silent = f"; no name in {', '.join(unnamed)}" if unnamed else ""
        return f"{verdict} {self.mistake.name}: caught by {where}{silent}{alike}"


def proven_from(paths: Paths, name: str) -> str:
    """Return a digest of what a proof of the catalogue depends on: the checks, and the mistakes."""
    total = hashlib.sha256(fingerprint(paths, name).encode())
    for mistake in load_mistakes(paths, author_assignment(paths, name)):
        total.update(repr((mistake.name, mistake.function, sorted(mistake.texts.items()))).encode())
    return total.hexdigest()


def prove(
    paths: Paths,
    name: str,
    isolation: Isolation,
    *,
    chosen: Callable[[Mistake], bool] = lambda mistake: True,
    seed: int = SEED,
) -> Iterator[Proof]:
    """Hand in each known mistake that is chosen."""
    trials = Trials(paths, name, seed)
    with RecordingSandbox(isolation) as sandbox:
        trials.prepare(sandbox)
        session = copy.copy(trials.session)
        session.explains = True
        anatomy = session.explainer.anatomy
        for mistake in load_mistakes(paths, trials.assignment):
            if not chosen(mistake):
                continue
            own = {q for q in trials.questions if mistake.function in anatomy.own_places(q)}
            reached = {q for q in trials.questions if anatomy.may_show(mistake, q)}
            told: Mapping[str, Names] = {}
            for questions in (own, reached - own):
                if questions and not told:
                    session.assignment = asking(
                        trials.session.assignment, frozenset(questions), is_slim=False
                    )
                    texts = mistake.texts
                    report = session.grade(trials.submission(session.assignment, texts), sandbox)
                    told = _told(report)
            yield Proof(mistake, told, elsewhere=bool(told.keys() - own))


def _told(report: Report) -> dict[str, Names]:
    return {
        result.question: tuple(
            tuple(mistake.name for mistake in together)
            for together in (result.diagnosis.mistakes if result.diagnosis else ())
        )
        for result in report.results
        if result.verdict is not Verdict.PASS
    }
