"""What threads that grade side by side share: values that are made once, and lessons to run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from autograder.model import Run
from autograder.sandbox import Sandbox


class Kept:
    """Values that threads share: each is made once, by the thread that first asks for it."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value of `key`; who comes while it is being made waits for it."""
        future, is_first = self._claim(key)
        if is_first:
            self._make(key, future, make)
        return future.result()

    def get_all(self, makers: Mapping[Any, Callable[[], Any]]) -> list[Any]:
        """Return the values of all keys; threads that come at the same time share the making."""
        for key, make in makers.items():
            future, is_first = self._claim(key)
            if is_first:
                self._make(key, future, make)
        return [self.get(key, make) for key, make in makers.items()]

    def _claim(self, key: Hashable) -> tuple[Future[Any], bool]:
        """Return the future of a value, and whether it is the caller who has to make it."""
        with self._lock:
            is_first = key not in self._values
            return self._values.setdefault(key, Future()), is_first

    def _make(self, key: Hashable, future: Future[Any], make: Callable[[], Any]) -> None:
        try:
            future.set_result(make())
        except BaseException as problem:
            future.set_exception(problem)
            with self._lock:
                self._values.pop(key, None)  # who comes next tries again
            raise


class Lessons:
    """Lessons that each thread may run, in a sandbox of its own."""

    def __init__(self, lessons: Mapping[str, Callable[[Sandbox], Run]]) -> None:
        self._lessons = lessons
        self._kept = Kept()

    def run(self, sandbox: Sandbox) -> dict[str, Run]:
        """Run those that no other thread has begun, wait for the others, and return all."""
        makers = {name: partial(lesson, sandbox) for name, lesson in self._lessons.items()}
        return dict(zip(makers, self._kept.get_all(makers), strict=True))
