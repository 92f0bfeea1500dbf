"""Measures the time from saving a file to reading the verdict in `check --watch`.

    python bench/watch.py [assignment]

In a solved copy of the release, one module is made wrong and right again, as by an editor. "First"
is when the first verdict stands there, of the question that was worked on; "explained" is when the
first failure is explained; "all" is when every question that depends on the file has run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.model import Paths
from autograder.samples import write_samples

ROUNDS = 7
ROOT = Path(__file__).parent.parent
EDITS = {  # file, right, wrong
    "assignment1": (
        "cs231n/classifiers/k_nearest_neighbor.py",
        "np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))",
        "np.sum((X[i] - self.X_train[j]) ** 2)",
    ),
    "assignment2": ("cs231n/layers.py", "@ w + b", "@ w - b"),
}


def measure(name: str) -> dict[str, float]:
    """Return the median seconds after saving, by what the student reads then."""
    file, right, wrong = EDITS[name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        shutil.copytree(ROOT / "release" / name, folder)
        write_samples(Paths(ROOT), name, Path(place) / "submitted")
        shutil.copytree(Path(place) / "submitted/ada-perfect" / name, folder, dirs_exist_ok=True)
        good = (folder / file).read_text(encoding="utf-8")
        if good.count(right) != 1:
            raise SystemExit(f"{file} has changed: mend EDITS in {__file__}.")
        watch = subprocess.Popen(
            [sys.executable, "-m", "cs231n.check", "--watch"],
            cwd=folder,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            _wait(watch, "Watching")
            times: dict[str, list[float]] = {"first verdict": [], "explained": [], "all": []}
            for round_ in range(2 * ROUNDS):
                time.sleep(1)  # as nobody saves twice in a second
                text = good if round_ % 2 else good.replace(right, wrong)
                start = time.perf_counter()
                (folder / file).write_text(text, encoding="utf-8")
                times["first verdict"].append(_wait(watch, "  ✓ ", "  ✗ ") - start)
                if text != good:
                    times["explained"].append(_wait(watch, "First to mend") - start)
                times["all"].append(_wait(watch, "points") - start)
                _wait(watch, "Watching")
        finally:
            watch.kill()
            watch.wait()
    return {what: statistics.median(each) for what, each in times.items()}


def _wait(process: subprocess.Popen[str], *texts: str) -> float:
    """Read until a line has one of the texts; return when that was."""
    for line in process.stdout or ():
        if any(text in line for text in texts):
            return time.perf_counter()
    raise SystemExit("The watching command ended.")


if __name__ == "__main__":
    for each in sys.argv[1:] or EDITS:
        medians = [f"{what} {seconds:.2f} s" for what, seconds in measure(each).items()]
        print(f"{each}: {', '.join(medians)} after saving (medians)")
