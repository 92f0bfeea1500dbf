"""IPython without a kernel: cells run as in Jupyter, and their outputs become frames.

`prepare` makes the shell in the warm process, where it runs nothing; every notebook process starts
with a copy of it. Text is collected and sent when something else follows, when it is much, or when
the last sending is a while ago, so that an endless loop still shows what it printed.
"""

from __future__ import annotations

import ast
import base64
import builtins
import contextlib
import ctypes
import io
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from types import CodeType
from typing import Any, NoReturn

import numpy as np
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from pygments.lexer import RegexLexerMeta
from traitlets import Instance
from traitlets.config import Config as IPythonConfig

from . import plain, sealed, wire
from .files import Files
from .probes import Desk, Probe

Header = dict[str, Any]
_SEND_BYTES, _SEND_SECONDS = 1 << 16, 0.05
_FRAME_BYTES = 100  # what a frame counts besides its text
_KINDS = ("text/plain", "image/png")
_LIBRARY = ctypes.CDLL(None)
_TRACEBACK_BYTES, _MESSAGE = 100_000, 4000


class Recorder:
    """Sends the outputs of the step that runs, in order and up to a number of bytes.

    Between steps, when only threads that a step left behind can write, text is kept for the next
    step and everything else is dropped.
    """

    def __init__(self, channel: socket.socket, trap: int) -> None:
        self._channel = channel
        self._trap = trap
        self._lock = threading.RLock()
        self._step = -1
        self._running = False
        self._cut = False
        self._left = self._late_errors = 0
        self._text: list[str] = []
        self._text_name = ""
        self._text_size = 0
        self._sent_at = 0.0

    def begin(self, step: int, output_bytes: int) -> None:
        """Start to record another step."""
        with self._lock:
            self._step, self._left, self._sent_at = step, output_bytes, 0.0
            self._late_errors, self._cut = 3, False
            self._running = True

    def end(self, header: Header) -> None:
        """Send what is collected, then the frame that ends the step."""
        with self._lock:
            self.flush()
            self.send(header)
            self._running = False

    def stream(self, name: str, text: str) -> None:
        """Record text."""
        with self._lock:
            self._collect_c_output()
            self._add_text(name, text)

    def rich(self, kind: str, parts: dict[str, Any], **more: Any) -> None:
        """Record an output with several representations, of which text and PNG are kept."""
        data = {key: encoded for key in _KINDS if (encoded := _encode(key, parts.get(key)))}
        if parts and not data:
            return
        with self._lock:
            self.flush()
            self._left -= _FRAME_BYTES + sum(map(len, data.values()))
            if self._has_room():
                self.send({"kind": kind, **more}, data)

    def error(self, parts: dict[str, bytes]) -> None:
        """Record a traceback; the last ones are kept however much there was before."""
        with self._lock:
            self.flush()
            self._left -= sum(map(len, parts.values()))
            self._late_errors -= self._left < 0
            if self._late_errors > 0:
                self.send({"kind": "error"}, parts)

    def flush(self) -> None:
        """Send what is collected."""
        with self._lock:
            self._collect_c_output()
            self._send_text()

    def send(self, header: Header, parts: dict[str, bytes] | None = None) -> None:
        """Send one frame of this step."""
        parts = parts or {}
        if not self._running:
            return
        header = {**header, "step": self._step}
        header["parts"] = [[name, len(data)] for name, data in parts.items()]
        with self._lock:
            wire.send(self._channel, header, list(parts.values()))

    def _add_text(self, name: str, text: str) -> None:
        if not text or not self._has_room():
            return
        if name != self._text_name:
            self._send_text()
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        if size > self._left:
            text = text[: self._left]
        self._left -= size
        self._text_name = name
        self._text.append(text)
        self._text_size += len(text)
        late = text.endswith("\n") and time.monotonic() - self._sent_at > _SEND_SECONDS
        if late or self._text_size >= _SEND_BYTES or self._left < 0:
            self._send_text()
            self._sent_at = time.monotonic()
            self._has_room()

    def _send_text(self) -> None:
        if self._text and self._running:
            data = "".join(self._text).encode("utf-8", "replace")
            self._text, self._text_size = [], 0
            self._left -= _FRAME_BYTES
            self.send({"kind": "stream", "name": self._text_name}, {"text": data})

    def _has_room(self) -> bool:
        """Say whether the step may put out more; the first time that it may not, say so to all."""
        if self._left < 0 and not self._cut:
            self._cut = True
            self._send_text()
            self.send({"kind": "truncated"})
        return self._left >= 0

    def _collect_c_output(self) -> None:
        """Take over what was written to descriptors 1 and 2 behind Python's back."""
        with contextlib.suppress(OSError):
            _LIBRARY.fflush(None)
            size = os.fstat(self._trap).st_size
            if size:
                data = os.pread(self._trap, min(size, max(self._left, 0) + 1), 0)
                os.ftruncate(self._trap, 0)
                os.lseek(self._trap, 0, os.SEEK_SET)
                self._add_text("stdout", data.decode("utf-8", "replace"))


