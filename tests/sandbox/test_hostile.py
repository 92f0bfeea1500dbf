"""What a submission may try, in each kind of sandbox; nothing of it may reach beyond its own run."""

import os
import textwrap
from pathlib import Path

import pytest

from autograder.model import Ending

CHECKOUT = Path(__file__).parents[2]


def attempt(everywhere, source, **limits):
    """Run code that must be refused, and return the name of the exception."""
    outcome = everywhere.step(textwrap.dedent(source), **limits)
    assert outcome.ending is Ending.ERROR, outcome
    return outcome.failure.name


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_socket_can_be_made(everywhere, family):
    """There is no network of any kind."""
    source = f"import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM)"
    assert attempt(everywhere, source) == "PermissionError"


@pytest.mark.parametrize(
    "path",
    [
        __file__,
        CHECKOUT / "pyproject.toml",
        CHECKOUT / "autograder/model.py",
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        Path("~/.bashrc").expanduser(),
        "/proc/self/environ",
        "/proc/1/environ",
        "/proc/self/maps",
        f"/proc/{os.getpid()}/environ",
        "/dev/mem",
        "/sys/kernel/notes",
    ],
    ids=str,
)
def test_no_file_of_the_machine_can_be_read(everywhere, path):
    """Course folder, home, passwords and processes are out of sight."""
    assert attempt(everywhere, f"open({str(path)!r}, 'rb').read()").endswith("Error")


@pytest.mark.parametrize(
    "path", [CHECKOUT, Path.home(), "/", "/home", "/root", "/proc", "/dev/shm"], ids=str
)
def test_no_folder_of_the_machine_can_be_listed(everywhere, path):
    """Not even names of files can be seen; an empty folder may stand in the place of /proc."""
    outcome = everywhere.step(f"import os; assert os.listdir({str(path)!r}) == []; raise OSError")
    assert outcome.failure.name in ("PermissionError", "FileNotFoundError", "OSError")


def test_a_file_of_the_grader_s_temporary_folder_is_out_of_sight(everywhere, tmp_path):
    """The working files of the grader cannot be read."""
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    assert attempt(everywhere, f"open({str(secret)!r}).read()") in (
        "FileNotFoundError",
        "PermissionError",
    )


def test_nothing_of_the_machine_can_be_written(everywhere, tmp_path):
    """Files can be made in the scratch folder only."""
    for folder in (
        tmp_path,
        "/usr/lib",
        CHECKOUT,
        Path(os.__file__).parent,
        "/dev/shm",
        "/var/tmp",
        "/",
    ):
        name = attempt(everywhere, f"open({str(folder)!r} + '/planted', 'w')")
        assert name in ("FileNotFoundError", "PermissionError", "OSError")


