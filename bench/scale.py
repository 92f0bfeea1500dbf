"""Measures a large class: is time linear, memory flat, and what does another worker bring?

    python bench/scale.py [submissions]

Grades copies of a small submission of the course of tests/grading, each with a comment of its own,
by `autograder grade`. Meanwhile the memory of the coordinator and of each worker's processes is
looked at; afterwards the class is graded again, unchanged. How `--jobs` scales is measured with the
first submissions of assignment1, which compute more, by one worker and by two in turn.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

from stock_course import REPOSITORY, fresh_course

from autograder.samples import write_samples

SMALL = REPOSITORY / "tests" / "grading"
ROUNDS = 3


@dataclass(frozen=True)
class Scale:
    """What was measured; the moments are when a quarter, two, three and all were done."""

    submissions: int
    moments: tuple[float, ...]  # seconds since the first result
    coordinator_mb: tuple[float, ...]  # at these moments
    worker_mb: float  # the largest process
    again_seconds: float
    two_workers: float  # times as fast as one


def measure(submissions: int) -> Scale:
    """Grade a large class of small submissions, and a small one by one worker and by two."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = fresh_course(SMALL / "course" / "assignments", root / "small")
        submitted = root / "submitted"
        for number in range(submissions):
            place = submitted / f"student{number:04}" / "tiny"
            shutil.copytree(SMALL / "cases" / "perfect", place)
            with (place / "tinypkg/rows.py").open("a") as module:
                module.write(f"\n# {number}\n")
        command = _command(paths.root, "tiny", submitted, root / "out", 2)
        moments, memory, worker = _watch(command, root / "out" / "results", submissions)
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        again = time.monotonic() - start
        return Scale(submissions, moments, memory, worker, again, _two_workers(root))


def _command(course: Path, name: str, submitted: Path, output: Path, jobs: int) -> list[str]:
    program = str(Path(sys.executable).with_name("autograder"))
    options = ["--course", course, "--submitted", submitted, "--output", output, "--jobs", jobs]
    return [program, "grade", name, *map(str, options)]


def _watch(
    command: list[str], results: Path, submissions: int
) -> tuple[tuple[float, ...], tuple[float, ...], float]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wanted = [submissions * quarter // 4 for quarter in (1, 2, 3, 4)]
    moments: list[float] = []
    memory: list[float] = []
    worker, start = 0.0, 0.0
    while process.poll() is None:
        done = len(list(results.iterdir())) if results.is_dir() else 0
        start = start or (time.monotonic() if done else 0.0)
        if len(moments) < 4 and done >= wanted[len(moments)]:
            moments.append(time.monotonic() - start)
            memory.append(_resident(process.pid))
        worker = max([worker, *map(_resident, _below(process.pid))])
        time.sleep(0.05)
    if process.returncode or len(moments) < 4:
        raise SystemExit(f"grading failed with status {process.returncode}")
    return tuple(moments), tuple(memory), worker


def _resident(process: int) -> float:
    """Return the memory of a process in MB; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{process}/statm").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _below(process: int) -> Iterator[int]:
    """Yield the processes that descend from one, as far as they are still there."""
    with suppress(OSError):
        for file in Path(f"/proc/{process}/task").glob("*/children"):
            for child in map(int, file.read_text().split()):
                yield child
                yield from _below(child)


def _two_workers(root: Path) -> float:
    """Return how much faster two workers grade twelve submissions, the start not counted."""
    paths = fresh_course(REPOSITORY / "assignments", root / "course")
    write_samples(paths, "assignment1", root / "samples")
    for number in range(12):
        target = root / "twelve" / f"student{number:02}"
        shutil.copytree(root / "samples" / "ada-perfect", target)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for jobs, measured in seconds.items():
            output = root / "scaling"
            command = _command(paths.root, "assignment1", root / "twelve", output, jobs)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            written = sorted(f.stat().st_mtime for f in (output / "results").iterdir())
            # From the second result on, since the first come when all is warm.
            measured.append((written[-1] - written[1]) / (len(written) - 2))
            shutil.rmtree(output)
    return statistics.median(seconds[1]) / statistics.median(seconds[2])


def main(submissions: int = 1000) -> None:
    """Measure and print."""
    found = measure(submissions)
    print(f"{found.submissions} submissions of a small notebook, two workers")
    for quarter, (moment, memory) in enumerate(
        zip(found.moments, found.coordinator_mb, strict=True), start=1
    ):
        done = found.submissions * quarter // 4
        print(f"  {done:6} after {moment:6.1f} s; coordinator {memory:5.0f} MB")
    print(f"  largest process of a worker {found.worker_mb:.0f} MB")
    print(f"  grading all again, unchanged: {found.again_seconds:.1f} s")
    print(f"  two workers are {found.two_workers:.2f} times as fast as one")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