class Stream(io.TextIOBase):
    """What `sys.stdout` and `sys.stderr` are in a cell."""

    encoding = "UTF-8"
    errors = "replace"

    def __init__(self, recorder: Recorder, name: str, descriptor: int) -> None:
        self._recorder = recorder
        self._descriptor = descriptor
        self.name = name

    def write(self, text: str) -> int:
        """Record text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def isatty(self) -> bool:
        """Say no."""
        return False

    def fileno(self) -> int:
        """Return the descriptor that C code would use."""
        return self._descriptor


class _Publisher(DisplayPublisher):  # type: ignore[misc]
    recorder: Recorder

    def publish(
        self,
        data: Header,
        metadata: Any = None,
        *,
        transient: Any = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Record what `display` shows."""
        identity = str((transient or {}).get("display_id") or "")[:100]
        self.recorder.rich("update" if update else "display", data, display=identity)

    def clear_output(self, wait: bool = False) -> None:
        """Forget this cell's outputs, now or before the next one."""
        self.recorder.rich("clear", {}, wait=bool(wait))


class _Hook(DisplayHook):  # type: ignore[misc]
    recorder: Recorder

    def start_displayhook(self) -> None:
        """Print nothing."""

    def write_output_prompt(self) -> None:
        """Print nothing."""

    def write_format_data(self, format_dict: Header, md_dict: Any = None) -> None:
        """Record the value of a cell's last line."""
        self.recorder.rich("result", format_dict, count=self.prompt_count)

    def finish_displayhook(self) -> None:
        """Print nothing."""


class _Known(ast.Pass):
    """Stands for the statements of a cell whose code is known."""

    def __init__(self, codes: list[CodeType]) -> None:
        super().__init__()
        self.codes = codes


class _Compiler(CachingCompiler):  # type: ignore[misc]
    known: tuple[str, list[CodeType]] = ("", [])  # a cell with its code

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Name a cell as a kernel does; what warnings and tracebacks show depends on it."""
        return plain.file_name(raw_code)

    def ast_parse(self, source: str, *how: Any, **more: Any) -> ast.AST:
        """Parse a cell, unless its code is known."""
        if source == self.known[0]:
            return ast.Module([_Known(self.known[1])], [])
        tree: ast.AST = super().ast_parse(source, *how, **more)
        return tree


class Transformers(TransformerManager):  # type: ignore[misc]
    """Translates magics; plain Python, of which IPython would change nothing, at once."""

    plain = ""  # the last cell that was plain Python

    def transform_cell(self, cell: str) -> str:
        """Return a cell as Python, by IPython's own slow way only where it may matter."""
        text = plain.with_end(cell)
        if text != self.plain and not _is_plain(cell):
            return str(super().transform_cell(cell))
        self.plain = text
        return text


