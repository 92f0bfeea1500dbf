"""Certifies one assignment: makes mutants, hands them in, counts, and says what is left to do."""

from __future__ import annotations

import platform
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from autograder.authoring import Target, bears_name
from autograder.certify import certificate
from autograder.certify.certificate import Excuse, Tally, Trial
from autograder.certify.fairness import Variant, load_variants
from autograder.certify.mutants import Mutant, make_mutants
from autograder.certify.store import Found, Store
from autograder.certify.trials import SEED, RecordingSandbox, Trials, run_all, texts_of
from autograder.model import CourseError, Paths
from autograder.sandbox import Isolation

CACHE = ".certify"  # below the course's root: what is known from earlier runs
Reach = dict[str, frozenset[str]]  # place of a target -> questions that fail without it
Progress = Callable[[str, int, int], None]  # what is done, how many of them, of how many


@dataclass
class Findings:
    """What a certification found; `digest` is the fingerprint of what it looked at."""

    digest: str
    tallies: Mapping[str, Tally]
    mutants: int
    survived: Sequence[Mutant]
    excuses: Sequence[Excuse]
    stale_excuses: Sequence[tuple[str, str, str]] = ()
    unreached: Sequence[str] = ()
    unfair: Mapping[str, Found] = field(default_factory=dict)  # by variant
    variants: Sequence[str] = ()
    is_partial: bool = False

    @property
    def unexplained(self) -> list[Mutant]:
        """Survivors without a reason."""
        keys = {key for excuse in self.excuses for key in excuse.named()}
        return [mutant for mutant in self.survived if mutant.key not in keys]

    @property
    def is_good(self) -> bool:
        """Is nothing left to do?"""
        return not (self.unexplained or self.stale_excuses or self.unreached or self.unfair)


def certify(
    paths: Paths,
    name: str,
    isolation: Isolation,
    *,
    jobs: int,
    only: str = "",
    sample: int = 0,
    seed: int = SEED,
    progress: Progress = lambda what, number, total: None,
) -> Findings:
    """Hand in all mutants and all right programs of an assignment.

    With `only`, mutants of functions whose place contains it; with `sample`, so many at random.
    """
    digest = certificate.fingerprint(paths, name)  # of now, not of what is there in the end
    trials = Trials(paths, name, seed)
    with RecordingSandbox(isolation) as sandbox:
        trials.prepare(sandbox)
    store = Store(paths.root / CACHE / f"{name}.jsonl")
    run = _Run(trials, isolation, store, jobs, progress)
    try:
        targets = [target for target in trials.targets if only in target.place]
        reach = run.reach(targets)
        mutants = [
            mutant for target in targets if reach[target.place] for mutant in make_mutants(target)
        ]
        if sample:
            mutants = random.Random(seed).sample(mutants, min(sample, len(mutants)))  # noqa: S311
        trials_of = run.mutants(mutants, reach)
        variants = load_variants(paths, trials.assignment, trials.solved)
        unfair = run.variants(variants if not only and not sample else [])
    finally:
        store.close()
    excuses = certificate.load_excuses(paths, name)
    survived = [mutant for mutant, trial in trials_of.items() if not trial.caught]
    return Findings(
        digest=digest,
        tallies=certificate.tally(trials.questions, trials_of, trials.needs),
        mutants=len(mutants),
        survived=survived,
        excuses=excuses,
        stale_excuses=() if only or sample else certificate.unused(excuses, survived),
        unreached=[place for place, questions in reach.items() if not questions],
        unfair=unfair,
        variants=[variant.name for variant in variants],
        is_partial=bool(only or sample),
    )


