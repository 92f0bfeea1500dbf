"""What can be said of a class, from how each student stands: numbers only, no markup.

A question separates well if those who have it right do well in all the others too: the correlation
between the points on it and the points on all other questions (corrected item-total correlation).
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from autograder.model import Example, NamedMistake, Verdict
from autograder.reports.standing import QuestionStanding, Standing

BINS = 10
ENOUGH_STUDENTS = 10  # for a correlation that means something
STUCK_BELOW = 1 / 3  # share of the machine-marked questions that are right
MOST_SHOWN = 12  # rows of tables that have the most important rows first


@dataclass(frozen=True)
class QuestionSummary:
    """How a class did on one question; `separation` is None where it can't be said."""

    name: str
    notebook: str
    max_points: float
    is_written: bool
    students: int
    right: int = 0
    partly: int = 0  # some of the points, or right with what was wrong before it replaced
    failed: int = 0
    not_tried: int = 0
    waiting: int = 0
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    mean_points: float | None = None  # where any are marked
    separation: float | None = None


Alternatives = tuple[tuple[NamedMistake, ...], ...]


@dataclass(frozen=True)
class MistakeSummary:
    """A mistake, mistakes that can't be told apart, or a question's difference without a name.

    One mistake may show in several `questions`.
    """

    questions: tuple[str, ...]
    alternatives: Alternatives
    difference: str
    students: tuple[str, ...]
    example: Example | None


@dataclass(frozen=True)
class Cost:
    """What a question took: seconds of a processor, and who needed most."""

    question: str
    median: float
    most: float
    total: float
    student: str


@dataclass(frozen=True)
class ClassSummary:
    """All that the class page says."""

    standings: Sequence[Standing]
    bins: tuple[int, ...]  # students by share of the points, from 0-10 % to 90-100 %
    shares: tuple[float, ...]
    waiting: int
    questions: tuple[QuestionSummary, ...]
    named: tuple[MistakeSummary, ...]
    unnamed: tuple[MistakeSummary, ...]
    costs: tuple[Cost, ...]
    slowest: tuple[Standing, ...]
    stuck: tuple[tuple[Standing, int, int, int], ...]  # with right, failed and not tried questions
    flags: tuple[tuple[str, tuple[str, ...]], ...]  # a student and what to look at
    notes: tuple[tuple[str, tuple[str, ...]], ...]  # a note and the students that it is about
    faults: tuple[tuple[tuple[str, str], tuple[str, ...]], ...]  # a question, what failed, students
    walls: tuple[tuple[tuple[str, ...], int], ...]
    courses: int  # versions of the course by which the results were made

    @property
    def max_points(self) -> float:
        """Points that there are."""
        return max((each.max_points for each in self.standings), default=0.0)

    @property
    def points(self) -> list[float]:
        """All students' points."""
        return [each.points for each in self.standings]

    @property
    def median(self) -> float:
        """The middle of all points."""
        return statistics.median(self.points or [0.0])

    @property
    def mean(self) -> float:
        """The average of all points."""
        return statistics.fmean(self.points or [0.0])

    @property
    def needs_person(self) -> bool:
        """Is there anything that no machine can settle?"""
        return bool(self.waiting or self.flags or self.notes or self.faults or self.courses > 1)


