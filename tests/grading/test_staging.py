"""Staged programs hold the course's cells and the student's answers, and nothing else."""

from importlib.machinery import SourceFileLoader
from pathlib import PurePath

import pytest

from autograder.grading.staging import HIDDEN, cell_of, derive_seed, setup_parts, stage
from autograder.model import Assignment, Cell, Notebook, Role

LESSON = Notebook(
    "lesson",
    (
        Cell("cell-01", Role.TEXT, "# Title"),
        Cell("cell-02", Role.SETUP, "import numpy as np\nfrom pkg import a"),
        Cell("answer", Role.ANSWER, "solved"),
        Cell("cell-04", Role.EXPLORE, "train()"),
        Cell("q", Role.QUESTION, "visible", 'hidden(probe.input("images"))', 1),
        Cell("why", Role.WRITTEN, "text", points=1),
    ),
)
ASSIGNMENT = Assignment("a1", "", (LESSON,), (), ())


def staged(seed=1):
    inputs = {"images": "pixels", "others": "more"}
    return stage(ASSIGNMENT, LESSON, {"pkg.py": b""}, {"answer": "mine"}, seed, inputs)


def test_texts_and_exploration_are_left_out_and_answers_are_the_students():
    """Order is the course's."""
    steps = [(step.id, step.source, step.replay) for step in staged().steps]
    assert steps == [
        ("cell-02", "import numpy as np", True),
        ("cell-02/part1", "from pkg import a", True),
        ("answer", "mine", True),
        ("q", "visible", False),
        ("q/hidden", 'hidden(probe.input("images"))', False),
    ]


def test_hidden_inputs_go_to_the_hidden_step_that_names_them():
    """No other step holds them."""
    inputs = [dict(step.inputs) for step in staged().steps]
    assert inputs == [{}, {}, {}, {}, {"images": "pixels"}]


def test_given_modules_come_with_bytecode_that_holds_for_their_text_only(tmp_path):
    """Python compiles what the students write, and a given module only where it was changed."""
    assignment = Assignment("a1", "", (LESSON,), ("lib/mine.py",), ("lib/given.py", "data.csv"))
    package = {"lib/mine.py": b"x = 1", "lib/given.py": b"def f():\n    return 2", "data.csv": b""}
    files = stage(assignment, LESSON, package, {"answer": ""}, 1, {}).files
    assert [PurePath(name).parts[:2] for name in files.keys() - package] == [("lib", "__pycache__")]
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    module = tmp_path / "lib/given.py"
    code = OnlyBytecode("given", str(module)).get_code("given")
    assert {code.co_filename, code.co_consts[0].co_filename} == {str(module)}
    module.write_bytes(b"def f():\n    return 3")
    with pytest.raises(AssertionError, match="compiled"):
        OnlyBytecode("given", str(module)).get_code("given")


class OnlyBytecode(SourceFileLoader):
    """Loads a module without compiling it."""

    def source_to_code(self, *_, **__):
        """Refuse."""
        raise AssertionError("compiled")


def test_seeds_differ_by_run_and_question_and_repeat():
    """The same run seed gives the same question seeds."""
    assert staged(1) == staged(1)
    assert staged(1).steps[-1].seed != staged(2).steps[-1].seed
    assert derive_seed(1, "a", "q") != derive_seed(1, "a", "r")


def test_only_cells_of_imports_are_split():
    """Other setup cells stay whole, IPython commands included."""
    for text in ("import a\nx = 1", "%matplotlib inline\nimport a", "import a"):
        assert list(setup_parts(Cell("c", Role.SETUP, text))) == [("c", text)]


def test_parts_belong_to_their_cells():
    """Outcomes of parts and hidden steps find their cell."""
    assert [cell_of(name) for name in ("q", "q" + HIDDEN, "c/part3")] == ["q", "q", "c"]
