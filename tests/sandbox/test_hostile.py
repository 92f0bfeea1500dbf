"""What a submission may try, in each kind of sandbox; nothing may reach beyond its own run."""

import json
import os
import re
import textwrap
from pathlib import Path

import pytest

from autograder.model import Ending

CHECKOUT = Path(__file__).parents[2]
REFUSALS = {"PermissionError", "FileNotFoundError", "OSError", "ProcessLookupError", "ValueError"}


def attempts(runner, sources):
    """Try each piece of code in one step; return the names of their exceptions, or None."""
    source = """
        import json
        results = []
        for attempt in ATTEMPTS:
            try:
                exec(attempt, {})
                results.append(None)
            except BaseException as error:
                results.append(type(error).__name__)
        print(json.dumps(results))
    """
    source = textwrap.dedent(source).replace("ATTEMPTS", repr(list(sources)))
    return dict(zip(sources, json.loads(runner.text(source)), strict=True))


def assert_refused(runner, sources):
    """Each piece of code must end with an exception that says no."""
    succeeded = {s: name for s, name in attempts(runner, sources).items() if name not in REFUSALS}
    assert not succeeded


def test_no_socket_can_be_made(everywhere):
    """There is no network of any kind."""
    families = ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK")
    kinds = ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW")
    make = "import socket as s; s.socket(s.{}, s.{})"
    assert_refused(everywhere, [make.format(f, k) for f in families for k in kinds])


def test_no_file_of_the_machine_can_be_read(everywhere, tmp_path):
    """Course, gradebook, home, passwords, devices and processes are out of sight."""
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("marks")
    home = Path.home() / ".autograder-test-of-the-sandbox"
    home.write_text("secret")
    paths = [
        *(__file__, CHECKOUT / "pyproject.toml", CHECKOUT / "autograder/model.py", gradebook, home),
        *("/etc/passwd", "/etc/shadow", "/etc/hostname", "/dev/mem", "/sys/kernel/notes"),
        *("/proc/self/environ", "/proc/1/environ", "/proc/self/maps", "/proc/self/mem"),
        *(f"/proc/{os.getpid()}/environ", f"/proc/{os.getppid()}/cmdline", "/proc/cpuinfo"),
    ]
    try:
        assert_refused(everywhere, [f"open({str(path)!r}, 'rb').read()" for path in paths])
    finally:
        home.unlink()


def test_no_folder_of_the_machine_can_be_listed(everywhere, tmp_path):
    """Not even names of files can be seen; an empty folder may stand in the place of /proc."""
    folders = (CHECKOUT, CHECKOUT / "autograder", Path.home(), tmp_path, *["/", "/home", "/root"])
    assert_refused(everywhere, [f"import os; os.listdir({str(folder)!r})" for folder in folders])
    look = "import os; assert os.listdir({!r}) == []; raise OSError"
    assert_refused(everywhere, [look.format(path) for path in ("/proc", "/dev/shm", "/sys")])


def test_nothing_of_the_machine_can_be_written(everywhere, tmp_path):
    """Files can be made in the scratch folder only, and those of Python can't be touched."""
    places = (tmp_path, "/usr/lib", CHECKOUT, Path(os.__file__).parent, "/dev/shm", "/var/tmp", "/")
    writes = [f"open({str(folder)!r} + '/planted', 'w')" for folder in places]
    touches = ["import os; os.unlink(os.__file__)", "import os; os.chmod(os.__file__, 0o777)"]
    touches += ["import os; os.rename(os.__file__, os.__file__ + '2')"]
    touches += ["import os; os.utime(os.__file__)", "import os; os.chown(os.__file__, 0, 0)"]
    touches += [
        "import os; os.truncate(os.__file__, 0)",
        "import os; os.setxattr('/', b'user.x', b'')",
    ]
    touches += ["import numpy as n; open(n.__file__, 'r+')", "import os; os.link(os.__file__, 'x')"]
    assert_refused(everywhere, writes + touches)
    assert not list(tmp_path.iterdir())


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


