"""Answers are found by their label, else by likeness."""

import json

import pytest

from autograder.authoring import handed_out_text
from autograder.grading.answers import find_answers
from autograder.model import Cell, Notebook, Role

SOLVED = '''def {}(x):
    """Return {}."""
    ### BEGIN SOLUTION
    return {}
    ### END SOLUTION'''
NOTEBOOK = Notebook(
    "lesson",
    (
        Cell("cell-01", Role.TEXT, "# Title"),
        Cell("cell-02", Role.TEXT, "Write a function that doubles."),
        Cell(
            "double",
            Role.ANSWER,
            SOLVED.format("double", "2x", "2 * x"),
        ),
        Cell("cell-04", Role.TEXT, "And one that halves."),
        Cell(
            "halve",
            Role.ANSWER,
            SOLVED.format("halve", "x / 2", "x / 2"),
        ),
        Cell("halve_check", Role.QUESTION, "assert_close(halve(2), 1)", "probe()", 1),
        Cell("cell-07", Role.TEXT, "Why does it work?"),
        Cell("why", Role.WRITTEN, "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", points=1),
    ),
)
HANDED_OUT = {
    cell.id: handed_out_text(cell)
    for cell in NOTEBOOK.cells
    if cell.role in (Role.ANSWER, Role.WRITTEN)
}
DOUBLE = 'def double(x):\n    """Return 2x."""\n    return x + x'
HALVE = "def halve(x):\n    return 0.5 * x"
WHY = "It is linear."


def row(text, kind="code", label=None, id_=None):
    metadata = {"nbgrader": {"grade_id": label}} if label else {}
    return {"cell_type": kind, "source": text, "metadata": metadata, "id": id_ or "x"}


def labelled():
    return [
        row("# Title", "markdown"),
        row("Write a function that doubles.", "markdown"),
        row(DOUBLE, label="double"),
        row("And one that halves.", "markdown"),
        row(HALVE, label="halve"),
        row("assert_close(halve(2), 1)", label="halve_check"),
        row("Why does it work?", "markdown"),
        row(WHY, "markdown", label="why"),
    ]


def find(cells, **document):
    return find_answers(json.dumps({"cells": cells, **document}).encode(), NOTEBOOK, HANDED_OUT)


ALL = {"double": DOUBLE, "halve": HALVE, "why": WHY}


def test_labels_decide():
    """Labelled cells are found wherever they stand."""
    assert find(labelled()).texts == ALL
    assert find(labelled()[::-1]).texts == ALL
    assert find(labelled()).notes == ()


def test_cells_without_labels_are_found_by_likeness_and_said():
    """A program that drops metadata and renames ids costs nothing."""
    bare = [{**cell, "metadata": {}, "id": f"{n:08x}"} for n, cell in enumerate(labelled())]
    found = find(bare)
    assert found.texts == ALL
    assert found.notes == (
        "lesson.ipynb has lost labels; found by their text: double, halve, why.",
    )


def test_version_3_notebooks_are_read():
    """The old format kept cells in worksheets and text in "input"."""
    old = [
        {"cell_type": "code", "input": [DOUBLE], "metadata": {}},
        {"cell_type": "code", "input": [HALVE], "metadata": {}},
    ]
    content = json.dumps({"worksheets": [{"cells": old}], "nbformat": 3}).encode()
    assert find_answers(content, NOTEBOOK, HANDED_OUT).texts == {"double": DOUBLE, "halve": HALVE}


def test_of_two_cells_with_one_label_the_first_changed_one_counts():
    """An untouched copy above doesn't hide the answer below."""
    cells = [row(HANDED_OUT["double"], label="double"), *labelled(), row("pass", label="double")]
    found = find(cells)
    assert found.texts["double"] == DOUBLE
    assert "3 cells claim to be double" in found.notes[0]


def test_a_deleted_answer_is_not_replaced_by_something_else():
    """Unlike cells are not taken for answers."""
    cells = [row("print('hello')"), row("x = 1"), row("Nice course", "markdown")]
    assert find(cells).texts == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"{", "damaged"),
        (b'{"cells": [', "damaged"),
        (b"[]", "not a notebook"),
        (b"{}", "no cells"),
        (b'{"cells": 7}', "no cells"),
        (b"\xff\xfe", "can't be read"),
        (b"<<<<<<< HEAD\n{}\n", "merge conflict"),
        (b"[" * 200_000, "can't be read"),
    ],
)
def test_unreadable_files_give_a_note(content, words):
    """Whatever the bytes, the rest of the class goes on."""
    found = find_answers(content, NOTEBOOK, HANDED_OUT)
    assert found.texts == {}
    assert words in found.notes[0]


@pytest.mark.parametrize(
    "cell",
    [
        None,
        7,
        {},
        {"source": 7},
        {"source": [7]},
        {"source": "x", "metadata": []},
        {"metadata": {"nbgrader": []}},
    ],
)
def test_odd_cells_are_passed_over(cell):
    """One odd cell doesn't cost the others."""
    assert find([cell, *labelled()]).texts == ALL


def test_a_notebook_that_was_not_handed_in_has_no_answers():
    """Intake has said so already."""
    assert find_answers(None, NOTEBOOK, HANDED_OUT).texts == {}
