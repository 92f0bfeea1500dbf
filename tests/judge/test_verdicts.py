"""From evidence to verdict and points."""

import numpy as np
import pytest

from autograder.judge import Evidence, judge_question
from autograder.model import Cell, Ending, Failure, Outcome, Probe, Role, Verdict

CELL = Cell("affine_forward", Role.QUESTION, "visible", "hidden", points=4, bonus=1)


def probe(value, name="p", visible=False, **comparison):
    return Probe(name, np.asarray(value), comparison or {"rel_error": 1e-9}, visible)


def ran(*probes, ending=Ending.OK, failure=None, id_="affine_forward"):
    return Outcome(id_, ending, probes=probes, failure=failure)


def judge(actual, reference=None, **more):
    reference = reference or [ran(probe(1.0, "check 1", visible=True)), ran(probe([1.0, 2.0]))]
    return judge_question(Evidence(CELL, "lesson", reference, actual, **more))


def test_all_probes_right_is_pass_with_full_points():
    """Equal values earn the question."""
    result = judge([ran(probe(1.0, "check 1", visible=True)), ran(probe([1.0, 2.0]))])
    assert (result.verdict, result.points, result.bonus) == (Verdict.PASS, 4, 0)


def test_one_wrong_probe_loses_the_question_and_is_named():
    """All or nothing; the message says which probe."""
    result = judge([ran(probe(1.0, "check 1", visible=True)), ran(probe([1.0, 2.5]))])
    assert (result.verdict, result.points) == (Verdict.WRONG, 0)
    assert "P: at index (1,)" in result.message


def test_the_visible_check_alone_earns_nothing():
    """A submission that computes only what it can see is wrong."""
    result = judge([ran(probe(1.0, "check 1", visible=True)), ran()])
    assert result.verdict is Verdict.WRONG


def test_the_students_tolerance_doesn_t_count():
    """A probe that claims a wide tolerance is compared with the reference's."""
    generous = Probe("p", np.array([9.0, 9.0]), {"abs_error": 100.0})
    result = judge([ran(probe(1.0, "check 1", visible=True)), ran(generous)])
    assert result.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("ending", "verdict"),
    [
        (Ending.TIMEOUT, Verdict.TIMEOUT),
        (Ending.SKIPPED, Verdict.TIMEOUT),
        (Ending.MEMORY, Verdict.MEMORY),
        (Ending.CRASH, Verdict.CRASH),
        (Ending.BROKEN, Verdict.HARNESS),
        (Ending.ERROR, Verdict.ERROR),
    ],
)
def test_each_ending_has_its_verdict(ending, verdict):
    """A step that didn't end well decides the question, whatever it had probed before."""
    result = judge(
        [ran(probe(1.0, "check 1", visible=True)), ran(probe([1.0, 2.0]), ending=ending)]
    )
    assert (result.verdict, result.points) == (verdict, 0)
    assert result.message


def test_stub_is_not_attempted_and_missing_file_is_missing():
    """A stub that was handed in differs from a file that wasn't."""
    stub = ran(ending=Ending.ERROR, failure=Failure("NotImplementedError", "affine_forward"))
    assert judge([stub]).verdict is Verdict.NOT_ATTEMPTED
    assert judge([stub], missing=frozenset({"affine_forward"})).verdict is Verdict.MISSING
    other = ran(ending=Ending.ERROR, failure=Failure("NotImplementedError", "relu_forward"))
    assert "relu_forward" in judge([other]).message


@pytest.mark.parametrize("stub", ["", "affine_forward", "Net.affine_forward", "affine.forward"])
def test_the_questions_own_stub_is_told_from_anothers(stub):
    """Whoever hasn't begun reads so, and not that something else is missing."""
    ended = ran(ending=Ending.ERROR, failure=Failure("NotImplementedError", stub))
    assert judge([ended]).message == "Not attempted yet."


def test_a_missing_name_is_explained_by_the_cell_that_failed():
    """The student reads of the syntax error, not of a NameError far below it."""
    failed = ran(
        ending=Ending.ERROR,
        failure=Failure("SyntaxError", "invalid syntax", "cs231n/layers.py", 12),
        id_="cell-01",
    )
    lost = ran(
        ending=Ending.ERROR, failure=Failure("NameError", "name 'affine_forward' is not defined")
    )
    result = judge([lost], before=[failed])
    assert result.verdict is Verdict.ERROR
    assert "cs231n/layers.py, line 12" in result.message


def test_a_failing_reference_is_our_fault():
    """No student loses points because the solved course is broken."""
    broken = [ran(ending=Ending.ERROR, failure=Failure("ValueError", "oops"))]
    assert judge([ran(probe([1.0]))], reference=broken).verdict is Verdict.HARNESS


def test_published_values_alone_decide_nothing():
    """A question without a hidden probe is our fault, not a gift."""
    only_visible = [ran(probe(1.0, "check 1", visible=True))]
    assert judge(only_visible, reference=only_visible).verdict is Verdict.HARNESS


def test_shares_give_part_of_the_points():
    """An author may give single probes a share; the rest is earned together."""
    reference = [
        ran(
            probe(1.0, "common"),
            probe(2.0, "left", rel_error=1e-9, share=0.25),
            probe(3.0, "right", rel_error=1e-9, share=0.25),
        )
    ]
    left_wrong = [ran(probe(1.0, "common"), probe(0.0, "left"), probe(3.0, "right"))]
    common_wrong = [ran(probe(0.0, "common"), probe(2.0, "left"), probe(3.0, "right"))]
    all_wrong = [ran(probe(0.0, "common"), probe(0.0, "left"), probe(0.0, "right"))]
    assert judge(left_wrong, reference).points == 3
    assert judge(common_wrong, reference).points == 2
    assert judge(all_wrong, reference).points == 0


def test_bonus_is_earned_on_top_and_costs_nothing():
    """Missing the bonus leaves full points; having it without the question earns nothing."""
    labels = np.arange(4)
    reference = [
        ran(
            probe(labels, "predictions", accuracy=0.5),
            probe(labels, "bonus", accuracy=0.75, bonus=1.0),
        )
    ]

    def reached(*predictions):
        both = [ran(probe(predictions, "predictions"), probe(predictions, "bonus"))]
        result = judge(both, reference, labels=labels)
        return result.points, result.bonus

    assert reached(0, 1, 2, 3) == (4, 1)
    assert reached(0, 1, 9, 9) == (4, 0)
    assert reached(0, 9, 9, 9) == (0, 0)
