"""A small course with a catalogue of mistakes, and programs to hand in there."""

import shutil
from pathlib import Path

import pytest

from autograder.authoring import replace_definitions
from autograder.certify.trials import RecordingSandbox, Trials
from autograder.model import Paths
from autograder.sandbox import detect

LAYERS, NET = "smallpkg/layers.py", "smallpkg/net.py"


@pytest.fixture(scope="session")
def sandbox():
    with RecordingSandbox(detect()) as opened:
        yield opened


class Course:
    """The small course, ready to be handed in with some functions written otherwise."""

    def __init__(self, root, sandbox):
        shutil.copytree(Path(__file__).parent / "course/assignments", root / "assignments")
        self.paths, self.sandbox = Paths(root), sandbox
        self.trials = Trials(self.paths, "small", 2**70)
        self.session = self.trials.session
        self.session.explains = True
        self.session.prepare(sandbox)

    def grade(self, functions="", answer=None, **texts):
        """Hand in the solved course with these functions in place of its own; return a report."""
        changed = {}
        for path in (LAYERS, NET):
            solved = self.trials.solved[path].decode()
            changed[path] = solved
        if functions:
            path = NET if "class Net" in functions else LAYERS
            changed[path] = replace_definitions(changed[path], functions)
        if answer:
            changed["count_code"] = answer
        changed.update({path.replace("_py", ".py"): text for path, text in texts.items()})
        submission = self.trials.submission(self.session.assignment, changed)
        self.sandbox.runs = []
        return self.session.grade(submission, self.sandbox)

    def results(self, functions="", answer=None, **texts):
        """Hand in and return the results by question."""
        report = self.grade(functions, answer, **texts)
        return {result.question: result for result in report.results}

    def names(self, functions="", answer=None):
        """Hand in and return, by question, the names that were given."""
        return {
            question: [
                tuple(mistake.name for mistake in together)
                for together in result.diagnosis.mistakes
            ]
            for question, result in self.results(functions, answer).items()
            if result.diagnosis and result.diagnosis.mistakes
        }


@pytest.fixture(scope="session")
def course(tmp_path_factory, sandbox):
    return Course(tmp_path_factory.mktemp("small"), sandbox)
