"""The warm process: imports once what is slow, then forks a supervisor for each request.

It has one thread, runs no notebook, and reads nothing but the byte "fork" that comes with the two
sockets of a new notebook: one for the notebook process, one for its supervisor. What it forks
therefore starts from the same clean state every time. It ends when the grader closes the socket.
"""

from __future__ import annotations

import gc
import io
import os
import shutil
import signal
import socket
from typing import Any

from . import supervisor


def serve(config: dict[str, Any]) -> None:
    """Warm up, say so, and fork until the grader is gone."""
    control = socket.socket(fileno=config["control"])
    os.makedirs(config["home"], mode=0o700, exist_ok=True)  # noqa: PTH103
    os.chdir(config["home"])
    gc.disable()  # what is imported is no garbage
    if not config["trial"]:
        _warm_up()
    gc.collect()
    gc.freeze()  # pages that the collector doesn't touch stay shared after a fork
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    control.sendall(b"w")
    while True:
        try:
            request, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        except InterruptedError:
            continue
        if not request or len(descriptors) != 2:
            break
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            supervisor.run(*(socket.socket(fileno=number) for number in descriptors))
        for number in descriptors:
            os.close(number)
    if config["view"] == "none":  # else it vanishes with the view
        shutil.rmtree(config["home"], ignore_errors=True)
    os._exit(0)


def _warm_up() -> None:
    """Import, render a throw-away figure and format a throw-away traceback; leave no state."""
    import matplotlib.pyplot  # noqa: F401
    import numpy.random  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from . import shell

    figure = Figure()
    axes = figure.add_subplot(title="a", xlabel="$x$")
    axes.plot([1.0, 2.0], label="b")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())
    shell.prepare()
