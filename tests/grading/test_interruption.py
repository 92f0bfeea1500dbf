"""Runs that are stopped: whatever the moment, the same command completes them, with equal marks."""

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from case_folders import CASES

from autograder.grading import store
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.store import Workspace

REPOSITORY = Path(__file__).parents[2]
SEED = 2**40
STUDENTS = ["perfect", "half-done", "wrong-shape", "syntax-error"]
QUESTIONS = ["why_columns", *CASES["perfect"].verdicts]
MOMENTS = 50

# Imports once what is slow and then forks a process for each line that it reads, which grades. A
# number on the line means: kill yourself at that write, rename, removal or statement of SQL.
SERVER = """
import json, os, signal, sys
sys.modules["rfc3987_syntax"] = None
import autograder.cli as cli
import autograder.grading.pool, autograder.reports
from nbgrader import api, preprocessors
from sqlalchemy import event
from sqlalchemy.engine import Engine
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree"}
left = -1

def count():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def hook(event, arguments):
    writes = event != "open" or not isinstance(arguments[1], str) or arguments[1] != "r"
    if left > 0 and event in EVENTS and writes:
        count()

sys.addaudithook(hook)
event.listen(Engine, "before_cursor_execute", lambda *_: count())
event.listen(Engine, "commit", lambda *_: count())
for line in sys.stdin:
    child = os.fork()
    if child:
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
        continue
    os.setsid()
    left, arguments = json.loads(line)
    log = os.open(arguments[-1] + ".log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv[1:] = arguments
    status = 0
    try:
        cli.main()
    except SystemExit as end:
        status = end.code or 0
    finally:
        os._exit(status)
"""


@pytest.fixture(scope="module")
def place(course, tmp_path_factory):
    """A course folder with a small class."""
    root = tmp_path_factory.mktemp("interrupted")
    for name in ("assignments", "source", "release"):
        shutil.copytree(course.root / name, root / name)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    for name in STUDENTS:
        CASES[name].write(root / "submitted" / name / "tiny")
    return root


def arguments(place, output, *more):
    options = ["--course", place, "--submitted", place / "submitted", "--seed", SEED, "--jobs", 2]
    return [*map(str, ["grade", "tiny", *options, *more, "--output", output])]


def start(place, output, *more):
    """Start the command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *arguments(place, output, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def complete(place, output, *more):
    """Run the command to its end and return what it says."""
    process = start(place, output, *more)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def found(output):
    """All that a run left: verdicts, the gradebook's marks, and which pages there are."""
    workspace = Workspace.in_folder(output)
    results = {}
    for file in sorted((output / "results").glob("*.json")):
        rows = json.loads(file.read_text())["questions"]
        results[file.stem] = [(row["question"], row["verdict"], row["message"]) for row in rows]
    with GradebookWriter(workspace.gradebook) as book:
        marks = {name: book.read_marks(name, "tiny") for name in STUDENTS}
    notebooks = sorted(path.parts[-3] for path in output.glob("autograded/*/tiny/lesson.ipynb"))
    pages = sorted(path.stem for path in (output / "pages").iterdir())
    return results, marks, notebooks, pages


def check_gradebook(output):
    """The database is sound, and there is one score for each question of a student, or none."""
    file = output / "gradebook.db"
    if not file.is_file():
        return
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'grade'").fetchall():
            return
        counts = database.execute("SELECT count(*) FROM grade GROUP BY notebook_id").fetchall()
        twice = "SELECT 1 FROM grade GROUP BY notebook_id, cell_id HAVING count(*) > 1"
        assert database.execute(twice).fetchall() == []
        assert set(counts) <= {(len(QUESTIONS),)}


def check_stored(output):
    """Where there are results, the gradebook has the same marks and the notebook is there."""
    if not (output / "results").is_dir():
        return
    with GradebookWriter(Workspace.in_folder(output).gradebook) as book:
        for file in (output / "results").glob("*.json"):
            marks = book.read_marks(file.stem, "tiny").marks
            for row in json.loads(file.read_text())["questions"]:
                mark = marks[row["question"]]
                assert (mark.machine_score, mark.extra_credit or 0) == (row["points"], row["bonus"])
            assert (output / "autograded" / file.stem / "tiny" / "lesson.ipynb").is_file()


@pytest.fixture(scope="module")
def undisturbed(place, tmp_path_factory):
    """What the command leaves when nobody disturbs it."""
    output = tmp_path_factory.mktemp("undisturbed")
    complete(place, output)
    return found(output)


