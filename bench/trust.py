"""Counts faults that cost marks and attempts to cheat that succeed, in stock nbgrader and in ours.

    python bench/trust.py [words]

Grades the cases of tests/grading (those with one of the words in their names) by both. A case says
which questions are right; a fault costs marks where a right question gets less than its points or
the whole submission is lost, and an attempt succeeds where a wrong one gets any. Stock nbgrader has
no judge: there, the hidden tests compare with values that stand in the notebook, as is usual.

Stock nbgrader runs in a box without network that is thrown away. It has no limits of its own, so
that cases that would use up the machine's processes, memory or disk are left out for both.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "grading"))

import numpy as np
from case_folders import CASES, Case
from stock_course import REPOSITORY, fresh_course, write_course

from autograder.grading.pool import grade_class
from autograder.grading.session import Session
from autograder.grading.staging import HIDDEN, derive_seed
from autograder.grading.store import Workspace
from autograder.model import Cell, Verdict
from autograder.sandbox import Sandbox, detect

FAULTS = {"ordinary", "code", "values", "folders", "notebooks"}  # tables of cases without a trick
TOO_MUCH = ("bomb", "memory", "disk", "gigabytes", "thousand-files", "million")
SECONDS = 60  # for one case, in stock nbgrader
SEED = 2**40
PREAMBLE = """\
import numpy as np

from tinypkg.checks import assert_close


class Probe:
    expected = {expected}
    streams = 0

    def __call__(self, name, value, accuracy=None, exact=None, bonus=None, share=None, **limits):
        if accuracy is None:
            assert_close(value, np.array(self.expected[name]), **limits)
        elif bonus is None:
            assert np.mean(np.array(value) == np.array(self.expected[name])) >= accuracy

    def rng(self):
        self.streams += 1
        return np.random.default_rng([{seed}, self.streams])

    def input(self, name):
        return np.load(name + ".npy")


