# Built by "autograder build" from assignments/cs231n/self_check/worker.py; instructors edit that one.
"""The process that runs checks: `python -m <package>.self_check.worker`, started by `runs`.

It imports NumPy, then waits. Each line of its input is a question as JSON: the code that it needs
and its check. Each line of its output says how one ended. Nothing that your code prints gets in
between, and it can't wait for somebody to type. Code that never ends is stopped after a while, and
its place is reported.
"""

import builtins
import io
import json
import linecache
import os
import random
import sys
import threading
import traceback
import warnings
from pathlib import Path

import numpy as np

SHOWN_CHARACTERS = 2000  # of what was printed: the end of it
STUCK = 3  # exit status
_CHECKS = f"{__package__.rpartition('.')[0]}.checks"


class _Printed(io.TextIOBase):
    """Keeps the end of what is printed."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text = (self.text + text)[-SHOWN_CHARACTERS:]
        return len(text)

    def writable(self):
        return True


class Worker:
    """Runs questions, one after the other, each in a namespace of its own."""

    def __init__(self, channel, folder, files, answers):
        self._channel = channel
        self._folder = folder
        self._files = files
        self._answers = answers
        self._running = None  # (question, seconds) while one runs
        self._began = threading.Event()
        self._ended = threading.Event()
        self._main = threading.get_ident()
        threading.Thread(target=self._watch, daemon=True).start()

    def run(self, job):
        """Run one question and say how it ended."""
        sys.modules[_CHECKS].begin(job["question"])
        random.seed(0)
        np.random.seed(0)
        printed = sys.stdout = sys.stderr = _Printed()
        self._running = job["question"], job["seconds"]
        self._ended.clear()
        self._began.set()
        names = {"__name__": "__main__"}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default")
                for label, source, line in [*job["units"], [job["question"], job["source"], 1]]:
                    self._execute(label, source, line, names)
            ending = {"state": "right"}
        except BaseException as error:
            ending = self._explain(error, job["question"])
        self._ended.set()
        self._tell({"question": job["question"], "printed": printed.text, **ending})

    def _execute(self, label, source, line, names):
        # Cells of a lesson and answers get a name by which tracebacks find their text.
        file, source = f"<{label}>", "\n" * (line - 1) + source
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec"), names)  # noqa: S102 - it is what this is for

    def _explain(self, error, question):
        """Return how a question ended that didn't end well, as plain data."""
        kind = type(error).__name__
        message = error.msg if isinstance(error, SyntaxError) else _message(error)
        ending = {"state": "error", "kind": kind, "message": message, "where": self._place(error)}
        if kind == "CheckFailed":
            names = ("mistake", "fingerprints", "check")
            return {**ending, "state": "wrong", **{name: getattr(error, name) for name in names}}
        if isinstance(error, AssertionError) and self._is_in_check(error, question):
            return {**ending, "state": "wrong"}
        if isinstance(error, NotImplementedError):
            return {**ending, "state": "unwritten"}
        return ending

    def _is_in_check(self, error, question):
        last = list(traceback.walk_tb(error.__traceback__))[-1][0]
        return last.f_code.co_filename == f"<{question}>"

    def _place(self, error):
        """Return [file, line, function, text] of the innermost line that a student wrote."""
        if isinstance(error, SyntaxError) and error.filename:
            return self._describe(error.filename, error.lineno or 1, "")
        steps = list(traceback.walk_tb(error.__traceback__))
        return self._innermost(
            [(f.f_code.co_filename, line, f.f_code.co_name) for f, line in steps]
        )

    def _innermost(self, steps):
        for file, line, function in reversed(steps):
            if self._is_students(file):
                return self._describe(file, line, function)
        return None

    def _is_students(self, file):
        if file.startswith("<"):
            return file[1:-1] in self._answers
        return self._shown(file) in self._files

    def _shown(self, file):
        path = Path(file)
        inside = not file.startswith("<") and path.is_relative_to(self._folder)
        return path.relative_to(self._folder).as_posix() if inside else file.strip("<>")

    def _describe(self, file, line, function):
        function = "" if function.startswith("<") else function
        return [self._shown(file), line, function, linecache.getline(file, line).strip()]

    def _watch(self):
        """Stop the process when a question takes too long, and say where it was."""
        while self._began.wait():
            self._began.clear()
            question, seconds = self._running
            if not self._ended.wait(seconds):
                frame, steps = sys._current_frames()[self._main], []
                while frame:
                    steps.insert(
                        0, (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
                    )
                    frame = frame.f_back
                where = self._innermost(steps)
                self._tell({"question": question, "state": "timeout", "where": where})
                os._exit(STUCK)

    def _tell(self, ending):
        self._channel.write(json.dumps(ending).encode() + b"\n")
        self._channel.flush()


def _message(error):
    try:
        return str(error)[:2000]
    except Exception:
        return "(its message can't be shown)"


def _no_input(*_):
    raise RuntimeError("input() waits for somebody to type, and here is nobody. Take it out.")


def main():
    """Take questions until there are no more."""
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    channel = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.stdin, builtins.input = io.StringIO(), _no_input
    first = json.loads(questions.readline() or "null")
    if first is None:
        return  # nothing was asked
    __import__(_CHECKS)
    worker = Worker(channel, Path(first["folder"]), set(first["files"]), set(first["answers"]))
    for line in questions:
        worker.run(json.loads(line))


if __name__ == "__main__":
    main()
