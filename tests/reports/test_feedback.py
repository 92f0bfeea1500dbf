"""A student's page says what counts, what went wrong and why, and does nothing by itself."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hand_made import (
    AVERAGE,
    AXIS,
    EXAMPLE,
    HIDDEN,
    PIXEL,
    diagnosed,
    make_mark,
    make_report,
    make_standing,
    write_notebook,
    wrong,
)

from autograder.model import CourseError, Verdict
from autograder.reports import hand_to_nbgrader, write_feedback


class Page(HTMLParser):
    """The words of a page, and what in it could load or run something."""

    def __init__(self, html):
        super().__init__()
        self.html, self.words, self.ids, self.active, self._hidden = html, "", [], [], False
        self.links = []
        self.feed(html)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag, attributes):
        """Look at where it points and what it does."""
        values = dict(attributes)
        self._hidden = tag == "style"
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        outward = [
            name
            for name, value in attributes
            if name.startswith("on")
            or name in ("style", "srcset", "action", "formaction", "data")
            or (name == "src" and not value.startswith("data:image/png;base64,"))
            or (name == "href" and not value.startswith("#"))
        ]
        if outward or tag in ("script", "iframe", "object", "embed", "link", "base", "form"):
            self.active.append((tag, outward))

    def handle_endtag(self, tag):
        """Read on behind the style."""
        self._hidden = self._hidden and tag != "style"

    def handle_data(self, text):
        """Collect the words."""
        self.words += "" if self._hidden else text


@pytest.fixture
def page(workspace, assignment):
    """Return a function that writes a student's page and reads it."""

    def written(report, *marks, comments=(), late_penalty=0.0, **notebook):
        write_notebook(workspace, report.student, **notebook)
        standing = make_standing(report, *marks, comments=comments, late_penalty=late_penalty)
        return Page(write_feedback(workspace, standing, assignment).read_text())

    return written


def test_a_named_mistake_is_explained(page):
    """The name of the mistake, why it is one, and a small example of it."""
    shown = page(make_report("ada", diagnosed("backward", (AVERAGE,), example=EXAMPLE)))
    assert "dw is averaged twice. The loss has the mean already" in shown.words
    assert "forward(x) # x (2, 3)got[[0.5]]" in shown.words.replace(" got", "got")
    assert "[[1.0]]" in shown.words


def test_mistakes_that_cannot_be_told_apart_are_all_named(page):
    """Nobody is told that it is the first of them."""
    shown = page(make_report("ada", diagnosed("backward", (AVERAGE,), (AXIS,))))
    assert "one of these two" in shown.words
    assert "averaged twice" in shown.words
    assert "over the features" in shown.words
    assert "together" not in shown.words


def test_mistakes_made_together_are_named_together(page):
    """Two mistakes that explain the values only jointly."""
    shown = page(make_report("ada", diagnosed("backward", (AVERAGE, AXIS))))
    assert "These together" in shown.words
    assert "one of these" not in shown.words


def test_where_no_mistake_is_known_the_difference_is_described(page):
    """As a sentence."""
    shown = page(make_report("ada", diagnosed("loss", difference="every value is 2 times it")))
    assert "Every value is 2 times it." in shown.words


def test_follow_through_says_what_was_given_and_what_it_earned(page):
    """A mistake costs marks once, and the page says in which question."""
    result = wrong("loss", points=1, follow_through=1, given=("a.py:forward", "backward"))
    shown = page(make_report("ada", result))
    assert "Right, given a working forward and backward. So you get 1 of 2 points" in shown.words
    assert "1 as follow-through" in shown.words


def test_a_mistake_is_explained_once(page):
    """A later question that fails by the same mistake points to the first."""
    shown = page(
        make_report(
            "ada",
            diagnosed("forward", (AVERAGE,)),
            diagnosed("loss", (AVERAGE,), points=2, follow_through=2, given=("forward",)),
        )
    )
    assert shown.words.count("averaged twice") == 1
    assert "The reason is the same as in forward" in shown.words


def test_questions_that_fail_alike_are_explained_together(page):
    """One error of syntax is one thing to look at, in however many questions it shows."""
    said = "SyntaxError: invalid syntax"
    results = [wrong(name, verdict=Verdict.ERROR, message=said) for name in ("forward", "backward")]
    shown = page(make_report("ada", *results))
    assert shown.html.count('class="card"') == 1
    assert {"question-forward", "question-backward"} <= set(shown.ids)


def test_marks_and_comments_by_hand_are_shown_and_counted(page):
    """What a person entered in the formgrader counts in place of the machine's."""
    shown = page(
        make_report("ada", wrong("loss")),
        make_mark("loss", 1.5, machine=0),
        make_mark("why", 3),
        comments={"why": "Good, but <b>why</b>?"},
        late_penalty=0.5,
    )
    assert "8 of 10 points" in shown.words  # 2 + 2 + 1.5 + 3 - 0.5
    assert "so far" not in shown.words
    assert "4.5 by hand" in shown.words
    assert "the checks alone gave 0" in shown.words
    assert "0.5 taken off for lateness" in shown.words
    assert "Good, but <b>why</b>?" in shown.words


