"""The course's own certificates: all there, as fresh as the course, and true."""

import random
import shutil
from pathlib import Path

import pytest

from autograder.authoring import bears_name, list_assignments
from autograder.certify import certificate
from autograder.certify.mutants import make_mutants
from autograder.certify.trials import RecordingSandbox, Trials, texts_of
from autograder.model import Paths

PATHS = Paths(Path(__file__).parents[2])
NAMES = list_assignments(PATHS)
SAMPLE = 20


def test_there_is_a_course():
    """The tests below have something to look at."""
    assert NAMES


@pytest.mark.parametrize("name", NAMES)
def test_certificate_holds(name):
    """It is up to date, speaks of each question, and gives a reason for each survivor."""
    assert certificate.problems(PATHS, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_three_right_programs_are_there(name):
    """Each assignment's checks are tried on at least three other ways of writing it."""
    assert len(certificate.load(PATHS, name)["fairness"]) >= 3


def test_words_to_students_make_no_certificate_stale(tmp_path):
    """The self-check decides nothing; the checks beside it do."""
    shutil.copytree(PATHS.assignments, tmp_path / "assignments")
    copy, package = Paths(tmp_path), tmp_path / "assignments/cs231n"
    before = certificate.fingerprint(copy, NAMES[0])
    for file, is_the_same in (("self_check/errors.py", True), ("checks.py", False)):
        with (package / file).open("a") as module:
            module.write("# a remark\n")
        assert (certificate.fingerprint(copy, NAMES[0]) == before) is is_the_same


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_sample_of_the_certificate_is_true(name, isolation):
    """Mutants drawn by the certificate's digest, run anew with another seed, are caught again."""
    content = certificate.load(PATHS, name)
    seed = int(content["computed_from"], 16)
    survivors = {
        (f"{each['file']}:{each['function']}", each["before"], each["after"])
        for each in content["survivors"]
    }
    trials = Trials(PATHS, name, seed)
    mutants = [mutant for target in trials.targets for mutant in make_mutants(target)]
    reached = [m for m in mutants if m.target.place not in content["unreached"]]
    assert len(reached) > 10 * SAMPLE
    with RecordingSandbox(isolation) as sandbox:
        trials.prepare(sandbox)
        for mutant in random.Random(seed).sample(reached, SAMPLE):
            texts = texts_of(mutant.target, mutant.text)
            own = [question for question in trials.questions if bears_name(question, mutant.target)]
            caught = own and trials.hand_in(sandbox, texts, own)
            caught = caught or trials.hand_in(sandbox, texts)
            assert bool(caught) == (mutant.key not in survivors), mutant
