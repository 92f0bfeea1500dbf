# Built by "autograder build" from assignments/cs231n/self_check/runs.py; instructors edit that one.
"""Has questions run by worker processes, and keeps what is known as long as nothing changed.

Workers are processes that have NumPy loaded and wait (see `worker`). A run takes new ones, since a
module that changed can't be loaded anew in a process reliably, and there are always some ready.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from .handout import NotReadableError, read_answers
from .slices import Modules, digest, lesson_units, names_used, needed, whole

SECONDS = 10  # for one question; checks take less than one
GRACE = 3  # seconds more until a process is ended that doesn't stop by itself
MOST_WORKERS = 4


@dataclass(frozen=True)
class Result:
    """What is known of one question.

    `state` is right, wrong (a check failed), error (an exception), unwritten (a function isn't
    there yet: `message` is its name), absent (a file that a notebook saves: its name), timeout,
    crash, or unreadable (a notebook).
    `where` is (file or answer, line, function, text) of the student's code, if there is one.
    """

    question: str
    state: str
    message: str = ""
    kind: str = ""
    where: tuple | None = None
    printed: str = ""
    mistake: dict | None = None
    fingerprints: tuple = ()  # of the value that failed, and the number of the check
    check: int = 0
    seconds: float = 0


@dataclass
class Plan:
    """What is to be run for one question: the code that it needs, and its check."""

    question: str
    units: list
    source: str
    digest: str
    unreadable: str = ""


@dataclass
class Runner:
    """Runs questions of a handout; asked again, it runs only what has changed."""

    handout: object
    seconds: float = SECONDS
    workers: int = min(MOST_WORKERS, os.cpu_count() or 1)
    known: dict = field(default_factory=dict)
    unfinished: set = field(default_factory=set)  # questions of this run that haven't ended yet
    _ready: list = field(default_factory=list)

    def plans(self):
        """Return a plan for each question, from the files as they are now."""
        plans, modules = {}, Modules(self.handout.folder)
        for lesson in self.handout.lessons:
            try:
                answers, unreadable = read_answers(self.handout.folder, lesson), ""
            except NotReadableError as problem:
                answers, unreadable = {}, str(problem)
            units = lesson_units(lesson, answers)
            lost = _lost_names(lesson, answers)
            for cell in lesson.having("question"):
                names = names_used(cell.source)
                chosen = needed(units, names)
                used = names.union(*(unit.uses for unit in chosen))
                why = next((why for name, why in lost.items() if name in used), "")
                why = (unreadable or why) if why else ""
                key = digest(chosen, cell.source, modules) + why + self._extra_files(chosen, cell)
                plans[cell.id] = Plan(cell.id, chosen, cell.source, key, why)
        return plans

    def run(self, questions, on_result=lambda result: None):
        """Run some questions, in this order, and return {question: Result}.

        `on_result` is called with each result that is new, as soon as it is there.
        """
        plans = self.plans()
        changed = [plans[q] for q in questions if self.known.get(q, (None,))[0] != plans[q].digest]
        waiting = [plan for plan in changed if not plan.unreadable]
        self.unfinished = {plan.question for plan in waiting}
        for plan in changed:
            if plan.unreadable:
                result = Result(plan.question, "unreadable", plan.unreadable)
                self.known[plan.question] = plan.digest, result
                on_result(result)
        if waiting:
            for plan, result in self._run(waiting):
                self.known[plan.question] = plan.digest, result
                self.unfinished.remove(plan.question)
                on_result(result)
        return {question: self.known[question][1] for question in questions}

    def get_ready(self, most=MOST_WORKERS):
        """Start processes that wait for the next run."""
        while len(self._ready) < min(self.workers, most):
            self._ready.append(_Process(self.handout))

    def close(self):
        """End all processes."""
        while self._ready:
            self._ready.pop().end()

    def _extra_files(self, units, cell):
        """Return a text that changes when a file changes that the code names, such as weights."""
        text = cell.source + "".join(unit.source for unit in units)
        found = []
        for name in self.handout.extra_files:
            file = self.handout.folder / name
            if name in text and file.is_file():
                found.append(f"{name} {file.stat().st_mtime_ns} {file.stat().st_size}")
        return "\n".join(found)

    def _run(self, plans):
        """Yield (plan, Result), each as soon as it is there."""
        self.get_ready(len(plans))
        waiting, endings, running = list(plans), queue.Queue(), {}
        for process in self._ready[: len(plans)]:
            self._ready.remove(process)
            process.tell(endings)
            running[process] = None
        try:
            for process in running:
                self._next(process, running, waiting)
            while any(running.values()):
                yield self._wait(endings, running, waiting)
        finally:
            for process in running:
                process.end()

    def _next(self, process, running, waiting):
        """Give a process its next question, if there is one."""
        running[process] = None
        if waiting:
            plan = waiting.pop(0)
            now = time.monotonic()
            running[process] = plan, now, now + self.seconds + GRACE
            process.ask(plan, self.seconds)

    def _wait(self, endings, running, waiting):
        """Wait until a question ends, or its process does; give out the next one."""
        first = min((each for each in running if running[each]), key=lambda each: running[each][2])
        try:
            process, ending = endings.get(timeout=max(0.0, running[first][2] - time.monotonic()))
            while process not in running or not running[process]:
                process, ending = endings.get(timeout=self.seconds + GRACE)
        except queue.Empty:
            process, ending = first, {"state": "timeout"}
        plan, began, _ = running[process]
        ending = ending or {"state": "crash"}
        result = self._result(plan.question, ending, time.monotonic() - began)
        if ending["state"] in ("timeout", "crash"):
            process.end()
            del running[process]
            if waiting:
                process = _Process(self.handout)
                process.tell(endings)
        if process in running or waiting:
            self._next(process, running, waiting)
        return plan, result

    def _result(self, question, ending, seconds):
        ending = dict(ending)
        if ending.get("kind") == "FileNotFoundError":
            absent = [name for name in self.handout.extra_files if name in ending["message"]]
            if absent and not (self.handout.folder / absent[0]).exists():
                ending = {"state": "absent", "message": absent[0]}
        where = ending.get("where")
        return Result(
            question=question,
            state=ending["state"],
            message=ending.get("message", ""),
            kind=ending.get("kind", ""),
            where=tuple(where) if where else None,
            printed=ending.get("printed", ""),
            mistake=ending.get("mistake"),
            fingerprints=tuple(ending.get("fingerprints", ())),
            check=ending.get("check", 0),
            seconds=round(seconds, 3),
        )


class _Process:
    """A worker, and the thread that listens to it."""

    def __init__(self, handout):
        environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[name] = "1"  # the questions are small, and several run at a time
        self._answers = [cell.id for lesson in handout.lessons for cell in lesson.having("answer")]
        self._handout = handout
        self._process = subprocess.Popen(
            # -B: what is compiled here isn't kept, where an edit within a second could meet it.
            [sys.executable, "-B", "-m", f"{handout.package}.self_check.worker"],
            cwd=handout.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def tell(self, endings):
        """Begin to put (self, ending) into a queue; the ending is None when the process died."""
        self._send(
            {
                "folder": str(self._handout.folder),
                "files": self._handout.student_files,
                "answers": self._answers,
            }
        )
        threading.Thread(target=self._listen, args=(endings,), daemon=True).start()

    def ask(self, plan, seconds):
        """Let it run one question."""
        units = [[unit.label, unit.source, unit.line] for unit in plan.units]
        job = {"question": plan.question, "units": units, "source": plan.source}
        self._send({**job, "seconds": seconds})

    def end(self):
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # it died with something unread
                pipe.close()

    def _send(self, message):
        with contextlib.suppress(OSError, ValueError):  # it died; whoever listens is told
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, endings):
        with contextlib.suppress(ValueError):  # closed, or died in the middle of a line
            for line in self._process.stdout:
                endings.put((self, json.loads(line)))
        endings.put((self, None))


def _lost_names(lesson, answers):
    """Return what the answer cells would bind that aren't in the notebook: {name: what to do}."""
    lost = {}
    for cell in lesson.having("answer"):
        if cell.id not in answers:
            why = (
                f"The cell {cell.id} is missing in {lesson.file}. Take it from the handed out one."
            )
            lost.update(dict.fromkeys(whole(cell.source, cell.id).binds, why))
    return lost
