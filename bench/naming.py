"""Measures how often a mistake is named, and whether a name is ever wrong.

    python bench/naming.py [assignment] [how many of each]

Wrong programs that naming was not made for, chosen at random with a fixed seed:

- *rewritten*: a known mistake in a function that is written differently, so that other roundings
  are made: by a machine (fractions expanded, squares as products) or by a person (fairness/);
- *pairs*: two known mistakes of one function at once, no pair of which was ever seen;
- *mutants*: changes that the certificate makes. Most are no mistake of the catalogue and can't have
  a name; then a true description counts.

A name is wrong if a program with that mistake behaves differently on inputs of another seed.
"""

from __future__ import annotations

import ast
import copy
import itertools
import os
import random
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")


from autograder.authoring import find_targets, functions, load_mistakes, replace_definitions
from autograder.authoring.definitions import line_range
from autograder.certify.fairness import load_variants
from autograder.certify.mutants import make_mutants
from autograder.certify.trials import SEED, RecordingSandbox, Texts, Trials
from autograder.grading.excerpts import asking
from autograder.grading.signatures import combined_texts, merge
from autograder.judge import Behaviour, explains
from autograder.judge.differences import WRONG_HERE
from autograder.model import Mistake, Paths, Result, Verdict
from autograder.sandbox import detect

PATHS = Paths(Path(__file__).parent.parent)
NOT_CAUGHT, WRONGLY = "caught by no question", "named wrongly"


class Lab:
    """One assignment under one seed, in which programs can be tried."""

    def __init__(self, name: str, seed: int, sandbox: RecordingSandbox) -> None:
        self.trials = Trials(PATHS, name, seed)
        self.sandbox = sandbox
        self.trials.prepare(sandbox)
        self.session = copy.copy(self.trials.session)
        self.session.explains = True
        self.explainer = self.session.explainer
        self.mistakes = {m.name: m for m in load_mistakes(PATHS, self.trials.assignment)}

    def own(self, place: str) -> list[str]:
        """Return the questions that are about a function."""
        return [q for q in self.trials.questions if place in self.explainer.anatomy.own_places(q)]

    def grade(self, texts: Texts, questions: list[str]) -> list[Result]:
        """Hand a program in to some questions; return the results that aren't PASS."""
        everything = self.trials.session.assignment
        self.session.assignment = asking(everything, frozenset(questions), is_slim=False)
        submission = self.trials.submission(self.session.assignment, texts)
        report = self.session.grade(submission, self.sandbox)
        return [result for result in report.results if result.verdict is not Verdict.PASS]

    def behaviour(self, name: str, place: str, texts: Texts, question: str) -> Behaviour | None:
        """Return what a program does in a question."""
        program = Mistake(name, place, "", "", (), texts)
        return self.explainer.signatures.of(question, (program,), self.sandbox)


def rewritten(lab: Lab) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield (label, place, texts): a mistake's patch applied to another right program."""
    solved = lab.explainer.signatures.solved_text
    for variant in load_variants(PATHS, lab.trials.assignment, lab.trials.solved):
        for mistake in lab.mistakes.values():
            (file, wrong), *_ = mistake.texts.items()
            if file not in variant.texts:
                continue
            name = mistake.function.partition(":")[2]
            if _piece(variant.texts[file], name) == _piece(solved(file), name):
                continue  # the variant doesn't write this function differently
            merged = merge(solved(file), variant.texts[file], wrong)
            if merged and _parses(merged):
                yield (
                    f"{mistake.name} in {variant.name}",
                    mistake.function,
                    {**variant.texts, file: merged},
                )

    for mistake in lab.mistakes.values():
        (file, wrong), *_ = mistake.texts.items()
        name = mistake.function.partition(":")[2]
        piece = textwrap.dedent(_piece(wrong, name))
        other = ast.unparse(_Rewriter().visit(ast.parse(piece)))
        if other != ast.unparse(ast.parse(piece)):
            owner = name.rpartition(".")[0]
            code = f"class {owner}:\n{textwrap.indent(other, '    ')}" if owner else other
            text = replace_definitions(wrong, code) if file.endswith(".py") else other
            yield f"{mistake.name}, rewritten", mistake.function, {file: text}


