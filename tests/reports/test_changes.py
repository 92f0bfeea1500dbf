"""Before a regrade it is known who would gain and who would lose."""

from hand_made import make_mark, make_report, make_standing, wrong

from autograder.model import Verdict
from autograder.reports import Standing, compare


def test_losses_stand_before_gains_and_who_keeps_the_points_is_left_out():
    """With the questions that make the difference."""
    stored = [
        Standing(make_report("ada")),
        Standing(make_report("ben", wrong("loss"))),
        Standing(make_report("cem", wrong("loss"))),
    ]
    trial = {
        "ada": make_report("ada", wrong("loss")),
        "ben": make_report("ben"),
        "cem": make_report("cem", wrong("loss", verdict=Verdict.ERROR)),
        "new": make_report("new"),
    }
    changes = compare(stored, trial)
    assert [(change.before.student, change.gain) for change in changes] == [("ada", -2), ("ben", 2)]
    assert [str(row) for row in changes[0].questions] == ["loss: 2 PASS → 0 WRONG"]


def test_a_mark_by_hand_stays_and_so_nothing_changes():
    """Marks of people are never overwritten, and the preview knows it."""
    stored = make_standing(make_report("ada", wrong("loss")), make_mark("loss", 1, machine=0))
    assert compare([stored], {"ada": make_report("ada")}) == []


def test_a_bonus_that_the_machine_gave_can_be_lost():
    """What grading entered as extra credit is no mark by hand."""
    best = wrong("loss", points=2, bonus=1, verdict=Verdict.PASS)
    stored = make_standing(make_report("ada", best), make_mark("loss", machine=2, extra=1))
    (change,) = compare([stored], {"ada": make_report("ada")})
    assert change.gain == -1


def test_questions_may_come_and_go():
    """A question that is new, or isn't asked any more, changes the total too."""
    report = make_report("ada")
    fewer = make_report("ada", results=report.results[:2])
    assert compare([Standing(report)], {"ada": fewer})[0].gain == -2
    (change,) = compare([Standing(fewer)], {"ada": report})
    assert [str(row) for row in change.questions] == ["loss: not asked → 2 PASS"]
