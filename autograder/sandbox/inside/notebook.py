"""The process that runs one notebook: it walls itself in, receives files, and answers step by step.

The code of a step arrives when the one before has been answered, so that no step can read the text
of a later one. Every frame that is sent carries the number of its step. All of this process is the
student's from the first step on: what it sends proves nothing about how it was made.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

from . import files, walls, wire

if TYPE_CHECKING:
    from .shell import Interpreter

Config = dict[str, Any]
OUT_OF_MEMORY = 77  # exit status
_ANY_SIZE = (1 << 32) - 1


def run(channel: socket.socket, config: Config, built: walls.Walls) -> NoReturn:
    """Run to the end of the process."""
    status = 1
    try:
        _keep_only(channel)
        try:
            interpreter = _get_ready(channel, config, built)
        except Exception as error:
            wire.send(channel, {"kind": "broken", "message": f"{type(error).__name__}: {error}"})
            raise
        _serve(channel, interpreter)
        status = 0
    except wire.ClosedError:
        status = 0  # the grader needs no more
    except MemoryError:
        status = OUT_OF_MEMORY
    except Exception:
        traceback.print_exc()  # to the warm process's log, before descriptors are closed
    finally:
        os._exit(status)


def _serve(channel: socket.socket, interpreter: Interpreter) -> None:
    """Run steps until the grader has no more."""
    wire.send(channel, {"kind": "loaded"})
    while True:
        header, body = wire.receive(channel, _ANY_SIZE, _ANY_SIZE)
        inputs = wire.receive_descriptors(channel, len(header["inputs"]))
        source, code = body[: header["source"]], body[header["source"] :]
        ending = interpreter.run_step(header, source.decode(), bytes(code), inputs)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        interpreter.end({"kind": "done", "memory": peak, **ending})


def _get_ready(channel: socket.socket, config: Config, built: walls.Walls) -> Interpreter:
    """Build the walls, write the files, make the shell; none of the student's code runs yet."""
    scratch = _scratch(config)
    trap = os.memfd_create("output", os.MFD_CLOEXEC)  # what C code writes
    os.set_inheritable(trap, False)
    os.dup2(trap, 1)
    os.dup2(trap, 2)
    walls.confine(built, config, scratch)
    wire.send(channel, {"kind": "ready", "walls": built.standing, "missing": built.missing})
    header, body = wire.receive(channel, _ANY_SIZE, _ANY_SIZE)
    work = f"{scratch}/notebook"
    for name in ("home", "notebook"):
        os.mkdir(f"{scratch}/{name}", 0o700)  # noqa: PTH102
    written = files.Files(work, header["files"], memoryview(body))
    os.chdir(work)
    sys.path.insert(0, work)
    from . import shell

    return shell.Interpreter(channel, config, work, written, trap)


def _keep_only(channel: socket.socket) -> None:
    """Close every descriptor but this socket; standard input becomes empty."""
    empty = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(empty, number)
    os.closerange(3, channel.fileno())
    os.closerange(channel.fileno() + 1, os.sysconf("SC_OPEN_MAX"))


def _scratch(config: Config) -> str:
    """Return the one folder that the notebook may write to; a fresh /tmp where possible."""
    if config["own_tmp"]:
        scratch = "/tmp"  # noqa: S108
    else:
        scratch = f"{config['home']}/{config['name']}"
        os.mkdir(scratch, 0o700)  # noqa: PTH102
    os.environ.update(HOME=f"{scratch}/home", TMPDIR=scratch)
    return scratch


def remove_scratch(config: Config) -> None:
    """Delete what a notebook left where it had no /tmp of its own."""
    if not config["own_tmp"]:
        shutil.rmtree(f"{config['home']}/{config['name']}", ignore_errors=True)
