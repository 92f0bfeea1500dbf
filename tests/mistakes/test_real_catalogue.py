"""The catalogue is true: each mistake is caught and told its name, and nobody else is.

`autograder mistakes ASSIGNMENT --prove` has handed in all of it; a sample is handed in here.
"""

import copy
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.authoring import list_assignments, load_caught
from autograder.certify import prove, proven_from
from autograder.certify.fairness import load_variants
from autograder.certify.trials import RecordingSandbox, Trials
from autograder.model import Ending, Paths, Verdict
from autograder.sandbox import detect

PATHS = Paths(Path(__file__).parents[2])
NAMES = list_assignments(PATHS)
ONE_PROCESS_EACH = [pytest.param(n, marks=pytest.mark.xdist_group(f"catalogue-{n}")) for n in NAMES]
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("name", ONE_PROCESS_EACH)]
_OPENED = {}
MISTAKES = 12
VARIANTS = 3


@pytest.fixture
def real(name):
    """The solved course, whose submissions are explained; one for all tests."""
    if name not in _OPENED:
        sandbox = RecordingSandbox(detect()).__enter__()
        trials = Trials(PATHS, name)
        trials.session.explains = True
        trials.prepare(sandbox)
        _OPENED[name] = trials, sandbox
    return _OPENED[name]


@pytest.fixture(scope="module", autouse=True)
def _close():
    yield
    for _, sandbox in _OPENED.values():
        sandbox.close()
    _OPENED.clear()


def test_the_proof_is_as_fresh_as_the_course(name):
    """All known mistakes were handed in, and nothing that they met has changed since."""
    content = json.loads((PATHS.assignments / "mistakes" / name / "caught.json").read_text())
    advice = f"run `autograder mistakes {name} --prove` and commit what it writes"
    assert content["computed_from"] == proven_from(PATHS, name), advice
    assert content["caught"] and all(content["caught"].values())


def test_a_sample_is_caught_and_told_its_name(name):
    """Drawn by the digest of the proof. Where a second name is told, it is told this one, too."""
    caught = load_caught(PATHS, name)
    drawn = random.Random(proven_from(PATHS, name)).sample(sorted(caught), MISTAKES)
    proofs = proofs_of(name, drawn)
    others = {other for proof in proofs.values() for other in proof.alike} - proofs.keys()
    proofs |= proofs_of(name, others) if others else {}
    wrong = [p.in_words for p in proofs.values() if not p.told or not p.is_named_back]
    assert wrong == []
    assert {each: frozenset(proofs[each].told) for each in drawn} == {e: caught[e] for e in drawn}
    one_sided = [(a, b) for a in drawn for b in proofs[a].alike if a not in proofs[b].alike]
    assert one_sided == []


def proofs_of(name, names):
    proofs = list(prove(PATHS, name, detect(), chosen=lambda mistake: mistake.name in names))
    assert {proof.mistake.name for proof in proofs} == set(names)
    return {proof.mistake.name: proof for proof in proofs}


def test_no_question_tells_a_right_program_a_name(name, real):
    """The solved course, and right programs that are written differently.

    The certificate says of all of these that they get full points; some, drawn by the digest of
    the proof, are handed in to an explaining session here, with the limits that students have.
    """
    trials, sandbox = real
    session = copy.copy(trials.session)
    session.assignment = replace(session.assignment, limits=trials.assignment.limits)
    variants = load_variants(PATHS, trials.assignment, trials.solved)
    drawn = random.Random(proven_from(PATHS, name)).sample(variants, VARIANTS)
    for texts in ({}, *(variant.texts for variant in drawn)):
        report = session.grade(trials.submission(session.assignment, texts), sandbox)
        assert [r for r in report.results if r.diagnosis or r.verdict is not Verdict.PASS] == []


def test_questions_fail_without_what_they_are_about(name, real):
    """So a student's empty function can't get follow-through marks by the others' being right."""
    trials, sandbox = real
    for question, own in trials.session.explainer.anatomy.own.items():
        stubs = [{target.cell or target.file: target.stub()} for target in own]
        if question in trials.questions and stubs:
            assert any(trials.hand_in(sandbox, texts, [question]) for texts in stubs), question


def test_nothing_is_earned_by_writing_nothing(name, real):
    """The blank assignment has no points, and no follow-through."""
    trials, sandbox = real
    session = trials.session
    texts = {path: session.stubs[path].decode() for path in session.assignment.student_files}
    for answers in session.handed_out.values():
        texts |= answers
    report = session.grade(trials.submission(session.assignment, texts), sandbox)
    earned = [r.question for r in report.results if r.points and not trials.needs.get(r.question)]
    assert earned == []


def test_every_small_call_works_with_the_solved_course(name, real):
    """And shows at least one of the mistakes that its question is about."""
    trials, sandbox = real
    examples = trials.session.explainer.examples
    assert examples.calls
    shown = set()
    for question, calls in examples.calls.items():
        right = examples.right(question, sandbox)
        assert [outcome.ending for outcome in right] == [Ending.OK] * len(calls), question
        for mistake in trials.session.explainer.anatomy.mistakes_about(question):
            package = {
                path: mistake.texts[path].encode() if path in mistake.texts else content
                for path, content in trials.solved.items()
            }
            answers = {
                cell: mistake.texts.get(cell, trials.session.explainer.signatures.solved_text(cell))
                for texts in trials.session.handed_out.values()
                for cell in texts
            }
            if examples.smallest(question, package, answers, sandbox):
                shown.add(question)
                break
    assert shown == examples.calls.keys()