def summarize(standings: Sequence[Standing]) -> ClassSummary:
    """Return what the class page says of these students."""
    columns = _columns(standings)
    shares = tuple(_share(each) for each in standings)
    named, unnamed = _mistakes(standings)
    reports = [each.report for each in standings]
    notes = ((note, report.student) for report in reports for note in report.notes)
    faults = (
        ((result.question, result.message), report.student)
        for report in reports
        for result in report.results
        if result.verdict is Verdict.HARNESS
    )
    return ClassSummary(
        standings=standings,
        bins=_histogram(shares),
        shares=shares,
        waiting=sum(len(each.waiting) for each in standings),
        questions=tuple(_questions(columns, standings)),
        named=named,
        unnamed=unnamed,
        costs=_costs(columns),
        slowest=tuple(
            sorted(standings, key=lambda each: -each.report.cpu_seconds)[: MOST_SHOWN // 2]
        ),
        stuck=_stuck(standings),
        flags=tuple((report.student, report.flags) for report in reports if report.flags),
        notes=_commonest(notes),
        faults=_commonest(faults),
        walls=tuple(Counter(report.layers for report in reports).most_common()),
        courses=len({report.course_digest for report in reports}),
    )


def separation(points: np.ndarray) -> list[float | None]:
    """Return how well each question separates strong from weak students.

    `points` are (students, questions). None where there are too few students, or where all have the
    same points on the question or on all others.
    """
    students, questions = points.shape
    if students < ENOUGH_STUDENTS or questions < 2:
        return [None] * questions
    others = points.sum(axis=1, keepdims=True) - points
    own, rest = points - points.mean(axis=0), others - others.mean(axis=0)
    spread = np.sqrt((own**2).sum(axis=0) * (rest**2).sum(axis=0))
    together = (own * rest).sum(axis=0)
    return [
        float(both / width) if width > 1e-9 else None  # sums of rounded points
        for both, width in zip(together, spread, strict=True)
    ]


Key = TypeVar("Key", bound=Hashable)
MistakeKey = tuple[Alternatives, tuple[str, str]]  # of one without a name: question, difference
Columns = Mapping[str, Sequence[tuple[str, QuestionStanding]]]


def _columns(standings: Iterable[Standing]) -> Columns:
    """Return student and standing by question, in the course's order."""
    columns: dict[str, list[tuple[str, QuestionStanding]]] = {}
    for standing in standings:
        for row in standing.questions:
            columns.setdefault(row.question, []).append((standing.student, row))
    return columns


def _commonest(said: Iterable[tuple[Key, str]]) -> tuple[tuple[Key, tuple[str, ...]], ...]:
    """Group students by what is said of them, the most frequent first."""
    groups: defaultdict[Key, list[str]] = defaultdict(list)
    for key, student in said:
        groups[key].append(student)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return tuple((key, tuple(students)) for key, students in ordered)


def _share(standing: Standing) -> float:
    """Return points as a share of what is marked: what waits is left out of both."""
    marked = standing.max_points - sum(row.max_points for row in standing.waiting)
    earned = sum(row.points for row in standing.questions if not row.waits)
    return max(0.0, earned - standing.late_penalty) / marked if marked else 0.0


def _histogram(shares: Iterable[float]) -> tuple[int, ...]:
    counts = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    return tuple(counts[place] for place in range(BINS))


def _questions(columns: Columns, standings: Sequence[Standing]) -> Iterator[QuestionSummary]:
    place = {standing.student: number for number, standing in enumerate(standings)}
    points = np.zeros((len(standings), len(columns)))
    for column, rows in enumerate(columns.values()):
        for student, row in rows:
            points[place[student], column] = row.points
    separations = separation(points)
    for (name, pairs), separates in zip(columns.items(), separations, strict=True):
        standing_rows = [row for _, row in pairs]
        first = standing_rows[0]
        marked = [row for row in standing_rows if not row.waits]
        partly = sum(not _is_whole(row) and row.points > 0 for row in marked)
        right = sum(map(_is_whole, marked))
        not_tried = sum(not row.is_attempted and not row.points for row in marked)
        waiting = len(pairs) - len(marked)
        yield QuestionSummary(
            name=name,
            notebook=first.notebook,
            max_points=first.max_points,
            is_written=first.result is None,
            students=len(pairs),
            right=right,
            partly=partly,
            failed=len(marked) - right - partly - not_tried,
            not_tried=not_tried,
            waiting=waiting,
            verdicts=Counter(row.result.verdict for row in standing_rows if row.result),
            mean_points=statistics.fmean(row.points for row in marked) if marked else None,
            separation=None if waiting else separates,
        )


def _is_whole(row: QuestionStanding) -> bool:
    """Does it have all points, without help of the reference?"""
    if row.result is None or row.is_by_hand:
        return row.points >= row.max_points
    return row.result.verdict is Verdict.PASS


def _mistakes(
    standings: Iterable[Standing],
) -> tuple[tuple[MistakeSummary, ...], tuple[MistakeSummary, ...]]:
    """Return mistakes with a name and differences without one, the commonest first."""
    questions: defaultdict[MistakeKey, dict[str, None]] = defaultdict(dict)
    examples: dict[MistakeKey, Example | None] = {}
    found: dict[tuple[MistakeKey, str], None] = {}  # a student has a mistake once
    for standing in standings:
        for row in standing.questions:
            diagnosis = row.result.diagnosis if row.result else None
            if diagnosis:
                described = (row.question, diagnosis.difference)
                key = (diagnosis.mistakes, ("", "") if diagnosis.mistakes else described)
                found[key, standing.student] = None
                questions[key][row.question] = None
                examples[key] = examples.get(key) or diagnosis.example
    rows = [
        MistakeSummary(tuple(questions[key]), key[0], key[1][1], students, examples[key])
        for key, students in _commonest(found)
    ]
    named = tuple(row for row in rows if row.alternatives)
    unnamed = tuple(row for row in rows if not row.alternatives)
    return named, unnamed


def _costs(columns: Columns) -> tuple[Cost, ...]:
    costs = []
    for name, pairs in columns.items():
        seconds = [(row.result.cpu_seconds, student) for student, row in pairs if row.result]
        if seconds:
            most, student = max(seconds)
            numbers = [number for number, _ in seconds]
            costs.append(Cost(name, statistics.median(numbers), most, sum(numbers), student))
    return tuple(sorted(costs, key=lambda cost: -cost.total)[:MOST_SHOWN])


def _stuck(standings: Iterable[Standing]) -> tuple[tuple[Standing, int, int, int], ...]:
    """Return who handed in with little right, the most in need of help first."""
    rows = []
    for standing in standings:
        questions = [row for row in standing.questions if row.result]
        right = sum(row.is_right for row in questions)
        if questions and right < STUCK_BELOW * len(questions):
            not_tried = sum(not row.is_attempted for row in questions)
            rows.append((standing, right, len(questions) - right - not_tried, not_tried))
    return tuple(sorted(rows, key=lambda row: (row[1], -row[3], row[0].student)))
