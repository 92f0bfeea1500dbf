"""No process outlives the grader, and the sandbox works for ordinary users as well as for root."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

GRADER = """
    import signal
    import sys
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    from autograder.model import Limits, Program, Step
    from autograder.sandbox import Sandbox, detect
    program = Program({}, (Step("first", "1"), Step("loop", "while True: pass")))
    with Sandbox(detect(**eval(sys.argv[1]))) as sandbox:
        sandbox.run(program, lambda step: print(step.id, flush=True))
"""
ORDINARY_USER = """
    import ctypes, os, sys
    user, group = os.geteuid(), os.getegid()
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    maps = {"setgroups": "deny", "uid_map": f"1000 {user} 1", "gid_map": f"1000 {group} 1"}
    for name, text in maps.items():
        open(f"/proc/self/{name}", "w").write(text)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
HELLO = """
    import os, sys
    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect
    assert os.geteuid() == 1000
    isolation = detect(**eval(sys.argv[1]))
    source = "import wave, socket, matplotlib.pyplot as plt; plt.plot([1]); print('hello')"
    with Sandbox(isolation) as sandbox:
        run = sandbox.run(Program({}, (Step("a", source), Step("b", "socket.socket()"))))
    first, second = run.outcomes
    print(first.ending, first.outputs[0]["text"], second.failure.name, *isolation.names)
"""


def descendants(pid):
    """Return the pids of all processes below this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def alive(pids):
    """Return those of `pids` that still run."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(pid)
    return running


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_the_grader(way, number, tmp_path):
    """Killed, interrupted or ended the grader takes all processes along."""
    command = [sys.executable, "-c", textwrap.dedent(GRADER), str(way)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as grader:
        assert grader.stdout.readline() == b"first\n"
        assert grader.stdout.readline() == b"loop\n"
        time.sleep(0.1)
        processes = descendants(grader.pid)
        assert len(alive(processes)) >= 3  # warm process, supervisor, notebook process
        os.kill(grader.pid, number)
        grader.wait(timeout=10)
    deadline = time.monotonic() + 5
    while alive(processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(processes)
    assert not list(tmp_path.iterdir())


def test_closing_the_sandbox_leaves_no_process():
    """Sandboxes can be opened and closed in one grader many times."""
    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect

    isolation = detect()
    before = descendants(os.getpid())
    with Sandbox(isolation) as sandbox:
        sandbox.run(Program({}, (Step("a", "1"),)))
    assert not alive(descendants(os.getpid()) - before)


def test_an_ordinary_user_has_the_same_walls(way):
    """Nothing here needs root; namespaces are made by user namespaces."""
    command = [sys.executable, "-c", textwrap.dedent(ORDINARY_USER), "-c", textwrap.dedent(HELLO)]
    done = subprocess.run([*command, str(way)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[:3] == ["ok", "hello", "PermissionError"]
    assert {"landlock", "seccomp", "unprivileged", "limits"} <= set(words)
    assert ("namespaces" in words) == way.get("namespaces", True)


def test_sandboxes_work_in_threads_of_one_grader(tmp_path):
    """Each worker thread has its own."""
    from concurrent.futures import ThreadPoolExecutor

    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect

    isolation = detect()

    def work(number):
        with Sandbox(isolation) as sandbox:
            source = f"open('f', 'w').write('{number}'); print(open('f').read())"
            runs = [sandbox.run(Program({}, (Step("a", source),))) for _ in range(5)]
        return {run.outcomes[0].outputs[0]["text"] for run in runs}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [{"0\n"}, {"1\n"}]


def test_closing_a_sandbox_ends_a_run_in_another_thread(way):
    """Whoever stops a class of workers doesn't wait for their endless loops."""
    import threading

    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect

    sandbox, runs, began = Sandbox(detect(**way)), [], threading.Event()
    program = Program({}, (Step("a", "1"), Step("b", "while True: pass")))
    worker = threading.Thread(
        target=lambda: runs.append(
            sandbox.run(program, lambda step: step.id == "b" and began.set())
        ),
        daemon=True,
    )
    before = descendants(os.getpid())
    worker.start()
    assert began.wait(timeout=60)
    time.sleep(0.1)
    start = time.monotonic()
    sandbox.close()
    worker.join(timeout=10)
    assert time.monotonic() - start < 8
    assert [outcome.ending for outcome in runs[0].outcomes][-1] == "broken"
    assert not alive(descendants(os.getpid()) - before)


def test_sandboxes_beside_each_other_share_a_warm_process():
    """Whoever runs two at a time warms up once, and neither sees what the other writes."""
    from concurrent.futures import ThreadPoolExecutor

    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect

    def work(sandbox):
        source = f"open('f', 'a').write('{id(sandbox)}'); print(open('f').read())"
        with sandbox:
            runs = [sandbox.run(Program({}, (Step("a", source),))) for _ in range(5)]
        return {run.outcomes[0].outputs[0]["text"] for run in runs}

    with Sandbox(detect()) as first:
        first.run(Program({}, (Step("a", "1"),)))  # returns when all of it has started
        others = [first.beside() for _ in range(2)]
        before = {pid for pid in descendants(os.getpid()) if is_python(pid)}
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(work, others)) == [{f"{id(other)}\n"} for other in others]
        deadline = time.monotonic() + 5  # a fork of it may take a moment to end
        while new := {pid for pid in descendants(os.getpid()) if is_python(pid)} - before:
            assert time.monotonic() < deadline, f"another warm process was started: {new}"
            time.sleep(0.05)


def test_a_sandbox_goes_on_when_the_one_beside_it_lost_its_warm_process():
    """It makes its own."""
    from autograder.model import Program, Step
    from autograder.sandbox import Sandbox, detect

    program = Program({}, (Step("a", "print(1)"),))
    before = descendants(os.getpid())
    with Sandbox(detect()) as first:
        first.run(program)
        with first.beside() as other:
            for pid in descendants(os.getpid()) - before:
                with contextlib.suppress(ProcessLookupError):  # it died with another one
                    os.kill(pid, signal.SIGKILL)
            run = other.run(program)
    assert [outcome.ending for outcome in run.outcomes] == ["ok"]


def is_python(pid):
    """Is a process the warm process, or a fork of it that runs a program?"""
    try:
        return "start.py" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
