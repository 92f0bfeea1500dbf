"""`python -m cs231n.check` in folders in which somebody works."""

import importlib
import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from student_folder import edit_answer, replace, run

KNN = "cs231n/classifiers/k_nearest_neighbor.py"


def states(folder, *names):
    done = run(folder, "cs231n.check", "--json", *names)
    assert done.stderr == ""
    return {row["question"]: row for row in json.loads(done.stdout)["questions"]}


def test_what_was_handed_out_has_nothing_wrong_and_nothing_right(blank):
    """Every question is open, none has failed, and the words say what to write first."""
    done = run(blank, "cs231n.check")
    assert done.returncode == 1
    assert "Next to write: KNearestNeighbor.compute_distances_two_loops" in done.stdout
    assert "0 of 62 points" in done.stdout
    assert "First to mend" not in done.stdout
    assert "this is not the mark" in done.stdout
    assert {row["state"] for row in states(blank).values()} == {"unwritten", "absent"}


def test_a_cell_that_is_left_to_write_has_not_failed(blank_second):
    """Checks that need a cell which binds a plain name wait for it, by its name."""
    found = states(blank_second)
    assert {row["state"] for row in found.values()} == {"unwritten", "absent"}
    assert "three_layer_settings" in found["overfit_three_layers"]["explanation"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["assignment1", "assignment2"])
def test_the_solved_course_passes_all_visible_checks(solve, name):
    """All points, exit code 0, and the command that comes next."""
    folder = solve(name)
    done = run(folder, "cs231n.check")
    assert done.returncode == 0, done.stdout
    assert "All of these checks are right" in done.stdout
    assert "python -m cs231n.pack" in done.stdout
    assert "\x1b" not in done.stdout  # colours are for terminals


def test_a_failure_is_explained_once_and_with_its_place(solved):
    """Of two failures the first is explained; an exception comes with the line that raised it."""
    replace(solved / KNN, "np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))", "self.nothing[j]")
    edit_answer(solved / "knn.ipynb", "choose_k_code", lambda text: text + "\nchoose_k = None\n")
    done = run(solved, "cs231n.check", "knn")
    assert done.returncode == 1
    assert done.stdout.count("First to mend") == 1
    assert "First to mend: compute_distances_two_loops" in done.stdout
    assert f"{KNN}:" in done.stdout
    assert "self.nothing[j]" in done.stdout
    assert "object is not callable" not in done.stdout


@pytest.mark.parametrize(
    ("code", "state", "said"),
    [
        ("while True: pass", "timeout", "loop that never ends"),
        ("input('?')", "error", "nobody"),
        ("exit()", "error", "ends Python"),
        ("import os; os._exit(1)", "crash", "Python itself ended"),
        ("print('x' * 10**6); print('the end'); 1 / 0", "error", "the end"),
    ],
)
def test_code_that_misbehaves_costs_only_its_own_question(solved, code, state, said):
    """Loops, questions to nobody, exits and floods are said in words; other questions go on."""
    old = "dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))"
    replace(solved / KNN, old, code)
    script = f"""
        import json, sys
        sys.path.insert(0, {str(solved)!r})
        from cs231n.self_check import handout, runs, talk
        runner = runs.Runner(handout.load(), seconds=2)
        results = runner.run(["compute_distances_two_loops", "predict_labels", "preprocess"])
        runner.close()
        print(json.dumps([[r.state, talk.explain(r, 2)] for r in results.values()]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=solved,
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others = json.loads(done.stdout)
    assert first[0] == state
    assert said in "\n".join(first[1])
    assert len("\n".join(first[1])) < 4000
    assert [other[0] for other in others] == ["right", "right"]


def test_a_module_with_a_syntax_error_costs_only_what_needs_it(solved):
    """The file and line are named; lessons that don't import it stay right."""
    (solved / KNN).write_text((solved / KNN).read_text() + "\ndef (:\n")
    found = states(solved)
    assert found["predict_labels"]["state"] == "error"
    assert f"SyntaxError ({KNN}, line" in found["predict_labels"]["explanation"]
    assert found["svm_loss_naive"]["state"] == "right"
    assert found["cross_validate"]["state"] == "error"  # it votes with the broken class


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 1}', None])
def test_a_notebook_that_cannot_be_read_costs_only_its_answers(solved, content):
    """Questions about modules are run all the same; others say what is wrong with the file."""
    if content is None:
        (solved / "knn.ipynb").unlink()
    else:
        (solved / "knn.ipynb").write_text(content)
    found = states(solved, "knn")
    assert found["predict_labels"]["state"] == "right"
    assert found["cross_validate"]["state"] == "unreadable"
    assert "knn.ipynb" in found["cross_validate"]["explanation"]