def test_no_process_can_be_made_or_touched(everywhere):
    """Forking, running programs, signals to others, devices and more rights are refused."""
    sources = [
        "import os; os.fork()",
        "import os; os.posix_spawn('/bin/sh', ['sh'], {})",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
        "import multiprocessing as m; m.get_context('spawn').Process(target=print).start()",
        "import os, sys; os.execv(sys.executable, ['python', '-c', '1'])",
        "import os; os.kill(os.getppid() or 2, 9)",
        "import os; os.kill(-1, 9)",
        "import os; os.killpg(0, 9)",
        f"import os; os.kill({os.getpid()}, 0)",
        f"import os; os.pidfd_open({os.getpid()})",
        f"import resource as r; r.prlimit({os.getpid()}, r.RLIMIT_CPU, (1, 1))",
        "import os; os.setuid(0) if os.getuid() else os.setuid(1)",
        "import os; os.setgroups([0])",
        "import os; os.chroot('.')",
        "import os; os.memfd_create('x')",
        "import os; os.mknod('device', 0o020600, 0x101)",
        "import os; os.sched_setscheduler(0, 1, os.sched_param(1))",
        "import os; os.nice(-5)",
        f"import os; os.setpriority(0, {os.getpid()}, 19)",
        f"import os; os.sched_setaffinity({os.getpid()}, [0])",
        f"import os, fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, {os.getpid()})",
        "import socket as s, fcntl; fcntl.ioctl(s.socketpair()[0], 0x8901, b'\\x01\\0\\0\\0')",
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))",
    ]
    assert_refused(everywhere, sources)


CALLS = {
    "ptrace": (101, 16, 1, 0, 0),
    "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
    "unshare": (272, 0x10000000),
    "setns": (308, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "keyctl": (250, 0, -3, 0),
    "bpf": (321, 0, 0, 0),
    "io_uring_setup": (425, 8, 0),
    "perf_event_open": (298, 0, 0, -1, -1, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "open_by_handle_at": (304, 0, 0, 0),
    "clone without a thread": (56, 17, 0, 0, 0, 0),
    "clone3": (435, 0, 0),
    "vfork": (58,),
    "x32 getpid": (0x40000000 + 39,),
    "a call not yet invented": (1 << 20,),
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
def test_dangerous_calls_of_the_kernel_are_refused(everywhere):
    """The filter refuses them by number, whatever library makes them."""
    source = f"""
        import ctypes
        library = ctypes.CDLL(None, use_errno=True)
        for name, call in {CALLS}.items():
            result = library.syscall(*call)
            if result != -1 or ctypes.get_errno() not in (1, 38):
                print(name, result, ctypes.get_errno())
    """
    assert everywhere.text(textwrap.dedent(source)) == ""


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
        "from threading import *\n"
        "for _ in range(8): Thread(target=sum, args=[range(10**9)]).start()",
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


CRASHES = [
    "import ctypes; ctypes.string_at(0)",
    "import os; os._exit(0)",
    "import os; os._exit(78)",
    "import os; os.abort()",
    "import os; os.closerange(0, 1000)",
    "import ctypes; ctypes.CDLL(None).exit(0)",
    "import sys; sys.setrecursionlimit(10**9)\ndef f(): return [*map(lambda _: f(), [0])]\nf()",
]


def test_a_dead_interpreter_is_a_crash_of_one_step(everywhere):
    """What was printed before stays, and the next step runs in a fresh process."""
    sources = ["x = 1"]
    for source in CRASHES:
        sources += [f"print('before')\n{source}", "print(x)"]
    _, *outcomes = everywhere.steps(*sources)
    for source, crash, after in zip(CRASHES, outcomes[::2], outcomes[1::2], strict=True):
        assert crash.ending is Ending.CRASH, source
        assert crash.outputs[0]["text"] == "before\n", source
        assert after.outputs[0]["text"] == "1\n", source


POLITE_ENDS = [
    ("import sys; sys.exit(3)", "SystemExit"),
    ("exit()", "SystemExit"),
    ("quit()", "SystemExit"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("y = []\nfor _ in range(10**5): y = [y]\nrepr(y)", "RecursionError"),
    ("input('name? ')", "StdinNotImplementedError"),
    ("print(", "SyntaxError"),
    ("class E(Exception):\n  def __str__(self): raise ValueError\nraise E", "E|ValueError"),
    ("'\\0' * 10 + 1 / 0", "ZeroDivisionError"),
]


def test_an_exception_of_any_kind_ends_one_step_in_one_process(run):
    """Leaving the interpreter the polite way is an exception like others: the variables stay."""
    sources = ["x = 5", *(source for source, _ in POLITE_ENDS), "print(x)"]
    _, *outcomes, last = run.steps(*sources, replay=False)
    for (source, name), outcome in zip(POLITE_ENDS, outcomes, strict=True):
        assert outcome.ending is Ending.ERROR, source
        assert re.fullmatch(name, outcome.failure.name), source  # which one, IPython's version says
    assert last.outputs[0]["text"] == "5\n"


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
