"""Outputs are those that a kernel gives, in order, made harmless, and limited."""

import base64
import io
import json
import re
import warnings
from pathlib import Path

import matplotlib.image
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.sandbox.inside.shell import Transformers


def test_outputs_keep_their_order_and_form(run):
    """Text, results, pictures and errors come as nbformat has them."""
    outcome = run.step(
        "import sys, matplotlib.pyplot as plt\n"
        "print('a'); print('b')\nprint('c', file=sys.stderr)\n"
        "plt.plot([1, 2]); plt.show()\nprint('d')\n"
        "from IPython.display import display\ndisplay({'k': 1})\n1 + 1"
    )
    kinds = [(o["output_type"], o.get("text")) for o in outcome.outputs]
    assert kinds == [
        ("stream", "a\nb\n"),
        ("stream", "c\n"),
        ("display_data", None),
        ("stream", "d\n"),
        ("display_data", None),
        ("execute_result", None),
    ]
    assert outcome.outputs[4]["data"] == {"text/plain": "{'k': 1}"}
    assert outcome.outputs[5]["data"] == {"text/plain": "2"}
    assert outcome.outputs[5]["execution_count"] == 1
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.from_dict(o) for o in outcome.outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


def test_figures_are_shown_at_the_end_of_a_cell_as_png(run):
    """A picture needs no plt.show(), in every step of a program."""
    for outcome in run.steps(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1)).gca()",
        "plt.figure(figsize=(2, 1)).gca(); 3",
    ):
        data = outcome.outputs[-1]["data"]
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])))
        assert picture.ndim == 3
        assert data["text/plain"].startswith("<Figure size")


def test_what_c_code_writes_is_captured_in_order(run):
    """File descriptors 1 and 2 lead into the notebook, too."""
    source = "print('a')\nos.write(1, b'b\\n')\nprint('c')\nctypes.CDLL(None).puts(b'd')"
    assert run.step(f"import os, ctypes\n{source}").outputs[0]["text"] == "a\nb\nc\nd\n"


def test_a_step_that_never_ends_still_shows_what_it_printed(run):
    """The student sees how far the loop came."""
    outcome = run.step("print('begin')\nwhile True: pass", step_cpu_seconds=0.2)
    assert outcome.outputs[0]["text"] == "begin\n"


def test_an_error_shows_its_traceback_and_the_place_in_the_student_s_file(run):
    """The failure names the innermost frame of the submission's files, also through numpy."""
    files = {"pack/m.py": b"import numpy as np\n\ndef f():\n    return np.ones(2) @ np.ones(3)\n"}
    outcome = run.step("from pack.m import f\nf()", files=files)
    assert (outcome.failure.name, outcome.failure.file, outcome.failure.line) == (
        "ValueError",
        "pack/m.py",
        4,
    )
    error = outcome.outputs[-1]
    assert (error["output_type"], error["ename"]) == ("error", "ValueError")
    assert "pack/m.py" in "".join(error["traceback"])


def test_a_syntax_error_in_a_module_names_its_place(run):
    """The line is that of the file, not of the cell."""
    outcome = run.step("import m", files={"m.py": b"x = 1\ny = (\n"})
    assert (outcome.failure.file, outcome.failure.line) == ("m.py", 2)
    assert outcome.failure.message == "'(' was never closed"


def test_a_syntax_error_may_refuse_its_words(run):
    """Students can make one of their own; the step ends with it, and not the process."""
    code = b"class E(SyntaxError):\n    msg = property(lambda self: 1 / 0)\nraise E"
    files = {"m.py": code}
    _, outcome, last = run.steps("x = 1", "import m", "print(x)", files=files, replay=False)
    assert (outcome.ending, outcome.failure.file) == ("error", "m.py")
    assert last.outputs[0]["text"] == "1\n"


