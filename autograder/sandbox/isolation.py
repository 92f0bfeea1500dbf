"""Finds out what walls this machine lets us build, by building them once in throw-away processes.

Three things must be shut off for each notebook: the network, other files, other processes. Each of
them can be shut off by namespaces, and by landlock or the filter of system calls as well; both are
used where they exist.
"""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass

from autograder.model import Limits

from .conversation import NotebookProcess
from .launch import Recipe, SandboxError, WarmProcess


@dataclass(frozen=True)
class Layer:
    """One wall: what it gives, and what to do where it is missing."""

    name: str
    available: bool
    gives: str
    remedy: str = ""


@dataclass(frozen=True)
class Isolation:
    """The walls that this machine offers; `view` says who hides the files from the warm process."""

    layers: tuple[Layer, ...]
    view: str = "none"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the walls that stand around a notebook."""
        return tuple(layer.name for layer in self.layers if layer.available)

    @property
    def sufficient(self) -> bool:
        """Whether network, files and processes are shut off for each notebook."""
        names = set(self.names)
        if self.view == "none":
            return {"landlock", "seccomp", "limits", "unprivileged"} <= names
        files = names & {"namespaces", "landlock"}
        others = names & {"namespaces", "seccomp"}
        return bool(files and others and {"limits", "unprivileged"} <= names)

    def explain(self) -> str:
        """Say for people what there is, what is missing, and how to get it."""
        lines = []
        for layer in self.layers:
            lines.append(f"{'yes' if layer.available else 'no ':3}  {layer.name}: {layer.gives}")
            if not layer.available and layer.remedy:
                lines.append(f"     {layer.remedy}")
        if self.sufficient:
            lines.append("Submissions can be graded safely on this machine.")
        else:
            lines.append(
                "Not enough to run untrusted code: network, files and processes must be shut off."
            )
        return "\n".join(lines)


_GIVES = {
    "bubblewrap": "the warm process sees Python and nothing else",
    "private view": "the warm process sees Python and nothing else, without bubblewrap",
    "namespaces": "each notebook has its own network, processes and small /tmp",
    "landlock": "each notebook can write to its own folder only, and read Python only",
    "unprivileged": "notebooks have no rights of root",
    "limits": "memory, processes, file sizes and CPU time are limited",
    "seccomp": "no sockets, no new processes, no tracing, no system administration",
}
_REMEDIES = {
    "bubblewrap": "Install it: apt install bubblewrap (or dnf, pacman). A private view serves too.",
    "private view": "",
    "namespaces": "Allow them: sysctl kernel.unprivileged_userns_clone=1 and "
    "kernel.apparmor_restrict_unprivileged_userns=0; in Docker: --security-opt seccomp=unconfined.",
    "landlock": "Use Linux 5.13 or newer with landlock among the security modules (lsm= at boot).",
    "unprivileged": "Run as an ordinary user.",
    "limits": "Raise the limits of this shell: ulimit -a.",
    "seccomp": "Use an x86_64 or aarch64 machine whose kernel has seccomp filters.",
}


def detect(bubblewrap: bool = True, namespaces: bool = True) -> Isolation:
    """Build each wall once in a throw-away process and report which of them stand.

    With `bubblewrap` or `namespaces` false, as on a machine without them.
    """
    if platform.system() != "Linux":
        remedy = "Grading runs on Linux, in WSL on Windows, or in a Linux container."
        return Isolation((Layer("Linux", False, "walls around student code", remedy),))
    views = [("bubblewrap", "bubblewrap")] if bubblewrap and shutil.which("bwrap") else []
    views = [*views, ("own", "private view")] if namespaces else []
    views += [("none", "")]
    failures: dict[str, str] = {}
    for view, name in views:
        try:
            standing, missing = _try(view, namespaces)
        except SandboxError as error:
            failures[name] = str(error)
            continue
        return _describe(view, name, standing, {**failures, **missing})
    return _describe("none", "", (), failures)


def _try(view: str, namespaces: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    warm = WarmProcess(Recipe(view, trial=True, namespaces=namespaces))
    try:
        process = NotebookProcess(warm, Limits())
        process.close()
    finally:
        warm.close()
    return process.walls, process.missing


def _describe(
    view: str, view_name: str, standing: tuple[str, ...], failures: dict[str, str]
) -> Isolation:
    there = {view_name, *standing}
    layers = []
    for name, gives in _GIVES.items():
        if name == "private view" and view == "bubblewrap":
            continue
        why = f" ({failures[name]})" if name in failures else ""
        layers.append(Layer(name, name in there, gives, _REMEDIES[name] + why))
    return Isolation(tuple(layers), view)