def test_a_later_program_finds_nothing_of_an_earlier_one(everywhere):
    """Files, modules and variables end with the program."""
    source = """
        import os, tempfile, builtins, numpy
        seen = os.path.exists('trace'), hasattr(builtins, 'trace'), hasattr(numpy, 'trace_left')
        builtins.trace = numpy.trace_left = 1
        open('trace', 'w').close(); open(tempfile.gettempdir() + '/trace', 'w').close()
        print(seen, os.listdir(tempfile.gettempdir()))
    """
    first, second = (everywhere.text(textwrap.dedent(source)) for _ in range(2))
    assert "True" not in second
    assert sorted(eval(first.split(")")[1])) == sorted(eval(second.split(")")[1]))


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.fork()",
        "import os; os.posix_spawn('/bin/sh', ['sh'], {})",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
        "import os, sys; os.execv(sys.executable, ['python', '-c', '1'])",
        "import os; os.kill(os.getppid() or 2, 9)",
        "import os; os.kill(-1, 9)",
        "import os; os.killpg(0, 9)",
        f"import os; os.kill({os.getpid()}, 0)",
        f"import os; os.pidfd_open({os.getpid()})",
        "import os; os.setuid(0) if os.getuid() else os.setuid(1)",
        "import os; os.chroot('.')",
        "import os; os.memfd_create('x')",
        "import os; os.mknod('device', 0o020600, 0x101)",
        "import os; os.sched_setscheduler(0, 1, os.sched_param(1))",
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))",
    ],
)
def test_no_process_can_be_made_or_touched(everywhere, source):
    """Forking, running programs, signals to others, devices and more rights are refused."""
    name = attempt(everywhere, source)
    assert name in ("PermissionError", "OSError", "ValueError", "ProcessLookupError"), name


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("ptrace", (101, 16, 1, 0, 0)),
        ("process_vm_readv", (310, 1, 0, 0, 0, 0, 0)),
        ("unshare(user)", (272, 0x10000000)),
        ("setns", (308, 0, 0)),
        ("mount", (165, 0, 0, 0, 0, 0)),
        ("keyctl", (250, 0, -3, 0)),
        ("bpf", (321, 0, 0, 0)),
        ("io_uring_setup", (425, 8, 0)),
        ("perf_event_open", (298, 0, 0, -1, -1, 0)),
        ("shmget", (29, 0, 4096, 0o1600)),
        ("open_by_handle_at", (304, 0, 0, 0)),
        ("clone without a thread", (56, 17, 0, 0, 0, 0)),
        ("clone3", (435, 0, 0)),
        ("vfork", (58,)),
        ("x32 getpid", (0x40000000 + 39,)),
        ("socketcall of another architecture", (1 << 20,)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dangerous_calls_of_the_kernel_are_refused(run, call, arguments):
    """The filter of system calls refuses them by number, whatever library makes them."""
    if os.uname().machine != "x86_64":
        arguments = (1 << 20,)
    source = f"import ctypes; l = ctypes.CDLL(None, use_errno=True); r = l.syscall{arguments!r}"
    errno = int(run.text(source + "; print(ctypes.get_errno() if r == -1 else 0)"))
    assert errno in (1, 38)


def test_a_fork_bomb_does_nothing(everywhere):
    """A hundred attempts make no process."""
    source = """
        import os
        made = 0
        for _ in range(100):
            try:
                made += os.fork() >= 0
            except OSError:
                pass
        print(made)
    """
    assert everywhere.text(textwrap.dedent(source)) == "0\n"


def test_a_bomb_of_threads_ends_with_the_step(run):
    """Threads are few, and gone with the process."""
    source = """
        import threading, time
        try:
            for _ in range(5000):
                threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
        except RuntimeError:
            print(threading.active_count() < 100)
    """
    assert run.text(textwrap.dedent(source)) == "True\n"


def test_too_much_memory_is_a_memory_ending_and_the_next_step_goes_on(everywhere):
    """A refused allocation ends only its step."""
    big = "import numpy as np; a = np.ones(10**10)"
    first, second = everywhere.steps(big, "print('next')")
    assert first.ending is Ending.MEMORY
    assert second.outputs[0]["text"] == "next\n"


def test_memory_that_grows_in_small_pieces_is_limited(run):
    """Memory is refused at the limit, however it is asked for."""
    outcome = run.step(
        "pieces = []\nwhile True: pieces.append(bytearray(10_000_000))", memory_bytes=1 << 30
    )
    assert outcome.ending is Ending.MEMORY


def test_the_scratch_folder_is_limited(run):
    """A disk filled up ends with an exception."""
    source = "for i in range(100): open(f'f{i}', 'wb').write(bytes(1_000_000))"
    outcome = run.step(source, scratch_bytes=10 << 20)
    assert (outcome.ending, outcome.failure.name) == (Ending.ERROR, "OSError")


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "sum(range(10**12))",
        "import numpy as np\na = np.ones(2000)\nwhile True: a @ a",
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        "import signal\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n"
        "  except (OSError, ValueError): pass\nwhile True: pass",
        "import threading\nfor _ in range(8): threading.Thread(target=sum, args=(range(10**12),)).start()",
        "(10**10000000) ** 10000000",
    ],
)
def test_an_endless_loop_is_a_timeout(run, source):
    """CPU time is limited, in Python and in C, whatever the code catches or ignores."""
    first, second = run.steps(source, "print('next')", step_cpu_seconds=0.3)
    assert first.ending is Ending.TIMEOUT, first
    assert 0.25 < first.cpu_seconds < 2
    assert second.outputs[0]["text"] == "next\n"


def test_sleeping_for_ever_is_a_timeout(run):
    """Wall time is limited, too."""
    outcome = run.step("import time; time.sleep(100)", step_wall_seconds=0.3)
    assert outcome.ending is Ending.TIMEOUT
    assert outcome.wall_seconds < 5


@pytest.mark.parametrize(
    "source",
    [
        "import ctypes; ctypes.string_at(0)",
        "import os; os._exit(0)",
        "import os; os._exit(77 + 1)",
        "import os; os.abort()",
        "import os; os.closerange(0, 1000)",
        "import ctypes; ctypes.CDLL(None).exit(0)",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): return [*map(lambda _: f(), [0])]\nf()",
    ],
)
def test_a_dead_interpreter_is_a_crash_of_one_step(run, source):
    """What was printed before stays, and the next step runs in a fresh process."""
    before, crash, after = run.steps("x = 1", f"print('before')\n{source}", "print(x)")
    assert (before.ending, crash.ending) == (Ending.OK, Ending.CRASH), crash
    assert crash.outputs[0]["text"] == "before\n"
    assert after.outputs[0]["text"] == "1\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("exit()", "SystemExit"),
        ("quit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def f(): f()\nf()", "RecursionError"),
        ("input('name? ')", "StdinNotImplementedError"),
        ("print(", "SyntaxError"),
        ("class E(Exception):\n  def __str__(self): raise ValueError\nraise E", "ValueError"),
        ("'\\0' * 10 + 1 / 0", "ZeroDivisionError"),
    ],
)
def test_an_exception_of_any_kind_ends_one_step_in_one_process(run, source, name):
    """Leaving the interpreter the polite way is an exception like others: the variables stay."""
    _, outcome, after = run.steps("x = 5", source, "print(x)", replay=False)
    assert (outcome.ending, outcome.failure.name) == (Ending.ERROR, name), outcome
    assert after.outputs[0]["text"] == "5\n"


def test_a_thread_that_outlives_its_step_does_not_outlive_the_program(run):
    """It may print into later steps, and dies with the process."""
    source = """
        import threading, time
        def work():
            while True:
                time.sleep(0.01)
                print('still here')
        threading.Thread(target=work, daemon=True).start()
    """
    outcomes = run.steps(textwrap.dedent(source), "time.sleep(0.1)", "1")
    assert [outcome.ending for outcome in outcomes] == ["ok"] * 3
    assert "still here" in outcomes[1].outputs[0]["text"]
