"""How programs run: order, limits, replay, state, and what is said about it."""

import pytest

from autograder.model import CourseError, Ending, Limits, Program, Step
from autograder.sandbox import Isolation, Layer, Sandbox, detect


def printed(outcome):
    """Return all text of an outcome."""
    return "".join(output.get("text", "") for output in outcome.outputs)


def test_each_step_has_one_outcome_in_order_with_the_walls_named(run):
    """A run says of each step how it ended and what it cost, and which walls stood."""
    result = run.program("x = 1", "x += 1; sum(range(10**6))", "print(x)")
    assert [outcome.id for outcome in result.outcomes] == ["s0", "s1", "s2"]
    assert printed(result.outcomes[2]) == "2\n"
    assert result.outcomes[1].cpu_seconds > 0.005
    assert result.layers == run.sandbox.layers
    assert {"landlock", "seccomp", "limits", "unprivileged"} <= set(result.layers)
    assert 20e6 < result.peak_memory_bytes < 1e9


def test_peak_memory_counts_what_a_step_used(run):
    """The peak of a run with a large array is at least the size of the array."""
    assert run.program("import numpy as np; np.ones(25_000_000)").peak_memory_bytes > 200e6


def test_on_step_is_called_as_each_step_begins(sandbox):
    """Progress can be shown; a replay isn't reported."""
    steps = (Step("a", "1", replay=True), Step("b", "import os; os._exit(1)"), Step("c", "1"))
    seen = []
    sandbox.run(Program({}, steps), seen.append)
    assert seen == list(steps)


def test_the_files_of_a_program_can_be_read_and_imported(everywhere):
    """They lie in the working folder, which is first on the import path."""
    files = {"pack/__init__.py": b"", "pack/m.py": b"y = 7", "a/b/data.bin": bytes(range(256))}
    source = (
        "from pack.m import y; print(y, open('a/b/data.bin', 'rb').read() == bytes(range(256)))"
    )
    assert everywhere.text(source, files=files) == "7 True\n"


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", "a\0b"])
def test_a_file_outside_the_working_folder_is_refused(sandbox, name):
    """Intake never lets such names through; the sandbox doesn't rely on it."""
    with pytest.raises(ValueError, match="can't be called"):
        sandbox.run(Program({name: b""}, ()))


def test_modules_are_imported_late(everywhere):
    """Modules that the warm process didn't load can be imported behind all walls."""
    source = "import wave, sqlite3, numpy.polynomial, mpl_toolkits.mplot3d; print(1)"
    assert everywhere.text(source) == "1\n"


def test_a_module_of_the_submission_may_have_any_name(run):
    """A student's file that is called as one of ours, or as numpy, hurts nobody but its own."""
    files = {"shell.py": b"z = 3", "probes.py": b"", "numpy.py": b"", "json.py": b"1/0"}
    assert run.text("import shell; print(shell.z)", files=files) == "3\n"


def test_only_replay_steps_that_had_ended_run_again_and_their_outputs_stay_single(run):
    """After a crash the state is that of the replay steps before it."""
    steps = (
        Step("setup", "print('once'); x = 1", replay=True),
        Step("answer", "x += 1\n1/0", replay=True),
        Step("question", "x = 100"),
        Step("crash", "import os; os._exit(1)", replay=True),
        Step("last", "print(x)"),
    )
    outcomes = run.sandbox.run(Program({}, steps)).outcomes
    assert [o.ending for o in outcomes] == ["ok", "error", "ok", "crash", "ok"]
    assert [printed(o) for o in outcomes] == ["once\n", "", "", "", "2\n"]


def test_a_replay_step_that_kills_the_second_process_is_left_out(run, monkeypatch):
    """A step that works once only does not keep the rest from running."""
    from autograder.sandbox.runner import _Execution

    replayed = []
    whole = _Execution._run_step

    def note(self, index, step):
        replayed.append(step.id)
        if replayed.count(step.id) == 2 and step.id == "once":
            step = Step("once", "import os; os._exit(1)")
        return whole(self, index, step)

    monkeypatch.setattr(_Execution, "_run_step", note)
    steps = (
        Step("setup", "x = 1", replay=True),
        Step("once", "x = 2", replay=True),
        Step("crash", "import os; os._exit(1)"),
        Step("last", "print(x)"),
    )
    outcomes = run.sandbox.run(Program({}, steps)).outcomes
    assert replayed == ["setup", "once", "crash", "setup", "once", "setup", "last"]
    assert printed(outcomes[3]) == "1\n"


