"""One sandbox per test process, and a short way to run code in it."""

import pytest
from sandbox_ways import WAYS

from autograder.model import Limits, Program, Step
from autograder.sandbox import Sandbox, compiled, detect


class Runner:
    """Runs pieces of code as the steps of one program."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def program(
        self,
        *sources,
        files=None,
        question=None,
        replay=True,
        seed=0,
        inputs=None,
        is_given=False,
        **limits,
    ):
        """Run `sources` as steps s0, s1, ... and return the Run."""
        limits = {"step_cpu_seconds": 5, "step_wall_seconds": 10, **limits}
        steps = tuple(
            Step(
                f"s{index}",
                source,
                question,
                replay,
                seed,
                inputs or {},
                compiled(source) if is_given else b"",
            )
            for index, source in enumerate(sources)
        )
        return self.sandbox.run(Program(files or {}, steps, Limits(**limits)))

    def steps(self, *sources, **options):
        """Run `sources` and return their outcomes."""
        return self.program(*sources, **options).outcomes

    def step(self, source, **options):
        """Run one step and return its outcome."""
        return self.steps(source, **options)[0]

    def text(self, source, **options):
        """Run one step, which must end well, and return what it printed."""
        outcome = self.step(source, **options)
        assert outcome.ending == "ok", outcome
        return "".join(output["text"] for output in outcome.outputs)


@pytest.fixture(scope="session")
def sandbox():
    """The sandbox as this machine offers it."""
    with Sandbox(detect()) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def run(sandbox):
    """Runs code in the session's sandbox."""
    return Runner(sandbox)


@pytest.fixture(scope="session", params=WAYS.values(), ids=WAYS)
def way(request):
    """Arguments of `detect`, for each kind of sandbox in turn."""
    return request.param


@pytest.fixture(scope="session")
def everywhere(way):
    """Runs code in each kind of sandbox in turn."""
    with Sandbox(detect(**way)) as sandbox:
        yield Runner(sandbox)