def test_an_error_in_the_cell_itself_has_no_file(run):
    """There is no file to name."""
    failure = run.step("1/0").failure
    assert (failure.name, failure.file, failure.line) == ("ZeroDivisionError", "", 0)


@pytest.mark.parametrize("kind", ["HTML", "Javascript", "SVG", "Markdown", "Latex", "IFrame"])
def test_active_content_is_dropped(run, kind):
    """Of a rich output only plain text and PNG leave the sandbox."""
    argument = "'<svg onload=\"alert(1)\"></svg>'" + (", 1, 1" if kind == "IFrame" else "")
    outcome = run.step(f"from IPython.display import *\ndisplay({kind}({argument}))")
    assert [set(output["data"]) for output in outcome.outputs] == [{"text/plain"}]


def test_a_picture_that_is_none_is_dropped(run):
    """The signature of PNG is checked."""
    source = "from IPython.display import display\ndisplay({'image/png': %r}, raw=True)"
    for data in ("not base64 !", base64.b64encode(b"<svg/>").decode(), 5):
        assert run.step(source % data).outputs == ()


def test_escape_sequences_other_than_colours_are_removed(run):
    """Titles, cursor movements, links, control characters and reversed text can't leave."""
    text = (
        r"\x1b]0;title\x07a\x1b[2Jb\x1b[31mred\x1b[0m\x1b]8;;http://x\x1b\\c\x08\x00\x9b\u202ed\x1b"
    )
    assert run.text(f"print('{text}')") == "ab\x1b[31mred\x1b[0mcd\n"


def test_text_without_encoding_does_no_harm(run):
    """Lone surrogates become question marks."""
    assert run.text(r"print('\ud800')") == "?\n"


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('x' * 1000)",
        "import os\nwhile True: os.write(1, b'x' * 1000000)",
        "import sys\nwhile True:\n  print('a'); print('b', file=sys.stderr)",
        "from IPython.display import display\nwhile True: display('x' * 1000)",
    ],
)
def test_a_flood_of_output_is_cut_off(run, source):
    """The step ends at its own limit of time, with a limited output that says so."""
    outcome = run.step(source, output_bytes=100_000, step_cpu_seconds=0.5)
    size = sum(len(str(output)) for output in outcome.outputs)
    assert 10_000 < size < 300_000
    assert any("cut off" in output.get("text", "") for output in outcome.outputs)
    assert outcome.ending in ("timeout", "error")


def test_a_very_long_traceback_is_cut(run):
    """A message of megabytes doesn't leave as such."""
    outcome = run.step("raise ValueError('x' * 10**7)")
    assert outcome.ending == "error"
    assert len(str(outcome.outputs)) < 300_000
    assert len(outcome.failure.message) <= 4000


def test_clear_output_and_updates_work_as_in_a_kernel(run):
    """Progress displays end with their last state."""
    outcome = run.step(
        "from IPython.display import clear_output, display\n"
        "print('gone'); clear_output(wait=True); print('kept')\n"
        "handle = display('old', display_id=True); handle.update('new')"
    )
    assert outcome.outputs[0]["text"] == "kept\n"
    assert outcome.outputs[1]["data"]["text/plain"] == "'new'"


def test_execution_counts_are_the_step_s_numbers_even_after_a_crash(run):
    """The third cell shows Out[3]."""
    outcomes = run.steps("1", "import os; os._exit(1)", "3")
    assert outcomes[2].outputs[0]["execution_count"] == 3


