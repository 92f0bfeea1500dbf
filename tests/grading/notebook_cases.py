"""Cases: what programs, browsers and people make of a notebook file."""

from case_folders import case, cell, notebook_of, save_notebook

LOST = {"count_positive_check": "MISSING: count_positive was not in what you handed in."}
FOUND = "lesson.ipynb has lost labels; found by their text: count_positive, why_columns."
UNTOUCHED = 'def count_positive(x):\n    raise NotImplementedError("count_positive")'


def unreadable(note, **more):
    """Return the expected result of a notebook file without any answer that can be read."""
    return case(expect=LOST, notes=[note], written=False, **more)


@unreadable("lesson.ipynb can't be read: it is damaged near line 22", quick=True)
def truncated(folder):
    """The file is cut off."""
    file = folder / "lesson.ipynb"
    file.write_text("\n".join(file.read_text().split("\n")[:22]))


@unreadable("lesson.ipynb can't be read: it is empty.")
def empty_file(folder):
    """No byte in it."""
    (folder / "lesson.ipynb").write_bytes(b"")


@unreadable("lesson.ipynb can't be read: it is not text.", quick=True)
def binary(folder):
    """A picture that is called a notebook."""
    (folder / "lesson.ipynb").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


@unreadable("lesson.ipynb was left out: it is larger than 20 MB.")
def huge(folder):
    """A gigabyte of pictures."""
    with (folder / "lesson.ipynb").open("r+b") as file:
        file.truncate(1 << 30)


@unreadable("lesson.ipynb can't be read: it contains the marks of an unresolved merge conflict.")
def merge_conflict(folder):
    """Two versions, and git in between."""
    file = folder / "lesson.ipynb"
    text = file.read_text().replace(' "cells": [', '<<<<<<< HEAD\n "cells": [', 1)
    file.write_text(text + "=======\n>>>>>>> ada\n")


@unreadable("lesson.ipynb can't be read: it is not a notebook.")
def list_for_a_notebook(folder):
    """JSON, but of something else."""
    save_notebook(folder, [1, 2, 3])


@unreadable("lesson.ipynb can't be read: it has no cells.")
def no_cells(folder):
    """A notebook without the list of cells."""
    save_notebook(folder, {"nbformat": 4, "metadata": {}})


@unreadable("lesson.ipynb can't be read: it is nested too deeply.")
def nested_without_end(folder):
    """JSON that overflows a parser's stack."""
    (folder / "lesson.ipynb").write_text("[" * 1_000_000)


@unreadable("lesson.ipynb can't be read: it has a number that is far too long.")
def endless_number(folder):
    """A number with a million digits."""
    (folder / "lesson.ipynb").write_text('{"nbformat": ' + "9" * 1_000_000 + "}")


@case()
def windows_editor(folder):
    """A byte-order mark and other ends of lines."""
    file = folder / "lesson.ipynb"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))


