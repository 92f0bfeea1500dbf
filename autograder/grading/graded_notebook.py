"""Makes the notebook that nbgrader and its formgrader show of a graded submission.

It is the notebook as it was handed out, with the student's text in the answer cells and what the
sandbox put out below each cell. nbgrader reads the mark of a question from the outputs of its cell:
it takes the first result that it meets, or 0 if it meets an error or a warning before. So the mark,
with the judge's sentence, is the first output of a question, and whatever recomputes the marks gets
ours. nbgrader knows a written answer as untouched if its text is that of the handed-out cell.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.model import ExecutedCell, Result, Role, Verdict

NOT_MARKED = "not marked, through the grader's own fault"


def machine_score(result: Result) -> float | None:
    """Return the points that a machine gives; None where only a person can say."""
    if result.verdict is Verdict.HARNESS:
        return None
    return min(max(float(result.points), 0.0), float(result.max_points))


def fill(
    notebook: Mapping[str, Any], cells: Iterable[ExecutedCell], untouched: frozenset[str]
) -> None:
    """Put what a student wrote, and what it did, into a notebook as handed out.

    `notebook` is as JSON has it, with the hidden parts; `untouched` names the written answers that
    nobody wrote.
    """
    executed = {each.cell.id: each for each in cells}
    count = 0
    for cell in notebook["cells"]:
        known = executed.get(cell["id"])
        role = known.cell.role if known else None
        if known and role in (Role.ANSWER, Role.WRITTEN) and cell["id"] not in untouched:
            cell["source"] = known.source
        if cell["cell_type"] != "code":
            continue
        outputs = list(known.outputs) if known else []
        ran = role not in (None, Role.EXPLORE)
        count += ran
        cell["execution_count"] = count if ran else None
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            outputs.insert(0, score_output(known.result if known else None))
        cell["outputs"] = [_numbered(output, cell["execution_count"]) for output in outputs]


def score_output(result: Result | None) -> dict[str, Any]:
    """Return the output that tells nbgrader the mark, and people why."""
    score = machine_score(result) if result else 0.0
    return {
        "output_type": "execute_result",
        "metadata": {},
        "data": {"text/plain": repr(score or 0.0), "text/html": _sentence(result, score)},
    }


def _sentence(result: Result | None, score: float | None) -> str:
    if result is None:
        return "<p><b>0 points</b>: this question was not graded.</p>"
    if score is None:
        points = NOT_MARKED
    else:
        unit = "point" if result.max_points == 1 else "points"
        bonus = f" + {result.bonus:g} extra" if result.bonus else ""
        points = f"{score:g} of {result.max_points:g} {unit}{bonus}"
    said = f"{result.verdict}: {result.message}" if result.message else result.verdict
    return f"<p><b>{points}</b>. {html.escape(said)}</p>"


def _numbered(output: Mapping[str, Any], count: int | None) -> dict[str, Any]:
    is_result = output["output_type"] == "execute_result"
    return {**output, "execution_count": count} if is_result else dict(output)
