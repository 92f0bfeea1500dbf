"""Compares our grading with stock nbgrader's: the same class, the same cells, equal outputs.

    python bench/speed.py [rounds [students]]

Each round grades the class once by each command, in a fresh gradebook: `nbgrader autograde`, which
knows nothing of our tool here, and `autograder grade --jobs 2` with its sandbox, judge, feedback
pages and all. What counts is submissions per minute, as medians over the rounds. Afterwards the
outputs of each cell are compared: pictures, prints, results, and tracebacks apart from colours,
cell numbers and the name of the working folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from meter import Meter
from stock_course import REPOSITORY, fresh_course, nbgrader, without_explore, write_course

from autograder.grading.quotations import ANSI
from autograder.grading.session import Session
from autograder.grading.staging import derive_seed
from autograder.model import Cell, Notebook, Paths, Role
from autograder.samples import write_samples
from autograder.sandbox import inside

NAME = "assignment1"
SEED = 2**40
# Of the sample class, what stock nbgrader can match and what reaches no limit; most are right, as
# in most classes. (What failed we run again, with other functions made right: stock doesn't.)
PERFECT = "ada-perfect"
SAMPLES = (PERFECT, PERFECT, "cem-half-done", PERFECT, PERFECT, "hal-syntax-error")
DESK = """

from IPython import get_ipython

from cs231n import _desk


def desk(seed, *inputs):
    get_ipython().set_custom_exc((), None)  # students see short tracebacks; compare whole ones
    arrays = {name: np.load(f"{name}.npy") for name in inputs}
    made = _desk.Desk(lambda header, data: None, 1 << 30, seed, arrays.__getitem__)
    return _desk.Probe(made), made.assert_close