@case(notes=[FOUND])
def version_3(folder):
    """A format of ten years ago: worksheets, and no labels."""
    old = []
    for new in notebook_of(folder)["cells"]:
        key = "input" if new["cell_type"] == "code" else "source"
        old.append({"cell_type": new["cell_type"], key: new["source"], "language": "python"})
    save_notebook(folder, {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": old}]})


@case(quick=True)
def version_99(folder):
    """A format of the future that still has cells."""
    save_notebook(folder, notebook_of(folder) | {"nbformat": 99, "from_mars": True})


@case(notes=["Homework 1 (final).ipynb was taken for lesson.ipynb; please don't rename notebooks."])
def renamed(folder):
    """The only notebook has another name."""
    (folder / "lesson.ipynb").rename(folder / "Homework 1 (final).ipynb")


@case(
    expect=LOST,
    written=False,
    notes=[
        "lesson.ipynb was not handed in; several others have a name like it, and none of them was",
        "Not asked for, and not looked at: lesson (1).ipynb, lesson (2).ipynb.",
    ],
)
def two_renamed(folder):
    """Nobody knows which of two copies counts; so it is asked, not guessed."""
    text = (folder / "lesson.ipynb").read_text()
    (folder / "lesson (2).ipynb").write_text(text)
    (folder / "lesson.ipynb").rename(folder / "lesson (1).ipynb")


@case(expect=LOST, notes=["lesson.ipynb was not handed in."], written=False, quick=True)
def no_notebook(folder):
    """Only the package was handed in."""
    (folder / "lesson.ipynb").unlink()


@case(expect=LOST, quick=True)
def deleted_cells(folder):
    """Checks and an answer were deleted; the checks are ours."""
    notebook = notebook_of(folder)
    gone = ("scale_rows", "count_positive", "count_positive_check")
    notebook["cells"] = [row for row in notebook["cells"] if row["id"] not in gone]
    save_notebook(folder, notebook)


@case()
def reversed_cells(folder):
    """The order of cells is the course's."""
    notebook = notebook_of(folder)
    notebook["cells"].reverse()
    save_notebook(folder, notebook)


@case(notes=["2 cells claim to be count_positive; the first changed one counts."])
def duplicated_cells(folder):
    """Each cell twice, as a slip of the mouse makes them; the second answers are as handed out."""
    notebook = notebook_of(folder)
    twin = notebook_of(folder)
    cell(twin, "count_positive")["source"] = UNTOUCHED
    notebook["cells"] = twin["cells"] + notebook["cells"]
    cell(twin, "why_columns")["metadata"] = {}
    cell(twin, "why_columns")["id"] = "another"
    save_notebook(folder, notebook)


@case(notes=["2 cells claim to be count_positive; the first changed one counts."])
def two_cells_with_one_id(folder):
    """Two answers; the first one counts, and that is said."""
    notebook = notebook_of(folder)
    position = notebook["cells"].index(cell(notebook, "count_positive"))
    second = cell(notebook_of(folder), "count_positive")
    second["source"] = "def count_positive(x):\n    return 0"
    notebook["cells"].insert(position + 1, second)
    save_notebook(folder, notebook)


@case(quick=True)
def one_id_for_all(folder):
    """All cells have one id; the labels of nbgrader still tell them apart."""
    notebook = notebook_of(folder)
    for row in notebook["cells"]:
        row["id"] = "count_positive_check"
    save_notebook(folder, notebook)


@case(quick=True)
def retyped_answer(folder):
    """The answer has become a raw cell by a slip on the keyboard (Esc, R)."""
    notebook = notebook_of(folder)
    cell(notebook, "count_positive")["cell_type"] = "raw"
    save_notebook(folder, notebook)


@case()
def retyped_checks(folder):
    """Checks that have become text are still ours."""
    notebook = notebook_of(folder)
    for row in notebook["cells"]:
        if row["id"] not in ("count_positive", "why_columns"):
            row["cell_type"] = "markdown" if row["cell_type"] == "code" else "code"
    save_notebook(folder, notebook)


@case(notes=[FOUND], quick=True)
def saved_by_colab(folder):
    """Colab has ids of its own, and no labels once a cell was copied."""
    notebook = notebook_of(folder)
    for number, row in enumerate(notebook["cells"]):
        row["metadata"] = {"id": f"x{number}Yz", "colab": {"base_uri": "https://localhost:8080/"}}
        del row["id"]
    notebook["metadata"]["colab"] = {"provenance": [], "collapsed_sections": ["x0Yz"]}
    save_notebook(folder, notebook | {"nbformat_minor": 0})


@case(notes=[FOUND])
def saved_by_vs_code(folder):
    """VS Code, with ids of its own."""
    notebook = notebook_of(folder)
    for number, row in enumerate(notebook["cells"]):
        row["metadata"] = {"vscode": {"languageId": "python"}}
        row["id"] = f"{number:08x}"
        row["source"] = "".join(row["source"])
    save_notebook(folder, notebook)


@case()
def cells_of_another_notebook(folder):
    """Cells of another lesson, with names that nobody here knows."""
    notebook = notebook_of(folder)
    other = cell(notebook_of(folder), "count_positive")
    other |= {"id": "softmax_code", "source": "def softmax(x):\n    return x"}
    other["metadata"]["nbgrader"]["grade_id"] = "softmax_code"
    notebook["cells"].insert(0, other)
    save_notebook(folder, notebook)


FOUND_ELSEWHERE = "The answer count_positive was found in another cell"


@case(notes=[f"{FOUND_ELSEWHERE}: please write it where it is asked for."], quick=True)
def answer_in_a_cell_of_its_own(folder):
    """The answer's cell is untouched, and the answer stands in a new cell below it."""
    notebook = notebook_of(folder)
    position = notebook["cells"].index(cell(notebook, "count_positive"))
    answer = cell(notebook_of(folder), "count_positive") | {"id": "new", "metadata": {}}
    notebook["cells"].insert(position + 1, answer)
    cell(notebook, "count_positive")["source"] = UNTOUCHED
    save_notebook(folder, notebook)


@case(notes=[f"{FOUND_ELSEWHERE}, count_positive_check: please write it where it is asked for."])
def answer_in_the_check(folder):
    """The answer was typed in front of the check, which stays in its cell."""
    notebook = notebook_of(folder)
    check, answer = cell(notebook, "count_positive_check"), cell(notebook, "count_positive")
    check["source"] = "".join(answer["source"]) + "\n\n" + "".join(check["source"])
    answer["source"] = UNTOUCHED
    save_notebook(folder, notebook)


@case(notes=[f"{FOUND_ELSEWHERE}, labels: please write it where it is asked for."])
def answer_in_another_check(folder):
    """The answer stands in place of the last check, and its own cell is empty."""
    notebook = notebook_of(folder)
    cell(notebook, "labels")["source"] = cell(notebook, "count_positive")["source"]
    cell(notebook, "count_positive")["source"] = ""
    save_notebook(folder, notebook)


@case(expect={"count_positive_check": "ERROR: name 'count_positive' is not defined"}, written=False)
def cells_that_are_no_cells(folder):
    """Numbers, texts and lists where cells should be, and texts that are none."""
    notebook = notebook_of(folder)
    cell(notebook, "count_positive")["source"] = [1, None, {"text": "def"}]
    cell(notebook, "why_columns")["source"] = 7
    cell(notebook, "labels")["metadata"] = {"nbgrader": ["grade_id"]}
    notebook["cells"] += [None, 1, "cell", [], {}, {"cell_type": 3, "source": {}, "id": []}]
    save_notebook(folder, notebook)


@unreadable("lesson.ipynb has more than 2000 cells; the rest was not looked at.")
def million_cells(folder):
    """More cells than anybody writes; the answers stand at the end."""
    notebook = notebook_of(folder)
    filler = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": []}
    notebook["cells"] = [filler] * 100_000 + notebook["cells"]
    save_notebook(folder, notebook)


@case(expect={"count_positive_check": "ERROR: SyntaxError"})
def brackets_without_end(folder):
    """An answer as long as a book."""
    notebook = notebook_of(folder)
    cell(notebook, "count_positive")["source"] = "def count_positive(x):\n" + "    x\n(" * 3_000
    save_notebook(folder, notebook)


@case()
def outputs_of_another_planet(folder):
    """Nothing of the outputs in the file is used."""
    notebook = notebook_of(folder)
    for row in notebook["cells"]:
        row |= {"outputs": "13 of 13", "execution_count": -1, "attachments": {"a": 1}}
    save_notebook(folder, notebook)