def test_the_machines_own_bonus_is_no_mark_by_hand(page):
    """Extra credit that grading itself entered is not counted twice."""
    report = make_report("ada", wrong("loss", points=2, verdict=Verdict.PASS, bonus=1))
    shown = page(report, make_mark("loss", machine=2, extra=1), make_mark("why", 4))
    assert "11 of 10 points" in shown.words
    assert "4 by hand" in shown.words


def test_what_waits_for_a_person_is_no_zero(page):
    """A written answer that nobody read has no mark, and the total says that it may grow."""
    shown = page(make_report("ada"))
    assert "6 of 10 points so far" in shown.words
    assert "? / 4" in shown.words
    assert "4 still to be marked" in shown.words


def test_a_fault_of_the_grader_costs_nothing(page):
    """It waits, and it isn't called wrong."""
    shown = page(make_report("ada", wrong("loss", verdict=Verdict.HARNESS, message="Our fault.")))
    assert "? / 2" in shown.words
    assert "Our fault." in shown.words


def test_the_total_stands_before_mistakes_and_mistakes_before_the_notebook(page):
    """What a student wants to know first stands first."""
    words = page(make_report("ada", wrong("loss"))).words
    order = ("of 10 points", "What to look at", "All questions", "The lesson")
    places = [words.index(text) for text in order]
    assert places == sorted(places)


def test_flags_are_not_for_students(page):
    """What an instructor had better look at is on no student's page."""
    assert "ctypes" not in page(make_report("ada", flags=("a.py, line 3: imports ctypes.",))).html


def test_no_hidden_check_is_shown(page):
    """Neither for questions with results nor for one that the results don't know."""
    report = make_report("ada")
    for shown in (page(report), page(make_report("ben", results=report.results[:1]))):
        assert HIDDEN not in shown.html
        assert "secret rows" not in shown.words
        assert "assert_close(forward(x), y)" in shown.words


def test_a_damaged_marker_makes_no_page(workspace, assignment):
    """Where the hidden part can't be told from the rest, nothing is shown."""
    write_notebook(workspace)
    file = workspace.autograded / "ada" / "tiny" / "lesson.ipynb"
    file.write_text(file.read_text().replace("### END HIDDEN TESTS", "### END HIDDN TESTS"))
    with pytest.raises(CourseError, match="marker"):
        write_feedback(workspace, make_standing(make_report("ada")), assignment)
    assert not workspace.page("ada").exists()


EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'


def test_nothing_of_a_submission_is_active(page):
    """Whatever stands in code, words, outputs, messages, notes and comments is text."""
    flood = {"output_type": "stream", "name": "stdout", "text": EVIL}
    markup = {"output_type": "display_data", "data": {"text/html": EVIL, "image/svg+xml": EVIL}}
    shown = page(
        make_report(
            "ada",
            diagnosed("loss", difference=EVIL, example=EXAMPLE, message=EVIL),
            notes=(EVIL,),
        ),
        answer=EVIL,
        words=f"{EVIL}\n\n[x](javascript:alert(1)) ![y](http://example.org/y.png)",
        outputs=[flood, markup],
        comments={"why": EVIL},
    )
    assert shown.active == []
    assert "<script>alert(1)</script>" in shown.words


def test_pictures_are_part_of_the_page(page):
    """A PNG that the notebook drew."""
    picture = {"output_type": "display_data", "data": {"image/png": PIXEL}}
    shown = page(make_report("ada"), outputs=[picture])
    assert f"data:image/png;base64,{PIXEL}" in shown.html
    assert shown.active == []


def test_the_policy_allows_the_pages_own_style_and_data_pictures_only(page):
    """The browser is told to load and run nothing, and the one style is known by its digest."""
    html = page(make_report("ada")).html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert rules["style-src"] == f"'sha256-{digest}'"
    assert "script-src" not in rules


def test_every_link_leads_somewhere_on_the_page(page):
    """To a card, a cell or a notebook."""
    report = make_report("ada", wrong("loss"), wrong("forward", verdict=Verdict.MISSING))
    shown = page(report, comments={"forward_code": "Nice."})
    assert {link[1:] for link in shown.links} <= set(shown.ids)
    assert len(shown.ids) == len(set(shown.ids))


def test_nbgrader_gets_a_page_for_each_notebook_and_what_it_needs(workspace, assignment):
    """release_feedback finds the submission's secret and time beside the page."""
    write_notebook(workspace)
    standing = make_standing(make_report("ada"))
    folder = workspace.feedback / "ada" / "tiny"
    assert not hand_to_nbgrader(workspace, standing, assignment)
    assert "6 of 10 points" in Page((folder / "lesson.html").read_text()).words
    graded = workspace.autograded / "ada" / "tiny"
    (graded / "timestamp.txt").write_text("2027-01-30 12:00:00 UTC")
    (graded / "submission_secret.txt").write_text("0f" * 64)
    assert hand_to_nbgrader(workspace, standing, assignment)
    assert (folder / "submission_secret.txt").read_text() == "0f" * 64
    assert {file.name for file in folder.iterdir()} == {
        "lesson.html",
        "submission_secret.txt",
        "timestamp.txt",
    }
