"""Shows in Jupyter what is wrong in a few lines, where the reason is known, instead of a traceback.

Only three kinds of exceptions are shown so: a failed `assert_close`, an `assert` in the cell that
runs, and `NotImplementedError` of a function that isn't written yet. Any other keeps its traceback.
"""

import linecache
import os
import re
import traceback
from pathlib import Path

from . import handout, talk

_NAME = re.compile(r"[A-Za-z_][\w.]*")


def register(shell, begin):
    """Use the words below in a shell of IPython, and tell `begin` which question runs.

    Inputs:
    - shell: What `get_ipython()` returns.
    - begin: Function that is called with the name of a question, or None, before each cell.
    """
    if getattr(shell, "custom_exceptions", ()):
        return  # registered before, or somebody has other plans
    try:
        lessons = handout.load().lessons
    except handout.NotReadableError:
        lessons = ()
    questions = {
        cell.source.strip(): cell.id for lesson in lessons for cell in lesson.having("question")
    }

    def before_cell(info):
        begin(questions.get((info.raw_cell or "").strip()))

    def show(shell, kind, error, tb, tb_offset=None):
        lines = _lines(error)
        if lines is None:
            shell.showtraceback((kind, error, tb), tb_offset=tb_offset)
        else:
            shell._showtraceback(kind, error, lines)

    shell.events.register("pre_run_cell", before_cell)
    shell.set_custom_exc((AssertionError, NotImplementedError), show)


def lines_of_failure(error):
    """Return the lines that are shown for a failed `assert_close`."""
    steps = _steps(error)
    calling = steps[-2] if len(steps) > 1 else None  # the last one is in assert_close
    lines = [talk.paint("Not right yet.", "red"), *_quoted(calling), talk.sentence(str(error))]
    lines += talk.about_mistake(error.mistake) if error.mistake else []
    if error.question:
        lines.append(f'\nFor help: from cs231n.checks import hint; hint("{error.question}")')
    return lines


def _lines(error):
    """Return what to show for an exception; None if its traceback says more."""
    steps = _steps(error)
    if hasattr(error, "_render_traceback_"):
        return error._render_traceback_()
    if isinstance(error, NotImplementedError) and steps and _NAME.fullmatch(str(error)):
        return _lines_of_stub(str(error), steps[-1])
    if isinstance(error, AssertionError) and len(steps) == 1 and str(error):
        return [talk.paint("Not right yet.", "red"), *_quoted(steps[0]), talk.sentence(str(error))]
    return None


def _steps(error):
    """Return (frame, line) from the cell inwards; what IPython does before it is left out."""
    steps = list(traceback.walk_tb(error.__traceback__))
    return [step for step in steps if "IPython" not in Path(step[0].f_code.co_filename).parts]


def _lines_of_stub(name, step):
    file, line = step[0].f_code.co_filename, step[1]
    shown = os.path.relpath(file) if Path(file).is_absolute() and Path(file).is_file() else ""
    if not shown or "ipykernel" in shown:
        what = "It is a cell of this notebook: write it there, run that cell, then this one again."
    else:
        what = f"It is in {shown}, line {line}: write it, save the file, and run this cell again."
    return [talk.paint(f"{name} is not written yet.", "bold"), what]


def _quoted(step):
    """Return the line of code at a step, in a list; nothing if it can't be found."""
    text = linecache.getline(step[0].f_code.co_filename, step[1]).strip() if step else ""
    return [f"    {text}"] if text else []