"""


@dataclass(frozen=True)
class Speed:
    """What was measured."""

    students: int
    notebooks: int
    rounds: int
    stock_per_minute: float
    ours_per_minute: float
    stock_cpu: float  # of one notebook
    ours_cpu: float
    unit: str
    cells: int  # whose outputs were compared
    pictures: int
    differing: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.ours_per_minute / self.stock_per_minute


def measure(rounds: int, students: int) -> Speed:
    """Grade a class by both, several times."""
    with tempfile.TemporaryDirectory() as folder, Meter() as meter:
        root = Path(folder)
        paths = fresh_course(REPOSITORY / "assignments", root / "course")
        session = Session.open(paths, NAME, SEED)
        _write_class(root, paths, session, students)
        seconds: dict[str, list[float]] = {"stock": [], "ours": []}
        used: dict[str, list[float]] = {"stock": [], "ours": []}
        for _ in range(rounds):
            for way, run in (("stock", _run_stock), ("ours", _run_ours)):
                shutil.copytree(root / "pristine", root / way, dirs_exist_ok=True)
                start, start_cpu = time.monotonic(), meter.seconds()
                run(root / way, root / "pristine" / "submitted")
                seconds[way].append(time.monotonic() - start)
                used[way].append(meter.seconds() - start_cpu)
                shutil.move(root / way / "autograded", root / f"{way}-autograded")
                shutil.rmtree(root / way)
                print(f"  {way}: {seconds[way][-1]:.1f} s, {used[way][-1]:.1f} {meter.unit}")
            found = _compare(session, root)
            for way in seconds:
                shutil.rmtree(root / f"{way}-autograded")
        notebooks = students * len(session.assignment.notebooks)
        return Speed(
            students,
            notebooks,
            rounds,
            60 * students / statistics.median(seconds["stock"]),
            60 * students / statistics.median(seconds["ours"]),
            statistics.median(used["stock"]) / notebooks,
            statistics.median(used["ours"]) / notebooks,
            meter.unit,
            *found,
        )


def _write_class(root: Path, paths: Paths, session: Session, students: int) -> None:
    stock = root / "pristine"
    inputs = {name: arrays for name, (arrays, _) in session.hidden_data.items()}

    def preamble(cell: Cell, hidden: bool) -> str:
        names = [repr(name) for name in inputs if hidden and f'"{name}"' in cell.hidden]
        seed = derive_seed(SEED, NAME, cell.id)
        called = ", ".join([str(seed), *names])
        return f"probe, assert_close = __import__('cs231n').checks.desk({called})"

    write_samples(paths, NAME, root / "samples")
    for number in range(students):
        sample = root / "samples" / SAMPLES[number % len(SAMPLES)] / NAME
        folder = stock / "submitted" / f"student{number:02}" / NAME
        shutil.copytree(sample, folder)
        for file in folder.glob("*.ipynb"):
            file.write_text(json.dumps(without_explore(json.loads(file.read_bytes()))))
    write_course(stock, session, preamble)
    given = stock / "source" / NAME
    with (given / "cs231n/checks.py").open("a") as file:
        file.write(DESK)
    desk = Path(str(inside.__file__)).with_name("probes.py")
    shutil.copy(desk, given / "cs231n/_desk.py")
    for name, array in inputs.items():
        np.save(given / f"{name}.npy", array)


def _run_stock(folder: Path, submitted: Path) -> None:
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(submitted.parent), str(folder)))
    nbgrader(folder, "autograde", NAME)


def _run_ours(folder: Path, submitted: Path) -> None:
    program = Path(sys.executable).with_name("autograder")
    options = ["--seed", str(SEED), "--jobs", "2", "--output", str(folder)]
    command = [str(program), "grade", NAME, "--submitted", str(submitted), *options]
    subprocess.run(command, cwd=folder.parent / "course", check=True, stdout=subprocess.DEVNULL)


def _compare(session: Session, root: Path) -> tuple[int, int, tuple[str, ...]]:
    """Compare all outputs; return how many cells and pictures there were, and what differs."""
    cells = pictures = 0
    differing = []
    for folder in sorted((root / "ours-autograded").iterdir()):
        for notebook in session.assignment.notebooks:
            ours, stock = (
                _outputs(root / f"{way}-autograded" / folder.name, notebook)
                for way in ("ours", "stock")
            )
            for name, outputs in ours.items():
                cells += 1
                pictures += sum(
                    output[0] == "display_data" and output[2] != "" for output in outputs
                )
                if outputs != stock.get(name):
                    differing.append(f"{folder.name}/{notebook.name}/{name}")
    return cells, pictures, tuple(differing)


def _outputs(student: Path, notebook: Notebook) -> dict[str, list]:
    """Return what each cell put out, by its id, in a form that can be compared."""
    run = (Role.SETUP, Role.ANSWER, Role.QUESTION)
    wanted = {cell.id for cell in notebook.cells if cell.role in run}
    document = json.loads((student / NAME / f"{notebook.name}.ipynb").read_bytes())
    found: dict[str, list] = {}
    for cell in document["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"])
        if name in wanted:
            found[name] = [_plain(output) for output in cell["outputs"]]
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                found[name] = [each for each in found[name] if each[0] != "execute_result"]
    return found


def _plain(output: dict) -> tuple:
    kind = output["output_type"]
    if kind == "stream":
        return kind, output["name"], "".join(output["text"])
    if kind == "error":
        return kind, output["ename"], _traceback(output["traceback"])
    data = {key: "".join(value) for key, value in output["data"].items()}
    return kind, data.get("text/plain"), "".join(data.get("image/png", "").split())


def _traceback(lines: list[str]) -> str:
    text = ANSI.sub("", "\n".join(lines))
    text = re.sub(
        r"(?m)^.*(checks\.desk\(|### BEGIN HIDDEN).*\n", "", text
    )  # ours, in stock's cells
    text = re.sub(r"(?:~|/)[\w./~-]*/(cs231n/|<)", r"\1", text)  # the working folder
    text = re.sub(r"In\[\d+\]", "In[]", text)
    text = re.sub(r"(?m)^((?:-+> )?) *\d+ ", r"\1", text)
    return re.sub(r"line \d+|:\d+", "line", text)


def main(rounds: int = 3, students: int = 12) -> None:
    """Measure and print."""
    found = measure(rounds, students)
    print(
        f"{found.students} submissions of {found.notebooks // found.students} notebooks, median of "
        f"{found.rounds} interleaved rounds\n"
        f"  stock nbgrader  {found.stock_per_minute:7.1f} a minute, {found.stock_cpu:.2f} "
        f"{found.unit} a notebook\n"
        f"  autograder      {found.ours_per_minute:7.1f} a minute, {found.ours_cpu:.2f} "
        f"{found.unit} a notebook\n"
        f"  {found.ratio:.1f} times as many; outputs of {found.cells} cells compared, with "
        f"{found.pictures} pictures: {len(found.differing)} differ"
    )
    for name in found.differing[:20]:
        print("   ", name)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