CELLS = [
    "import numpy as np\nimport matplotlib.pyplot as plt\n%matplotlib inline\nprint('a', end='')",
    "plt.rcParams['figure.figsize'] = (3, 2)\nplt.plot([1, 3, 2]); plt.title('$x^2$')",
    "print('one')\nplt.imshow(np.eye(3)); plt.show()\nprint('two')\nplt.hist([1, 2, 2])\n",
    "fig, ax = plt.subplots()\nax.set_xlabel('x')\nfig",
    "import warnings\nprint(np.float64(1) / 3); np.arange(3.0)",
    "from IPython.display import display, Image\ndisplay(np.eye(2), 'text'); {'a': [1, 2]}",
    "def g(a):\n    return h(a, b=2)\ndef h(a, b):\n    return a / (b - 2)\ng(1)",
    "{'k': 1}['missing']",
    "raise ValueError('wrong')",
    "print('after'); _",
    "%time 1 + 1;",
    "def f(: pass",
    "x = 5;\nx;",
    "None",
    "get_ipython().execution_count, In[1][:6], Out[5]",
    "def w():\n    warnings.warn('once')\nw()",
    "w()",
    "\n\n  # comments\n  1 / 0",
    'doc = """\n>>> pasted\n   \n... and so on\n"""\ndoc',
    "import math\n%precision 3\nmath.pi",
    "from __future__ import annotations\na = 1\nb = 2\na, b",
    "print('first')\nprint('second')\nreturn 3",
    "first = 1\n'a text'\nsecond = 2\nfirst / 0\nthird = 3",
    "first, second, 'third' in globals()",
    "import asyncio\nawait asyncio.sleep(0)\nvalue = 4\nvalue",
]

UNUSUAL = [
    "",
    " ",
    "  # a comment\n  x",
    "\f\nx",
    "\tx",
    "x\r\ny",
    "\ufeffx",
    "x\x00",
    "x \\\n",
    "x = (1\n % 2)",
    "%magic",
    "x = %magic",
    "!ls",
    "x?",
    "x  # ?",
    "f 1",
    "'''\n%magic\n!ls\n'''",
    "'''\n   \n'''",
    "def f():\n    '''\n    >>> x\n    '''",
    ">>> x\n... y",
    "...\nx[...]",
    "In [1]: x",
    "await f()",
    "return 3",
    "nonlocal x",
]


def test_cells_are_translated_as_ipython_does_it():
    """The quick way for valid Python changes nothing that IPython's own way would not."""
    ours, ipythons = Transformers(), TransformerManager()
    modules = [file.read_text() for file in Path(__file__).parent.glob("*.py")]
    for text in (*CELLS, *UNUSUAL, *modules):
        assert ours.transform_cell(text) == ipythons.transform_cell(text), text


KEEP_PRINTS_TOGETHER = "import sys; sys.stdout.flush_interval = 60"  # else a timer may cut a line


@pytest.mark.slow
def test_outputs_are_those_of_a_kernel(run, tmp_path):
    """Every output equals ipykernel's, tracebacks but for colours, pictures in every byte."""
    import nbclient

    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = nbclient.NotebookClient(notebook, allow_errors=True, resources=resources)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's client
        with client.setup_kernel():
            client.kc.execute(KEEP_PRINTS_TOGETHER, silent=True, store_history=False)
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
    for is_given in (False, True):
        outcomes = run.steps(*CELLS, is_given=is_given)
        for cell, outcome in zip(notebook.cells, outcomes, strict=True):
            if "%time" in cell.source:
                continue
            expected = [comparable(output) for output in cell.outputs]
            assert [comparable(output) for output in outcome.outputs] == expected, cell.source


def comparable(output):
    """Return an output without what may differ: active formats, colours, names of cells' files."""
    output = json.loads(re.sub(r"/ipykernel_\d+/\d+\.py", "/cell.py", json.dumps(output)))
    output.pop("metadata", None)
    if output["output_type"] == "error":
        text = re.sub(r"\x1b\[[0-9;]*m", "", "|".join(output["traceback"]))
        output["traceback"] = re.sub(r"\(\S+py, line", "(cell, line", text)
        output["evalue"] = re.sub(r"\(\S+, line", "(cell, line", output["evalue"])
    if "data" in output:
        output["data"].pop("text/html", None)
        output["data"] = {k: v.strip() for k, v in output["data"].items()}
    return output
