"""Whatever is handed in gets what its case expects, and touches nobody else."""

from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import pytest
from case_folders import CASES

from autograder.grading.pool import ClassRun
from autograder.grading.session import Session
from autograder.grading.store import Workspace
from autograder.reports import load_standing, write_feedback


@dataclass
class Class:
    """A class of cases, graded."""

    run: ClassRun
    workspace: Workspace


def class_name(case):
    """Say with which other cases a case is graded: those of its table, or all quick ones."""
    return "quick" if case.quick else case.table


def marks(name, *, quick):
    """Keep the tests of a class in one process, which grades it once."""
    group = pytest.mark.xdist_group(f"cases-{name}")
    return [group] if quick else [group, pytest.mark.slow]


CLASSES = {class_name(case): case for case in CASES.values()}  # one case of each
PARAMETERS = [
    pytest.param(case, id=f"{case.table}-{name}", marks=marks(class_name(case), quick=case.quick))
    for name, case in CASES.items()
]


@pytest.fixture(scope="session")
def class_of(grade, tmp_path_factory):
    """Return a function that gives the class of a case.

    A class is graded in one run by two workers, so that a fault could touch its neighbours.
    """
    classes = {}

    def find(case):
        key = class_name(case)
        if key not in classes:
            names = [name for name, other in CASES.items() if class_name(other) == key]
            folder = tmp_path_factory.mktemp(key)
            classes[key] = Class(grade(folder, names), Workspace.in_folder(folder))
        return classes[key]

    return find


@pytest.mark.parametrize("case", PARAMETERS)
def test_case_gets_its_expected_result(class_of, case):
    """Verdicts, points, messages, notes and flags are those of the case; there are no others."""
    report = class_of(case).run.reports[case.name]
    assert {result.question: result.verdict.value for result in report.results} == case.verdicts
    assert report.points == case.total
    messages = {result.question: result.message for result in report.results}
    for question, words in case.messages.items():
        assert words in messages[question]
    assert_each_has(report.notes, case.notes)
    assert_each_has(report.flags, case.flags)
    assert [answer.attempted for answer in report.written] == [case.written]


def assert_each_has(said, words):
    """Each sentence has its words in it."""
    assert len(said) == len(words), said
    for sentence, part in zip(said, words, strict=True):
        assert part in sentence


class Page(HTMLParser):
    """The text of a page, and what in it could do something."""

    ACTIVE = ("script", "iframe", "object", "embed", "form", "link", "base", "foreignobject", "use")

    def __init__(self, text):
        super().__init__()
        self.text, self.active = "", []
        self.feed(text)

    def handle_data(self, data):
        """Collect the text."""
        self.text += data

    def handle_starttag(self, tag, attributes):
        """Collect what reaches out or runs."""
        outward = [
            value
            for name, value in attributes
            if name.startswith("on")
            or (name in ("href", "src") and not value.startswith(("data:image/png;base64,", "#")))
        ]
        if tag in self.ACTIVE or outward:
            self.active.append((tag, outward))


@pytest.mark.parametrize("case", PARAMETERS)
def test_the_page_of_a_case_says_what_happened_and_does_nothing(class_of, course, case):
    """A student reads messages and notes, no flag; nothing on the page is active."""
    graded = class_of(case)
    report = graded.run.reports[case.name]
    assignment = Session.open(course, "tiny", 0).assignment
    standing = load_standing(graded.workspace, report)
    html = write_feedback(graded.workspace, standing, assignment).read_text()
    page = Page(html)
    for sentence in (*report.notes, *(result.message for result in report.results)):
        assert " ".join(sentence.split()) in " ".join(page.text.split())
    assert not any(flag in unescape(html) for flag in report.flags)
    assert page.active == []
    assert "default-src 'none'" in html
    assert "\x1b" not in html


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=marks(n, quick=n == "quick")) for n in sorted(CLASSES)],
)
def test_no_submission_makes_trouble_for_the_grader(class_of, name):
    """Whatever is handed in, nothing of it is our fault."""
    run = class_of(CLASSES[name]).run
    assert run.troubles == []
    assert run.is_clean


def test_lateness_is_measured(class_of):
    """Two days after the due date."""
    reports = class_of(CASES["late"]).run.reports
    assert reports["late"].late_seconds == 2 * 24 * 3600
    assert reports["perfect"].late_seconds == 0