class _Shell(InteractiveShell):  # type: ignore[misc]
    compiler_class = _Compiler
    displayhook_class = _Hook
    display_pub_class = _Publisher
    input_transformer_manager = Instance(Transformers, ())
    recorder: Recorder

    def should_run_async(self, *cell: Any, **more: Any) -> bool:
        """Say whether a cell has to wait for something; plain Python has not."""
        is_plain = more.get("transformed_cell") == self.input_transformer_manager.plain
        return not is_plain and bool(super().should_run_async(*cell, **more))

    async def run_ast_nodes(self, nodelist: list[ast.stmt], *how: Any, **more: Any) -> Any:
        """Run a cell: its code where that is known, else its statements, which are compiled."""
        match nodelist:
            case [_Known(codes=codes)]:
                for code in codes:
                    if await self.run_code(code, more["result"]):
                        return True
                return False
        return await super().run_ast_nodes(nodelist, *how, **more)

    def know(self, cell: str, codes: list[CodeType]) -> None:
        """Take it that a cell is plain Python, and that this is its code."""
        text = plain.with_end(cell)
        self.input_transformer_manager.plain, self.compile.known = text, (text, codes)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        text = "\0".join(stb)[:_TRACEBACK_BYTES]
        parts = {"name": etype.__name__, "value": describe(evalue)[:_MESSAGE], "traceback": text}
        encoded = {key: value.encode("utf-8", "replace") for key, value in parts.items()}
        self.recorder.error(encoded)

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no screen."""

    def ask_exit(self) -> None:
        """Leave as `sys.exit` would."""
        raise SystemExit


def prepare() -> None:
    """Make the shell, and run an empty cell, so that what the first one needs is there."""
    config = IPythonConfig()
    config.HistoryManager.enabled = False
    shell = _Shell.instance(config=config)
    shell.separate_in = ""
    import matplotlib_inline.backend_inline  # noqa: F401 - hooks itself into the shell

    shell.run_cell("pass", silent=True)
    _share_lexers()
    try:
        _leave()
    except SystemExit:
        shell.InteractiveTB.structured_traceback(*sys.exc_info(), tb_offset=0)


def _share_lexers() -> None:
    """Let the lexer that is derived for each frame of a traceback use its parent's tables.

    To make them anew takes most of the time of formatting a traceback; the result is the same.
    """
    make: Callable[..., Any] = RegexLexerMeta.process_tokendef

    def take_or_make(cls: Any, name: str, definitions: Any = None) -> Any:
        parent = cls.__mro__[1]
        if name or "tokens" in vars(cls) or "_tokens" not in vars(parent):
            return make(cls, name, definitions)
        cls._all_tokens = parent._all_tokens
        return parent._tokens

    RegexLexerMeta.process_tokendef = take_or_make


class Interpreter:
    """Runs the steps of one notebook, with `files` in its working folder."""

    def __init__(
        self, channel: socket.socket, config: Header, work: str, files: Files, trap: int
    ) -> None:
        self._shell = _Shell.instance()
        self._work = work
        self._config = config
        self._recorder = Recorder(channel, trap)
        for user in (self._shell, self._shell.displayhook, self._shell.display_pub):
            object.__setattr__(user, "recorder", self._recorder)
        self._streams = Stream(self._recorder, "stdout", 1), Stream(self._recorder, "stderr", 2)
        sys.stdout, sys.stderr = self._streams
        builtins.input = _no_input
        for name in ("exit", "quit"):
            self._shell.user_ns[name] = _leave
            setattr(builtins, name, _leave)
        # Taken now: a step may put anything in the place of these functions.
        self._seeders = random.seed, lambda seed, plant=np.random.seed: plant(seed % (1 << 32))
        self._undoers = (
            partial(np.set_printoptions, **np.get_printoptions()),
            partial(np.seterr, **np.geterr()),
            partial(sys.settrace, None),
            partial(sys.setprofile, None),
            partial(sys.setrecursionlimit, sys.getrecursionlimit()),
            partial(signal.setitimer, signal.ITIMER_REAL, 0),
            _forget_warnings_that_raise,
            files.restore,
            partial(os.chdir, work),
        )
        self.end = self._recorder.end

    def run_step(self, header: Header, source: str, code: bytes, inputs: Sequence[int]) -> Header:
        """Run one step and say how it ended; `inputs` are descriptors of arrays."""
        self._recorder.begin(header["index"], self._config["output_bytes"])
        sys.stdout, sys.stderr = self._streams  # whatever an earlier step put there
        if header["question"]:
            self._tidy(header["seed"])
            self._bind_probes(header, inputs)
        self._shell.execution_count = header["index"] + 1
        if code:
            self._shell.know(source, plain.load(code))
        result = self._shell.run_cell(source, store_history=True)
        return self._ending(result.error_before_exec or result.error_in_exec)

    def _tidy(self, seed: int) -> None:
        """Undo, before a question, what earlier cells may have changed for the whole process."""
        for undo in (*(partial(plant, seed) for plant in self._seeders), *self._undoers):
            with contextlib.suppress(Exception):  # it goes on with what can't be undone
                undo()

    def _bind_probes(self, header: Header, inputs: Sequence[int]) -> None:
        described = zip(header["inputs"], inputs, strict=True)
        arrays = {name: (number, dtype, shape) for (name, dtype, shape), number in described}

        def hand_out(described: Header, data: bytes) -> None:
            self._recorder.send(described, {"value": data})

        def fetch(name: str) -> np.ndarray:
            return sealed.unseal(*arrays[name])

        desk = Desk(hand_out, self._config["value_bytes"], header["seed"], fetch)
        self._shell.user_ns["probe"] = Probe(desk)
        self._shell.user_ns["assert_close"] = desk.assert_close

    def _ending(self, error: BaseException | None) -> Header:
        if error is None:
            return {"ending": "ok"}
        file, line = self._place(error)
        failure = {
            "name": type(error).__name__[:200],
            "message": describe(error, is_placed=bool(file))[:_MESSAGE],
            "file": file,
            "line": line,
        }
        return {
            "ending": "memory" if isinstance(error, MemoryError) else "error",
            "failure": failure,
        }

    def _place(self, error: BaseException) -> tuple[str, int]:
        """Return the innermost of the student's files in the traceback, and the line there."""
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(f"{self._work}/"):
            return str(error.filename)[len(self._work) + 1 :][:500], int(error.lineno or 0)
        for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
            name = frame.f_code.co_filename
            if name.startswith(f"{self._work}/"):
                return name[len(self._work) + 1 :][:500], line
        return "", 0


def _is_plain(cell: str) -> bool:
    """Say whether a cell is plain Python that Python doesn't warn of.

    `catch_warnings` would make Python show again what it has shown once.
    """
    filters, warnings.filters = warnings.filters, [("error", None, Warning, None, 0)]
    try:
        return plain.is_plain(cell)
    finally:
        warnings.filters = filters


def _forget_warnings_that_raise() -> None:
    warnings.filters = [row for row in warnings.filters if row[0] != "error"]


def describe(error: BaseException, *, is_placed: bool = False) -> str:
    """Return the message of an exception, which may refuse.

    A syntax error names its place in its words; where that is known, it is left out.
    """
    try:
        return str(error.msg if is_placed and isinstance(error, SyntaxError) else error)
    except Exception:
        return "(its message can't be shown)"


def _encode(kind: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return b""
    if kind == "image/png":
        with contextlib.suppress(ValueError):
            return base64.b64decode(value)
        return b""
    return value.encode("utf-8", "replace")


def _no_input(*_: Any) -> NoReturn:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _leave(*_: Any) -> NoReturn:
    raise SystemExit
