"""Runs given cells with given files under limits; knows nothing of points, answers or nbgrader.

A `Sandbox` keeps one *warm process*, started by exec with a view of the machine that holds Python
and nothing else; several sandboxes, each for one thread, may share it. For each program the warm
process forks a *supervisor*, which makes namespaces and forks the *notebook process*; that one
gives up every right it has, then receives the program's files, then one step at a time, each sent
when the one before has been answered. The supervisor keeps the time and kills. What comes back are
frames of text, PNG and plain numbers, read without trust.

    launch.py         starts the warm process
    conversation.py   talks to one notebook process and its supervisor
    compiling.py      compiles cells that a whole class runs: `compiled`
    reading.py        makes outputs and probes of frames, or says that they are forged
    runner.py         steps, limits, replay after a crash: `Sandbox`
    isolation.py      what this machine offers: `detect`
    selftest.py       tries to escape: `selftest`
    inside/           the code that runs in there

Nothing secret may be given to it: a program holds what a student may know, step by step.
"""

from .compiling import compiled
from .isolation import Isolation, Layer, detect
from .runner import Sandbox
from .selftest import Finding, selftest

__all__ = ["Finding", "Isolation", "Layer", "Sandbox", "compiled", "detect", "selftest"]
