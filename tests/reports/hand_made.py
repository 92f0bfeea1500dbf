"""Reports on a small assignment, made by hand: pages need nothing else."""

import json
from dataclasses import replace

from autograder.grading.gradebook import Mark, Marks
from autograder.model import (
    Diagnosis,
    Example,
    NamedMistake,
    Report,
    Result,
    Verdict,
    WrittenAnswer,
)
from autograder.reports import Standing

PIXEL = "iVBORw0KGgo="
AVERAGE = NamedMistake("twice", "`dw` is averaged twice.", "The loss has the mean already: $1/N$.")
AXIS = NamedMistake("axis", "The mean is over the features.", "One mean a feature is wanted.")
EXAMPLE = Example("forward(x)  # x (2, 3)", "[[0.5]]", "[[1.0]]")
HIDDEN = "probe('secret rows', forward(probe.rng().normal(size=(5, 3))), exact=True)"
QUESTIONS = ("forward", "backward", "loss")


def wrong(question, **more):
    """Return a result that earned nothing."""
    plain = Result(question, "lesson", 0, 2, Verdict.WRONG, f"{question} differs.")
    return replace(plain, **more)


def diagnosed(question, *mistakes, difference="", example=None, **more):
    """Return a wrong result with what is known of its reason."""
    return wrong(question, diagnosis=Diagnosis(tuple(mistakes), difference, example), **more)


def make_report(student="ada", *results, attempted=True, **more):
    """Return a report in which all questions are right that `results` don't speak of."""
    own = {result.question: result for result in results}
    report = Report(
        student=student,
        assignment="tiny",
        results=tuple(
            own.get(name, Result(name, "lesson", 2, 2, Verdict.PASS)) for name in QUESTIONS
        ),
        written=(WrittenAnswer("why", "lesson", 4, attempted),),
        notebooks={},
        layers=("bubblewrap", "seccomp"),
    )
    return replace(report, **more)


def make_mark(question, score=None, *, machine=None, extra=None, needs=False):
    """Return what the gradebook holds on a question."""
    points = (machine if score is None else score) or 0.0
    return Mark(question, "lesson", points + (extra or 0), 2, machine, score, extra, needs)


def make_standing(report, *marks, comments=(), late_penalty=0.0):
    """Return how the student stands whose gradebook has these marks."""
    return Standing(report, Marks({m.question: m for m in marks}, dict(comments), late_penalty))


def write_notebook(workspace, student="ada", answer="x = 1", words="Because.", outputs=()):
    """Write the graded notebook that pages show."""
    file = workspace.autograded / student / "tiny" / "lesson.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    question = (
        f"assert_close(forward(x), y)\n### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS"
    )
    mark = {"output_type": "execute_result", "data": {"text/plain": "0.0"}, "metadata": {}}
    cells = [
        _cell("markdown", "# The lesson\n\nLet $s_i$ be a factor."),
        _cell("code", answer, "forward_code", solution=True, outputs=outputs),
        *(_cell("code", question, name, grade=True, outputs=[mark]) for name in QUESTIONS),
        _cell("markdown", words, "why", solution=True, grade=True),
    ]
    file.write_text(json.dumps({"cells": cells}))


def _cell(kind, source, name="", *, solution=False, grade=False, outputs=()):
    label = {"grade_id": name, "solution": solution, "grade": grade}
    metadata = {"nbgrader": label} if name else {}
    return {"cell_type": kind, "source": source, "metadata": metadata, "outputs": list(outputs)}