@pytest.mark.slow
def test_killed_at_random_moments(place, undisturbed, tmp_path):
    """After each of 50 kills the gradebook is whole; then the same command completes the class."""
    seed = random.randrange(1 << 32)
    print("random seed", seed)  # noqa: T201 - pytest shows it when the test fails
    rng = random.Random(seed)
    submitted = place / "submitted"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    output = tmp_path / "out"
    killed = 0
    try:
        for _ in range(MOMENTS):
            for name in rng.sample(STUDENTS, 2):  # something is to be done each time
                shutil.rmtree(submitted / name)
                CASES[rng.choice(STUDENTS)].write(submitted / name / "tiny")
            at_write = rng.random() < 0.6
            number = rng.randrange(1, 250) if at_write else -1
            server.stdin.write(json.dumps([number, arguments(place, output)]) + "\n")
            server.stdin.flush()
            child = int(server.stdout.readline())
            if not at_write:
                time.sleep(rng.uniform(0, 2.5))
                with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                    os.kill(child, signal.SIGKILL)
            status = int(server.stdout.readline())
            assert status in (0, -signal.SIGKILL), (tmp_path / "out.log").read_text()
            killed += status != 0
            check_gradebook(output)
            check_stored(output)
    finally:
        server.kill()
        server.wait()
        server.stdin.close()
        server.stdout.close()
        for name in STUDENTS:
            shutil.rmtree(submitted / name)
            CASES[name].write(submitted / name / "tiny")
    assert killed > MOMENTS / 2
    complete(place, output)
    check_gradebook(output)
    assert found(output) == undisturbed
    leftovers = [path.name for path in output.rglob(".*") if path.name != ".lock"]
    assert leftovers == []


def descendants(pid):
    """Return the ids of all processes below one."""
    below = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            below += [int(child), *descendants(int(child))]
    return below


@pytest.mark.slow
def test_a_killed_worker_costs_nobody_anything(place, undisturbed, tmp_path):
    """Warm processes, supervisors and notebook processes are killed all the time."""
    seed = random.randrange(1 << 32)
    print("random seed", seed)  # noqa: T201 - pytest shows it when the test fails
    rng = random.Random(seed)
    kills = 0
    process = start(place, tmp_path / "out")
    while process.poll() is None:
        time.sleep(rng.uniform(0.2, 1.5))
        victims = descendants(process.pid)
        if victims and kills < 6:
            try:
                os.kill(rng.choice(victims), signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
    said = process.stdout.read()
    process.stdout.close()
    if process.returncode:  # killed twice in one place: said so, and no marks given
        assert process.returncode in (1, 2), said
    complete(place, tmp_path / "out")
    assert kills > 0
    assert found(tmp_path / "out") == undisturbed


@pytest.mark.slow
def test_ctrl_c_stops_at_once_and_keeps_what_was_done(place, undisturbed, tmp_path):
    """The process group gets SIGINT while a submission never ends; the next run has less to do."""
    endless = place / "submitted" / "endless-loop"
    CASES["endless-loop"].write(endless / "tiny")
    output = tmp_path / "out"
    try:
        process = start(place, output)
        files = output / "results"
        while process.poll() is None and len(list(files.glob("*.json"))) < 2:
            time.sleep(0.02)
        below = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=10)
    finally:
        shutil.rmtree(endless)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in below) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in below)
    done = {file.name: file.stat().st_mtime_ns for file in files.glob("*.json")}
    assert len(done) >= 2
    check_gradebook(output)
    complete(place, output)
    assert {name: (files / name).stat().st_mtime_ns for name in done} == done
    assert found(output) == undisturbed


@pytest.mark.slow
def test_two_at_once_tell_the_second_to_wait(place, tmp_path):
    """A second run in the same place ends with words; the first isn't disturbed."""
    first = start(place, tmp_path / "out")
    while not (tmp_path / "out" / "run.json").is_file():
        time.sleep(0.02)
    second = start(place, tmp_path / "out")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "Another `autograder grade`" in " ".join(said.split())
    said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said


@pytest.fixture
def small_disk(tmp_path):
    """Return a function that makes or resizes a file system of so many kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def resize(kilobytes):
        remount = ["-o", "remount"] if disk.is_mount() else []
        size = [*remount, "-o", f"size={kilobytes}k"]
        command = ["mount", "-t", "tmpfs", *size, "tmpfs", str(disk)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a small file system takes root")
        return disk

    yield resize
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [4, 100, 300, 420])
def test_a_full_disk_is_said_and_then_the_same_command_completes(
    place, undisturbed, small_disk, kilobytes
):
    """However far it came: before the gradebook, within it, in notebooks, results or pages."""
    output = small_disk(kilobytes) / "out"
    process = start(place, output)
    said, _ = process.communicate(timeout=120)
    assert process.returncode in (1, 2), said
    assert "full" in said or "No space left" in said
    assert "Traceback" not in said
    check_gradebook(output)
    small_disk(64_000)
    complete(place, output)
    check_gradebook(output)
    assert found(output) == undisturbed


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("which", ["save", "write_autograded", "write"])
def test_what_could_not_be_stored_is_no_result(grade, tmp_path, monkeypatch, which):
    """Where the disk is full for one thing, no part of a submission counts, and it is listed."""
    owner = store if which == "save" else GradebookWriter
    with monkeypatch.context() as patch:
        patch.setattr(owner, which, full)
        run = grade(tmp_path, ["perfect"])
    assert [trouble.student for trouble in run.troubles] == ["perfect"]
    assert "No space left" in run.troubles[0].message
    workspace = Workspace.in_folder(tmp_path)
    assert not workspace.result_file("perfect").exists()
    with GradebookWriter(workspace.gradebook) as book:
        marks = book.read_marks("perfect", "tiny")
    assert marks is None or all(mark.machine_score is None for mark in marks.marks.values())
    assert grade(tmp_path, ["perfect"]).reports["perfect"].points == 13