probe = Probe()
"""


@dataclass
class Tally:
    """What became of the cases in one grader, by their names."""

    lost: list[str] = field(default_factory=list)  # no marks at all, where some were earned
    too_few: list[str] = field(default_factory=list)
    too_many: list[str] = field(default_factory=list)

    def add(self, case: Case, scores: Mapping[str, float] | None) -> None:
        """Compare scores, None where there are none, with what the case says."""
        right = {name: verdict == "PASS" for name, verdict in case.verdicts.items()}
        if scores is None:
            self.lost += [case.name] if any(right.values()) else []
            return
        if any(is_right and not scores.get(name) for name, is_right in right.items()):
            self.too_few.append(case.name)
        if any(not is_right and scores.get(name) for name, is_right in right.items()):
            self.too_many.append(case.name)


@dataclass(frozen=True)
class Trust:
    """What was found: how many faults and attempts there are, and a tally by grader of each."""

    faults: int
    attempts: int
    not_tried: int
    by_fault: Mapping[str, Tally]
    by_attempt: Mapping[str, Tally]


def measure(words: Sequence[str] = ()) -> Trust:
    """Grade the cases by both."""
    chosen = [
        case
        for case in CASES.values()
        if (not words or any(word in case.name for word in ["perfect", *words]))
        and not any(word in case.name for word in TOO_MUCH)
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = fresh_course(REPOSITORY / "tests/grading/course/assignments", root / "course")
        session = Session.open(paths, "tiny", SEED)
        with Sandbox(detect()) as sandbox:
            session.prepare(sandbox)
        _write_template(root / "template", session)
        stock = _stock(root / "template", [case.name for case in chosen])
        tried = [case for case in chosen if case.name in stock]
        if not _is_full(stock.get("perfect")):
            raise SystemExit(
                "Stock nbgrader doesn't give full marks to what is right: no comparison."
            )
        ours = _ours(root, session, tried)
        faults = [case for case in tried if case.table in FAULTS]
        attempts = [case for case in tried if case.table not in FAULTS]
        return Trust(
            len(faults),
            len(attempts),
            len(CASES) - len(tried),
            *(
                {"stock": _tally(each, stock), "ours": _tally(each, ours)}
                for each in (faults, attempts)
            ),
        )


def _is_full(scores: Mapping[str, float] | None) -> bool:
    return scores is not None and all(scores.get(name) for name in CASES["perfect"].verdicts)


def _tally(cases: Sequence[Case], found: Mapping[str, Mapping[str, float] | None]) -> Tally:
    tally = Tally()
    for case in cases:
        tally.add(case, found[case.name])
    return tally


def _write_template(root: Path, session: Session) -> None:
    """Make a stock course whose hidden tests hold what our reference computed."""

    def preamble(cell: Cell, hidden: bool) -> str:
        if not hidden:
            return ""
        seed = derive_seed(session.seed, session.assignment.name, cell.id)
        return PREAMBLE.format(expected=repr(_expected(session, cell)), seed=seed)

    write_course(root, session, preamble)
    given = {session.assignment.name: [*session.assignment.student_files, "labels.npz"]}
    (root / "exclude.json").write_text(json.dumps(given))
    for name, (arrays, _) in session.hidden_data.items():
        np.save(root / "source" / session.assignment.name / f"{name}.npy", arrays)


def _expected(session: Session, cell: Cell) -> dict[str, object]:
    labels = next((labels for _, labels in session.hidden_data.values()), None)
    expected: dict[str, object] = {}
    for run in session.reference.values():
        for outcome in run.outcomes:
            if outcome.id == cell.id + HIDDEN:
                for probe in outcome.probes:
                    value = labels if "accuracy" in probe.comparison else probe.value
                    expected[probe.name] = np.asarray(value).tolist()
    return expected


def _stock(template: Path, names: list[str]) -> dict[str, Mapping[str, float] | None]:
    """Return the scores of each case; what was lost gets a second chance, as it does with ours."""
    found = dict(_one_after_the_other(template, names))
    lost = [name for name, scores in found.items() if scores is None]
    return {**found, **dict(_one_after_the_other(template, lost))}


def _one_after_the_other(
    template: Path, names: list[str]
) -> list[tuple[str, Mapping[str, float] | None]]:
    """Grade cases in a box; one that ends the box has lost its own marks, and the rest goes on."""
    found = []
    while names:
        for line in _box(template, names):
            names = names[names.index(line["case"]) + 1 :]
            if "not_tried" not in line:
                found.append((line["case"], line.get("scores")))
        if names:
            found.append((names[0], None))
            names = names[1:]
    return found


def _box(template: Path, names: list[str]) -> list[dict]:
    inside = Path(__file__).with_name("stock_box.py")
    folder = str(Path(sys.executable).parent)
    walls = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108
    for place in (str(REPOSITORY), str(template)):  # which may be in the other /tmp
        walls += ["--ro-bind", place, place]
    walls += ["--unshare-all", "--die-with-parent"]
    walls += ["--cap-drop", "ALL", "--new-session", "--chdir", "/tmp"]  # noqa: S108
    settings = {"HOME": "/tmp/home", "PATH": f"{folder}:/usr/bin:/bin"}  # noqa: S108
    limits = ["prlimit", f"--as={6 << 30}", f"--fsize={1 << 30}"]
    program = [sys.executable, str(inside), str(template), str(SECONDS), *names]
    with subprocess.Popen(
        [*limits, "bwrap", *walls, *program],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    ) as box:
        return [json.loads(line) for line in _lines(box)]


def _lines(box: subprocess.Popen[str]) -> Iterator[str]:
    """Yield what a box prints, and end it when it has been silent for too long: it was stopped."""
    stream = box.stdout
    if stream is None:
        return
    while True:
        watchdog = threading.Timer(SECONDS + 30, box.kill)
        watchdog.start()
        line = stream.readline()
        watchdog.cancel()
        if not line:
            return
        yield line


def _ours(
    root: Path, session: Session, cases: Sequence[Case]
) -> dict[str, Mapping[str, float] | None]:
    submitted = root / "submitted"
    for case in cases:
        case.write(submitted / case.name / "tiny")
    found: dict[str, Mapping[str, float] | None] = {case.name: None for case in cases}
    workspace = Workspace.in_folder(root / "ours")
    with Sandbox(detect()) as sandbox:
        run = grade_class(session, workspace, submitted, list(found), sandbox, jobs=2)
    for name, report in run.reports.items():
        if all(result.verdict is not Verdict.HARNESS for result in report.results):
            found[name] = {result.question: result.points for result in report.results}
    return found


def main(words: Sequence[str]) -> None:
    """Measure and print."""
    if not shutil.which("bwrap"):
        raise SystemExit("This needs bubblewrap: apt install bubblewrap.")
    found = measure(words)
    print(f"{found.faults} faults, {found.attempts} attempts; {found.not_tried} cases not tried")
    for what, tallies in (("faults", found.by_fault), ("attempts", found.by_attempt)):
        for way, tally in tallies.items():
            print(f"  {what}, {way}: {len(tally.lost)} submissions lost, {len(tally.too_few)} with")
            print(f"    too few marks, {len(tally.too_many)} with too many")
            for kind in ("lost", "too_few", "too_many"):
                print(f"    {kind}: {', '.join(getattr(tally, kind)) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