def test_when_the_notebook_s_time_is_used_up_the_rest_is_skipped(run):
    """Steps that never ran say so."""
    loop = "while True: pass"
    outcomes = run.steps(loop, loop, loop, "1", step_cpu_seconds=0.3, notebook_cpu_seconds=0.5)
    assert [o.ending for o in outcomes] == ["timeout", "timeout", "skipped", "skipped"]
    assert "used up" in outcomes[3].failure.message


def test_the_wall_time_of_a_notebook_is_limited(run):
    """Sleeping uses up the notebook's time, too."""
    sleep = "import time; time.sleep(0.5)"
    outcomes = run.steps(sleep, sleep, sleep, notebook_wall_seconds=0.7)
    assert [o.ending for o in outcomes] == ["ok", "timeout", "skipped"]


def test_the_text_of_a_later_step_is_not_in_the_process(run):
    """Hidden checks arrive when everything before them has been answered."""
    search = """
import gc, sys
texts = [o for o in gc.get_objects() for o in (o.values() if type(o) is dict else [])
         if isinstance(o, (str, bytes, bytearray)) and len(o) < 10**6]
needle = 'hidden' + '_needle'
print(sum(needle in o if isinstance(o, str) else needle.encode() in o for o in texts))
"""
    first, _ = run.steps(search, "hidden_needle = 1")
    assert printed(first) == "0\n"


def test_a_question_step_starts_with_clean_process_state(run):
    """Global seeds, numpy's options and the working folder are as a fresh process has them."""
    dirt = (
        "import numpy as np, os, random, sys, io\n"
        "np.seterr(all='raise'); np.set_printoptions(precision=1); os.chdir('/tmp')\n"
        "np.random.seed(1); random.seed(1); sys.stdout = io.StringIO()"
    )
    check = "print(np.geterr()['over'], np.array([1.23456]), os.path.basename(os.getcwd()))"
    check += "\nprint(np.random.rand(), random.random())"
    _, one = run.steps(dirt, check, question="q", seed=5)
    _, two = run.steps("import numpy as np, random, os", check, question="q", seed=5)
    assert printed(one) == printed(two)
    assert printed(one).startswith("warn [1.23456] notebook\n")


def test_an_empty_program_is_no_trouble(run):
    """No steps, no outcomes."""
    assert run.program().outcomes == ()


def test_a_dead_warm_process_is_replaced_once(run):
    """A sandbox that broke between programs is restarted without a word."""
    run.text("print(1)")
    run.sandbox._warm._process.kill()
    assert run.text("print(2)") == "2\n"


def test_a_sandbox_that_keeps_breaking_is_our_fault(sandbox, monkeypatch):
    """The outcome is BROKEN, never the student's."""
    from autograder.sandbox import runner

    def fail(*_):
        raise runner.SandboxError("no such thing")

    monkeypatch.setattr(sandbox, "fork", fail)
    outcomes = sandbox.run(Program({}, (Step("a", "1"), Step("b", "1")))).outcomes
    assert [o.ending for o in outcomes] == [Ending.BROKEN] * 2
    assert "no such thing" in outcomes[0].failure.message


def test_a_machine_without_walls_is_refused_unless_told_otherwise():
    """Grading untrusted code without isolation needs a decision."""
    bare = Isolation((Layer("seccomp", False, "no sockets", "get one"),))
    with pytest.raises(CourseError, match=r"(?s)get one.*--unsafe"):
        Sandbox(bare)
    with Sandbox(bare, unsafe=True) as sandbox:
        outcome = sandbox.run(Program({}, (Step("a", "print(1)"),), Limits())).outcomes[0]
    assert outcome.ending is Ending.OK


def test_other_systems_than_linux_are_refused_with_advice(monkeypatch):
    """Nothing is promised where nothing can be walled in."""
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    isolation = detect()
    assert not isolation.sufficient
    with pytest.raises(CourseError, match="container"):
        Sandbox(isolation, unsafe=True)


def test_the_explanation_names_each_wall_and_the_remedy_for_a_missing_one():
    """`doctor` can print it as it is."""
    text = detect(bubblewrap=False, namespaces=False).explain()
    assert "no   bubblewrap" in text
    assert "apt install bubblewrap" in text
    assert "yes  landlock" in text
    assert "can be graded safely" in text


def test_top_level_await_works(run):
    """As in a kernel, a cell may await."""
    assert run.text("import asyncio\nawait asyncio.sleep(0)\nprint('done')") == "done\n"