def write(paths: Paths, name: str, findings: Findings) -> Path:
    """Write certificate.json; return where."""
    if findings.is_partial:
        raise CourseError("A part of an assignment can't be certified: leave out --only, --sample.")
    file = paths.assignments / name / certificate.FILE
    text = certificate.as_json(
        findings.digest,
        findings.tallies,
        findings.survived,
        findings.excuses,
        findings.variants,
        findings.unreached,
        {
            "autograder": version("nn-from-scratch"),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    )
    file.write_text(text, encoding="utf-8")
    return file


def own_questions(target: Target, reached: frozenset[str]) -> frozenset[str]:
    """Return the questions that bear the name of a function or answer; else all that it reaches."""
    return frozenset(question for question in reached if bears_name(question, target)) or reached


@dataclass
class _Run:
    """The means of one certification."""

    trials: Trials
    isolation: Isolation
    store: Store
    jobs: int
    progress: Progress
    reached: Reach = field(default_factory=dict)

    def reach(self, targets: Sequence[Target]) -> Reach:
        """Return, by place, the questions that need a function: those that fail without it."""
        everything = frozenset(self.trials.questions)
        programs = [(texts_of(target, target.stub()), everything) for target in targets]
        found = self._hand_in("Functions", programs)
        self.reached = {
            target.place: frozenset(caught) for target, caught in zip(targets, found, strict=True)
        }
        return self.reached

    def mutants(self, mutants: Sequence[Mutant], reach: Reach) -> dict[Mutant, Trial]:
        """Hand mutants to the questions about what they are mutants of, then to all others.

        One that its own question catches is not tried further: others are there for other things.
        """
        own = {
            mutant: own_questions(mutant.target, reach[mutant.target.place]) for mutant in mutants
        }
        tried = self._ask("Mutants", own)
        escaped = {
            mutant: reach[mutant.target.place] - own[mutant]
            for mutant, caught in tried.items()
            if not caught
        }
        again = self._ask("Escaped mutants", {m: rest for m, rest in escaped.items() if rest})
        return {
            mutant: Trial(own[mutant], escaped[mutant], again.get(mutant, {}))
            if mutant in escaped
            else Trial(own[mutant], frozenset(), caught)
            for mutant, caught in tried.items()
        }

    def _ask(self, what: str, asked: Mapping[Mutant, frozenset[str]]) -> dict[Mutant, Found]:
        programs = [
            (texts_of(mutant.target, mutant.text), questions) for mutant, questions in asked.items()
        ]
        return dict(zip(asked, self._hand_in(what, programs), strict=True))

    def variants(self, variants: Sequence[Variant]) -> dict[str, Found]:
        """Return what is wrongly found wrong with right programs."""
        everything = frozenset(self.trials.questions)
        programs = [(variant.texts, everything) for variant in variants]
        found = self._hand_in("Right programs", programs)
        names = [variant.name for variant in variants]
        return {name: caught for name, caught in zip(names, found, strict=True) if caught}

    def _hand_in(
        self, what: str, programs: Sequence[tuple[Mapping[str, str], frozenset[str]]]
    ) -> list[Found]:
        done = iter(range(1, len(programs) + 1))

        def on_done(_: int) -> None:
            self.progress(what, next(done), len(programs))

        @cache
        def ignored(questions: frozenset[str]) -> list[Target]:
            return [
                target
                for target in self.trials.targets
                if not self.reached.get(target.place, questions) & questions
            ]

        return run_all(
            self.trials,
            programs,
            self.isolation,
            self.store,
            jobs=self.jobs,
            ignored=ignored,
            on_done=on_done,
        )


def report(findings: Findings) -> Iterator[str]:
    """Yield what people have to look at, in lines."""
    for mutant in findings.unexplained:
        yield f"Survived: {mutant}"
    for place, before, after in findings.stale_excuses:
        yield (
            f"{certificate.EXCUSES} excuses what didn't survive, or isn't made any more: {place}\n"
            f"    - {before}\n    + {after}"
        )
    for place in findings.unreached:
        yield f"No question reaches {place}."
    for variant, caught in findings.unfair.items():
        yield f"The right program {variant} loses points in {', '.join(caught)}."