def test_edited_check_cells_change_nothing(blank):
    """The checks are those that were handed out."""
    edit_answer(blank / "knn.ipynb", "predict_labels", lambda _: "pass")
    assert states(blank, "predict_labels")["predict_labels"]["state"] == "unwritten"


def test_ipython_commands_in_an_answer_are_skipped(solved):
    """A line such as %timeit in an answer cell is no mistake."""
    edit_answer(solved / "knn.ipynb", "choose_k_code", lambda text: "%matplotlib inline\n" + text)
    assert states(solved, "choose_k")["choose_k"]["state"] == "right"


def test_unknown_names_are_answered_with_close_ones(blank):
    """Exit code 2, and a guess."""
    done = run(blank, "cs231n.check", "predict_label")
    assert done.returncode == 2
    assert "predict_labels" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_knows_no_marks_gets_plain_ones(solved):
    """On consoles with an old encoding nothing fails."""
    done = run(solved, "cs231n.check", "knn", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "+ predict_labels" in done.stdout


def test_nothing_but_numpy_is_imported(solved):
    """Neither matplotlib nor IPython nor anything else that isn't Python's own."""
    hook = """
import sys
allowed = {"numpy", "cs231n", "_distutils_hack", "sitecustomize", "usercustomize"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in allowed and top not in sys.stdlib_module_names:
            raise ImportError("refused: " + name)
sys.meta_path.insert(0, Refuse())
"""
    (solved / "hooks").mkdir()
    (solved / "hooks/sitecustomize.py").write_text(hook)
    done = run(solved, "cs231n.check", PYTHONPATH=str(solved / "hooks"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_watch_runs_again_and_celebrates(solved):
    """A saved mistake and its correction are noticed; Ctrl-C ends it with what is true then."""
    good = (solved / KNN).read_text()
    process = subprocess.Popen(
        [sys.executable, "-m", "cs231n.check", "knn", "--watch"],
        cwd=solved,
        stdout=subprocess.PIPE,
        text=True,
    )

    def until(text):
        seen = ""
        while text not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
        return seen

    try:
        until("Watching")
        (solved / KNN).write_text(good.replace("np.sqrt(np.sum(", "(np.sum(", 1))
        said = until("Watching")
        assert said.count("First to mend: compute_distances_two_loops") == 2
        assert said.count("square of what it should be") == 1
        (solved / KNN).write_text(good)
        said = until("Watching")
        assert "right: 2 points more. Well done!" in said
        assert "Every check in knn.ipynb is right!" in said
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def check(solved, monkeypatch):
    """The module behind the command, loaded from a student's folder."""

    def forget():
        for name in [name for name in sys.modules if name.split(".")[0] == "cs231n"]:
            del sys.modules[name]

    kept = {name: module for name, module in sys.modules.items() if name.startswith("cs231n")}
    forget()
    monkeypatch.syspath_prepend(str(solved))
    yield importlib.import_module("cs231n.check")
    forget()
    sys.modules.update(kept)


def test_watch_explains_the_first_failure_while_the_rest_runs(check, monkeypatch, capsys):
    """As soon as all questions before it have ended, in whatever order they end."""
    runner = check.Runner(check.handouts.load())
    Result = importlib.import_module("cs231n.self_check.runs").Result
    right = {q: Result(q, "right") for q in ("svm_loss_naive", "preprocess", "choose_k")}
    said = []

    def run(order, on_result):
        assert order == list(right)
        runner.unfinished = set(order)
        for question in ("preprocess", "svm_loss_naive", "choose_k"):
            runner.unfinished.remove(question)
            on_result(Result(question, "wrong", f"Here {question} differs."))
            said.append(capsys.readouterr().out)
        return {question: Result(question, "wrong") for question in order}

    monkeypatch.setattr(runner, "run", run)
    check._run_again(runner, right, ["a.py"], check.talk.Voice())
    assert ["differs" in text for text in said] == [False, True, False]
    assert "Here svm_loss_naive differs." in said[1]
    assert "svm_loss_naive, explained above" in capsys.readouterr().out


def test_pytest_shows_one_test_for_each_question(solved):
    """The same verdicts, with names that editors list, and only what was chosen is run."""
    (solved / "best_two_layer_net.npz").unlink()
    arguments = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(solved))
    listed = run(solved, "pytest", "--collect-only", *arguments, "test_checks.py")
    assert "test_checks.py::test_question[predict_labels]" in listed.stdout
    assert "27 tests" in listed.stdout
    done = run(solved, "pytest", *arguments, "test_checks.py")
    assert "1 failed, 26 passed" in done.stdout, done.stdout
    assert "best_two_layer_net.npz isn't there yet" in done.stdout
