"""Decides verdicts: compares what a submission computed with what the reference solution computed.

In go two `Run`s of the same program, one with the reference package and one with the student's; out
comes one `Result` a question. Values are data here: nothing of the student's is ever executed, and
how close is close enough comes from the reference run alone. Grading calls this room; it knows
neither files nor gradebooks.
"""

from autograder.judge.differences import describe, describe_end
from autograder.judge.naming import (
    Behaviour,
    Kind,
    are_proven_apart,
    behaviour,
    explains,
    may_explain,
)
from autograder.judge.rules import broken_rule
from autograder.judge.suspicions import anomalies, suspicions
from autograder.judge.values import Expected, compare
from autograder.judge.verdicts import Evidence, judge_question

__all__ = [
    "Behaviour",
    "Evidence",
    "Expected",
    "Kind",
    "anomalies",
    "are_proven_apart",
    "behaviour",
    "broken_rule",
    "compare",
    "describe",
    "describe_end",
    "explains",
    "judge_question",
    "may_explain",
    "suspicions",
]
