"""Runs the comparisons and writes them on one page: docs/numbers.md, and a table in README.md.

    python bench/one_page.py [rounds]

Takes about 40 minutes; when it is stopped, the next run goes on where it was. On a busy machine
both sides suffer, but not alike: what needs two cores suffers more. The page says how busy it was.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grading
import naming
import scale
import speed
import trust
import watch
from stock_course import REPOSITORY, fresh_course

PAGE = REPOSITORY / "docs" / "numbers.md"
README = REPOSITORY / "README.md"
KEPT = REPOSITORY / ".bench"
ASSIGNMENTS = ("assignment1", "assignment2")
BEGIN, END = "<!-- numbers: written by `make bench` -->\n", "<!-- end of numbers -->"


def main(rounds: int = 3) -> None:
    """Measure everything, print it, and write the page and the table."""
    busy_before = _kept("busy", lambda: os.getloadavg()[0])
    costs = _kept("costs", _costs)
    found_speed = _kept(f"speed-{rounds}", lambda: speed.measure(rounds, 12))
    larger_class = _kept("speed of a larger class", lambda: speed.measure(1, 48))
    found_scale = _kept("scale", lambda: scale.measure(1000))
    found_trust = _kept("trust", trust.measure)
    found_naming = _kept("naming", lambda: {n: naming.measure(n, 60) for n in ASSIGNMENTS})
    found_watch = _kept("watch", lambda: {name: watch.measure(name) for name in ASSIGNMENTS})
    comparison = _comparison(found_speed, found_trust)
    page = "\n".join(
        [
            "# Numbers",
            "",
            "Written by `make bench`: stock nbgrader and this grader on the same class, in the "
            "same run, on the same machine. Nobody typed a number here.",
            "",
            _machine(busy_before),
            "",
            "## Beside stock nbgrader",
            "",
            comparison,
            "",
            *_about_speed(found_speed, larger_class),
            *_about_trust(found_trust),
            *_about_costs(costs),
            *_about_scale(found_scale),
            *_about_naming(found_naming),
            *_about_watch(found_watch),
        ]
    )
    print(page)
    PAGE.write_text(page)
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{comparison}\n\n{END}{after}")
    shutil.rmtree(KEPT)


def _kept(name: str, measure: Callable[[], Any]) -> Any:
    """Measure, or return what an interrupted run of the same code has measured."""
    total = hashlib.sha256()
    for folder in ("autograder", "assignments", "bench", "tests/grading"):
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            total.update(file.read_bytes())
    file = KEPT / f"{name}-{total.hexdigest()[:16]}.pickle"
    if not file.is_file():
        print(f"measuring: {name}", file=sys.stderr)
        found = measure()
        KEPT.mkdir(exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return pickle.loads(file.read_bytes())  # noqa: S301 - our own


def _costs() -> list[grading.Costs]:
    with tempfile.TemporaryDirectory() as folder:
        paths = fresh_course(REPOSITORY / "assignments", Path(folder, "course"))
        return [grading.measure(paths, name) for name in ASSIGNMENTS]


def _machine(busy_before: float) -> str:
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {platform.machine()}, Python {platform.python_version()}, numpy "
        f"{version('numpy')}, nbgrader {version('nbgrader')}; one BLAS thread. When the run began, "
        f"{busy_before:.1f} other processes wanted to compute."
    )


def _comparison(fast: speed.Speed, safe: trust.Trust) -> str:
    stock, ours = ((safe.by_fault[way], safe.by_attempt[way]) for way in ("stock", "ours"))
    rows = [
        ("", f"nbgrader {version('nbgrader')}", "autograder"),
        ("---", "---:", "---:"),
        (
            f"submissions of {fast.notebooks // fast.students} notebooks graded in a minute",
            f"{fast.stock_per_minute:.1f}",
            f"{fast.ours_per_minute:.1f} ({fast.ratio:.1f} times as many)",
        ),
        (
            f"{fast.unit} for a notebook, everything included",
            f"{fast.stock_cpu:.2f}",
            f"{fast.ours_cpu:.2f}",
        ),
        (
            f"faults that cost marks which were earned, of {safe.faults}",
            *(str(len({*each.lost, *each.too_few})) for each, _ in (stock, ours)),
        ),
        (
            "of these, submissions without any mark",
            *(str(len(each.lost)) for each, _ in (stock, ours)),
        ),
        (
            "faults that brought marks which were not earned",
            *(str(len(each.too_many)) for each, _ in (stock, ours)),
        ),
    ]
    if safe.attempts:
        row = f"attempts to cheat that succeed, of {safe.attempts}"
        rows.append((row, *(str(len(each.too_many)) for _, each in (stock, ours))))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _about_speed(found: speed.Speed, larger: speed.Speed) -> list[str]:
    differ = f"{len(found.differing)} differ" if found.differing else "all are equal"
    return [
        f"Speed: {found.students} submissions of assignment1, {found.notebooks} notebooks, medians "
        f"of {found.rounds} interleaved rounds. nbgrader runs one notebook after the other, "
        "without a sandbox; ours runs two workers with it, judges, and writes feedback pages. "
        f"Both execute the same cells. Outputs of {found.cells} cells were compared, "
        f"{found.pictures} pictures among them: {differ} (tracebacks without colours and cell "
        f"numbers). Of {larger.students} submissions, in one round, ours graded {larger.ratio:.1f} "
        "times as many in a minute: what a run costs once, it costs a large class once, too.",
        "",
    ]


def _about_trust(found: trust.Trust) -> list[str]:
    lines = [
        "Faults and attempts: the cases of tests/grading, each a submission of which is known "
        f"what it has earned; {found.not_tried} cases were left out, which stock nbgrader "
        "would answer by using up the machine, or which can't be made here. There, hidden tests "
        "compare with values that stand in the notebook, as is usual in nbgrader courses.",
        "",
        "| | nbgrader | autograder |",
        "|---|---|---|",
    ]
    for title, pair in (("fault", found.by_fault), ("attempt", found.by_attempt)):
        for kind, words in (
            ("lost", "no marks at all"),
            ("too_few", "too few marks"),
            ("too_many", "too many marks"),
        ):
            stock, ours = (getattr(pair[way], kind) for way in ("stock", "ours"))
            if stock or ours:
                lines.append(f"| {title}: {words} | {_names(stock)} | {_names(ours)} |")
    return [*lines, ""]


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _about_costs(found: Sequence[grading.Costs]) -> list[str]:
    lines = [
        "## What a notebook costs",
        "",
        f"Beside its cells run by plain `exec` in a warm process, pictures drawn, in "
        f"{found[0].unit} for one notebook:",
        "",
        f"| | {' | '.join(cost.assignment for cost in found)} |",
        "|---|" + "---:|" * len(found),
    ]
    for way in found[0].seconds:
        cells = " | ".join(f"{cost.seconds[way]:.3f}" for cost in found)
        lines.append(f"| {way} | {cells} |")
    return [*lines, ""]


def _about_scale(found: scale.Scale) -> list[str]:
    lines = [
        "## A large class",
        "",
        f"{found.submissions} submissions of a small notebook, two workers, time from the first "
        "result on:",
        "",
        "| graded | seconds | memory of the coordinator |",
        "|---:|---:|---:|",
    ]
    for quarter, (moment, memory) in enumerate(
        zip(found.moments, found.coordinator_mb, strict=True), start=1
    ):
        done = found.submissions * quarter // 4
        lines.append(f"| {done} | {moment:.0f} | {memory:.0f} MB |")
    return [
        *lines,
        "",
        f"The largest process of a worker had {found.worker_mb:.0f} MB. Grading the class again, "
        f"unchanged, took {found.again_seconds:.1f} s. With assignment1, two workers are "
        f"{found.two_workers:.2f} times as fast as one.",
        "",
    ]


def _about_naming(found: Mapping[str, Mapping[str, naming.Told]]) -> list[str]:
    words = {
        "rewritten": "one known mistake, in a program that is written differently",
        "pairs": "two known mistakes at once",
        "mutants": "changes by machine, most of them no known mistake",
    }
    lines = [
        "## What wrong programs are told",
        "",
        "Wrong programs that naming was not made for, chosen at random. A name is checked on "
        "inputs of another seed; where there is none, a difference is described.",
        "",
        "| | programs | named | named wrongly | described | said where | exception explained "
        "| nothing |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, kinds in found.items():
        for kind, told in kinds.items():
            said = ("named", naming.WRONGLY, "described", "told where", "exception explained")
            counts = [told.counts.get(each, 0) for each in (*said, "neither")]
            cells = " | ".join(f"{count / max(told.tried, 1):.0%}" for count in counts)
            lines.append(f"| {name}: {words[kind]} | {told.tried} | {cells} |")
    return [*lines, ""]


def _about_watch(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    lines = [
        "## From saving a file to reading the verdict",
        "",
        "`python -m cs231n.check --watch`, medians in seconds: the verdict of the question that "
        "was worked on, the explanation of a failure, all questions that depend on the file.",
        "",
        "| | first verdict | explained | all |",
        "|---|---:|---:|---:|",
    ]
    for name, seconds in found.items():
        lines.append(f"| {name} | {' | '.join(f'{each:.2f}' for each in seconds.values())} |")
    return [*lines, ""]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