class _Rewriter(ast.NodeTransformer):
    """Writes a / b as 0.7 * a / (0.7 * b), a * b as b * a, and a**2 as a * a."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = node.left, node.right
        match node.op:
            case ast.Div():
                above, below = (
                    ast.BinOp(ast.Constant(0.7), ast.Mult(), each) for each in (left, right)
                )
                return ast.BinOp(above, ast.Div(), below)
            case ast.Mult():
                return ast.BinOp(right, ast.Mult(), left)
            case ast.Pow() if isinstance(right, ast.Constant) and right.value == 2:
                return ast.BinOp(left, ast.Mult(), left)
        return node


def pairs(lab: Lab) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield (label, place, texts) of two mistakes in one function."""
    by_place: dict[str, list[Mistake]] = {}
    for mistake in lab.mistakes.values():
        by_place.setdefault(mistake.function, []).append(mistake)
    for place, known in by_place.items():
        for pair in itertools.combinations(known, 2):
            texts = combined_texts(lab.explainer.signatures.solved_text, pair)
            if texts and all(map(_parses, texts.values())):
                yield " + ".join(m.name for m in pair), place, texts


def mutants(lab: Lab) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield (label, place, texts) of the certificate's mutants."""
    for target in find_targets(PATHS, lab.trials.assignment):
        for mutant in make_mutants(target):
            yield str(mutant), target.place, {target.cell or target.file: mutant.text}


@dataclass(frozen=True)
class Told:
    """What programs of one kind were told: how many there are, and how many of those tried."""

    programs: int
    counts: Mapping[str, int]

    @property
    def tried(self) -> int:
        """How many of the programs that were handed in did any question catch?"""
        return sum(count for said, count in self.counts.items() if said != NOT_CAUGHT)


def measure(name: str, count: int) -> dict[str, Told]:
    """Hand in some programs of each kind; return what they were told, by kind."""
    chance = random.Random(SEED)  # noqa: S311 - a sample
    told = {}
    with RecordingSandbox(detect()) as sandbox:
        lab, other = Lab(name, SEED, sandbox), Lab(name, SEED + 1, sandbox)
        for kind in (rewritten, pairs, mutants):
            programs = list(kind(lab))
            chosen = chance.sample(programs, min(count, len(programs)))
            counts: Counter[str] = Counter()
            for label, place, texts in chosen:
                said = judge(lab, other, label, place, texts)
                counts[said] += 1
                if said == WRONGLY:
                    print(f"    {WRONGLY}: {label}")
            told[kind.__name__] = Told(len(programs), dict(counts.most_common()))
    return told


def judge(lab: Lab, other: Lab, label: str, place: str, texts: Texts) -> str:
    """Say what a wrong program was told."""
    questions = lab.own(place)
    results = lab.grade(texts, questions)
    if not results:
        return NOT_CAUGHT
    names = [
        (result.question, tuple(m.name for m in together))
        for result in results
        if result.diagnosis
        for together in result.diagnosis.mistakes
    ]
    for question, together in names:
        known = tuple(other.mistakes[each] for each in together)
        signature = other.explainer.signatures.of(question, known, other.sandbox)
        actual = other.behaviour(label, place, texts, question)
        if signature is None:
            continue  # two that don't fit into one text were told apart by their probes
        if actual is None or not explains(signature, actual):
            return WRONGLY
    if names:
        return "named"
    differences = [
        r.diagnosis.difference for r in results if r.diagnosis and r.diagnosis.difference
    ]
    if any(r.verdict is Verdict.ERROR for r in results):
        return "exception explained" if differences else "neither"
    if not differences:
        return "neither"
    is_split = all(difference.startswith(WRONG_HERE) for difference in differences)
    return "told where" if is_split else "described"


def _piece(text: str, name: str) -> str:
    nodes = dict(functions(ast.parse(text)))
    if name not in nodes:
        return text
    first, last = line_range(nodes[name])
    return "\n".join(text.split("\n")[first - 1 : last])


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def main(names: Sequence[str], count: int) -> bool:
    """Measure and print; return whether no name was wrong."""
    is_true = True
    for name in names:
        for kind, told in measure(name, count).items():
            shares = [
                f"{n} {said} ({n / max(told.tried, 1):.0%})" for said, n in told.counts.items()
            ]
            print(f"{name}, {kind}: {told.tried} of {told.programs} tried: {', '.join(shares)}")
            is_true = is_true and WRONGLY not in told.counts
    return is_true


if __name__ == "__main__":
    chosen = [sys.argv[1]] if len(sys.argv) > 1 else ["assignment1", "assignment2"]
    sys.exit(0 if main(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else 30) else 1)
