"""Measures processor time of all processes, the living and the dead, with a control group."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType


class Meter:
    """A clock that shows CPU seconds of this process and all that it starts.

    Making a control group takes root; without, or without control groups, it shows the time of day.
    """

    def __init__(self) -> None:
        self.unit = "s of the clock"
        self._group: Path | None = None
        self._before = ""

    def __enter__(self) -> Meter:
        for place in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
            group = place / f"bench-{os.getpid()}"
            try:
                group.mkdir()
                self._enter(group)
            except OSError:
                if group.is_dir():
                    group.rmdir()
                continue
            self._group, self.unit = group, "CPU s"
            break
        return self

    def _enter(self, group: Path) -> None:
        (group / "cpu.stat").read_text()
        (group / "cgroup.procs").write_text(str(os.getpid()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._group:
            (self._group.parent / "cgroup.procs").write_text(str(os.getpid()))
            end = time.monotonic() + 5  # something in it may just be ending
            while (self._group / "cgroup.procs").read_text() and time.monotonic() < end:
                time.sleep(0.1)
            with suppress(OSError):
                self._group.rmdir()

    def seconds(self) -> float:
        """Return what has been used since some moment."""
        if not self._group:
            return time.monotonic()
        return int((self._group / "cpu.stat").read_text().split()[1]) / 1e6
