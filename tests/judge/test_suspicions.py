"""Flags name what an honest solution has no use for, and no honest solution."""

from pathlib import Path

import pytest

from autograder.judge import suspicions

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
HONEST = sorted(
    path
    for part in ("cs231n", "assignment1", "assignment2", "fairness")
    for path in (ASSIGNMENTS / part).rglob("*.py")
)


@pytest.mark.parametrize("file", HONEST, ids=lambda path: str(path.relative_to(ASSIGNMENTS)))
def test_no_honest_program_is_flagged(file):
    """The solved course, its lessons and right ways of writing it differently are honest."""
    if file.name in ("checks.py", "data_utils.py"):
        pytest.skip("given to students, never taken from them")
    assert suspicions({file.name: file.read_text()}, {}) == []


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.float = float",
        "import sys\nsys.path.append('..')\nsys.setrecursionlimit(5000)\nsys.stdout = None",
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'",
        "import numpy as np\nnp.random.seed(0)\nnp.seterr(all='ignore')",
        "%matplotlib inline\n!pip install numpy\nimport matplotlib.pyplot as plt\n"
        "plt.rcParams['figure.figsize'] = (8, 8)",
        "def f(x):\n    Out = x * 2\n    return Out",
        "import numpy as np\nw = np.load('/home/ada/cs231n/weights.npz')",
        "import inspect, gc, pickle, threading, time\nprint(inspect.signature(len))\ngc.collect()",
        "class Layer:\n    def __eq__(self, other):\n        return self.w == other.w",
        "def eval(model):\n    return model\neval(3)",
        "def broken(:",
    ],
)
def test_habits_and_mistakes_are_not_flagged(source):
    """What students do who mean no harm."""
    assert suspicions({"f.py": source}, {}) == []


def test_a_flag_names_file_and_line_and_what_was_handed_out_is_not_flagged():
    """A person finds the place; a line of ours is no one's fault."""
    source = "import gc\n\nx = gc.get_objects()\n"
    (flag,) = suspicions({"pkg/f.py": source}, {})
    assert flag.startswith("pkg/f.py, line 3: gc.get_objects")
    assert suspicions({"pkg/f.py": source}, {"pkg/f.py": source}) == []
    assert len(suspicions({"f.py": "exec('1')\n" * 100}, {})) == 13
