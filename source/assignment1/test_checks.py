# Built by "autograder build" from assignments/test_checks.py; instructors edit that one.
"""The checks of this assignment as tests, one for each question; editors and `pytest` list them.

The same as `python -m cs231n.check`. Hidden checks decide when your work is marked.
"""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
PACKAGE = next(FOLDER.glob("*/self_check/assignment.json")).parent.parent.name
handout = importlib.import_module(f"{PACKAGE}.self_check.handout").load()
runs = importlib.import_module(f"{PACKAGE}.self_check.runs")
talk = importlib.import_module(f"{PACKAGE}.self_check.talk")


@pytest.fixture(scope="session")
def results(request):
    """Run the questions of all tests that were chosen, at once."""
    chosen = [
        item.callspec.params["question"]
        for item in request.session.items
        if item.path == Path(__file__).resolve()
    ]
    runner = runs.Runner(handout)
    yield runner.run(list(dict.fromkeys(chosen)))
    runner.close()


@pytest.mark.parametrize("question", list(handout.questions))
def test_question(question, results):
    """Code that students wrote does what the check of a question says."""
    result = results[question]
    if result.state != "right":
        pytest.fail("\n".join(talk.explain(result, runs.SECONDS)), pytrace=False)
