# Built by "autograder build" from assignments/cs231n/check.py; instructors edit that one.
"""Run all checks of this assignment that you can see.

    python -m cs231n.check                      all questions
    python -m cs231n.check affine_forward knn   some questions, or those of a notebook
    python -m cs231n.check --watch              again whenever you save a file
    python -m cs231n.check --json               for programs

Save your notebooks first: what counts is what is on the disk. It takes a second or two. When your
work is marked, hidden checks with other sizes and values decide; this is not the mark.

Exit code: 0 all right, 1 something isn't right yet, 2 used wrongly.
"""

import argparse
import difflib
import importlib.util
import json
import sys
import time

from .self_check import handout as handouts
from .self_check import talk
from .self_check.runs import Runner

POLL_SECONDS = 0.1
SETTLE_SECONDS = 0.4  # an editor may have removed a file that it is about to write
OPEN = ("right", "unwritten", "absent")  # states that are no failure
WATCHED = (".py", ".ipynb", ".npz")
HIDDEN = (
    "Hidden checks with other sizes and values decide when your work is marked; "
    "this is not the mark."
)


def main(arguments=None):
    """Run the command; return its exit code."""
    options = _options(arguments)
    try:
        handout = handouts.load()
        questions = _chosen(handout, options.questions)
    except (handouts.NotReadableError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    if importlib.util.find_spec("numpy") is None:
        print("NumPy is not installed: pip install numpy matplotlib jupyterlab", file=sys.stderr)
        return 2
    runner = Runner(handout)
    try:
        if options.watch:
            return _watch(runner, questions, talk.Voice())
        results = runner.run(questions)
    except KeyboardInterrupt:
        return 130
    finally:
        runner.close()
    if options.json:
        print(json.dumps(as_json(handout, results), indent=1))
    else:
        show(handout, results, talk.Voice(), runner.seconds)
    return _exit_code(results)


def as_json(handout, results):
    """Return what is known, as plain data."""
    rows = []
    for question, result in results.items():
        lesson, cell = handout.questions[question]
        rows.append(
            {
                "question": question,
                "notebook": lesson.file,
                "state": result.state,
                "points": cell.points if result.state == "right" else 0,
                "possible": cell.points,
                "explanation": "\n".join(talk.explain(result, 0)),
                "seconds": result.seconds,
            }
        )
    return {
        "assignment": handout.name,
        "points": sum(row["points"] for row in rows),
        "possible": sum(row["possible"] for row in rows),
        "note": HIDDEN,
        "questions": rows,
    }


def show(handout, results, voice, seconds):
    """Print a line for each question, the first failure, what is next, and the points."""
    width = max(map(len, results))
    for lesson in handout.lessons:
        cells = [cell for cell in lesson.having("question") if cell.id in results]
        if cells:
            done = sum(cell.points for cell in cells if results[cell.id].state == "right")
            possible = sum(cell.points for cell in cells)
            voice.say(f"{lesson.title} ({lesson.file}): {done:g} of {possible:g} points", "bold")
        for cell in cells:
            _show_line(results[cell.id], cell, width, voice)
        if cells:
            voice.say()
    show_next(handout, results, voice, seconds)


def show_next(handout, results, voice, seconds, explained=None):
    """Print the first failure, unless it was explained, or what to write next, and the points."""
    failed = first_failure(results)
    if failed and failed.question == explained:
        voice.say(f"First to mend: {explained}, explained above.", "bold")
        voice.say()
    elif failed:
        show_failure(failed, voice, seconds)
    unwritten = next((r for r in results.values() if r.state == "unwritten"), None)
    if unwritten and not failed:
        lesson, _ = handout.questions[unwritten.question]
        voice.say(f"Next to write: {unwritten.message or unwritten.question}", "bold")
        voice.say(f"{lesson.file} says how{_in_file(unwritten)}.")
        voice.say()
    absent = next((r for r in results.values() if r.state == "absent"), None)
    if absent and not failed and not unwritten:
        voice.say("\n".join(talk.explain(absent, seconds)))
        voice.say()
    done, possible = points(handout, results)
    if done == possible:
        voice.say(f"{voice.star} All of these checks are right: {done:g} points.", "green")
        voice.say(f"python -m {handout.package}.pack makes the file to hand in.")
    else:
        voice.say(f"{done:g} of {possible:g} points by these checks.")
    written = sum(cell.points for lesson in handout.lessons for cell in lesson.having("written"))
    if written:
        voice.say(f"{written:g} more points are for answers in words, which a person reads.")
    voice.say(HIDDEN, "dim")


def show_failure(failed, voice, seconds):
    """Print what is wrong with one question, and where."""
    voice.say(f"First to mend: {failed.question}", "bold")
    for line in talk.explain(failed, seconds):
        voice.say(line)
    voice.say()


def points(handout, results):
    """Return the points of what is right, and of all that was run."""
    cells = {question: handout.questions[question][1] for question in results}
    done = sum(cell.points for name, cell in cells.items() if results[name].state == "right")
    return done, sum(cell.points for cell in cells.values())


def first_failure(results):
    """Return the first failed question, in the order of the course; None if there is none."""
    return next((r for r in results.values() if r.state not in OPEN), None)


def _show_line(result, cell, width, voice):
    colour = {"right": "green", "unwritten": "dim", "absent": "dim"}.get(result.state, "red")
    line = f"  {voice.mark(result.state)} {result.question:{width}} {cell.points:3g}  "
    voice.say((line + talk.short(result)).rstrip(), colour)


def _in_file(result):
    return f"; it is in {result.where[0]}, line {result.where[1]}" if result.where else ""


def _exit_code(results):
    return 0 if all(result.state == "right" for result in results.values()) else 1


def _options(arguments):
    usage, _, rest = __doc__.replace("cs231n", __package__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}.check",
        description=usage,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("questions", nargs="*", help="names of questions or notebooks; else all")
    parser.add_argument("--watch", action="store_true", help="run again whenever a file is saved")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if options.watch and options.json:
        parser.error("--json goes without --watch.")
    return options


def _chosen(handout, names):
    """Return the questions that are meant by names of questions and notebooks, in course order."""
    every = handout.questions
    books = {lesson.name: lesson for lesson in handout.lessons}
    wanted = set()
    for name in names:
        plain = name.removesuffix(".ipynb")
        if name in every:
            wanted.add(name)
        elif plain in books:
            wanted.update(cell.id for cell in books[plain].having("question"))
        else:
            close = difflib.get_close_matches(name, [*every, *books], n=3)
            guess = f" Did you mean {' or '.join(close)}?" if close else ""
            raise ValueError(f"There is no question and no notebook called {name!r}.{guess}")
    return [question for question in every if not names or question in wanted]


def _watch(runner, questions, voice):
    """Run again whenever a file has changed, until Ctrl-C."""
    handout = runner.handout
    seen = _state_of_files(handout.folder)
    results = runner.run(questions)
    show(handout, results, voice, runner.seconds)
    try:
        while True:
            voice.say("\nWatching your files; Ctrl-C ends it.", "dim")
            runner.get_ready()
            changed, seen = _wait_for_change(handout, seen)
            results = _run_again(runner, results, changed, voice)
    except KeyboardInterrupt:
        voice.say()
        return _exit_code(results)


def _run_again(runner, before, changed, voice):
    """Run what a change touches, first what wasn't right, and say what is new.

    The first failure is explained while the rest still runs, as soon as all before it has ended.
    """
    handout = runner.handout
    voice.say(f"{time.strftime('%H:%M:%S')}  {', '.join(changed)}", "bold")
    width, ran, shown, explained = max(map(len, before)), {}, set(), []
    order = sorted(before, key=lambda question: before[question].state in OPEN)

    def on_result(result):
        ran[result.question] = result
        reason = (result.message, result.where) if result.state == "error" else result.question
        is_news = result.state != "right" or before[result.question].state != "right"
        if is_news and reason not in shown:  # a module that doesn't load is said once
            shown.add(reason)
            _show_line(result, handout.questions[result.question][1], width, voice)
        failed = None if explained else _first_for_sure(order, ran, runner.unfinished)
        if failed:
            explained.append(failed.question)
            show_failure(failed, voice, runner.seconds)

    after = runner.run(order, on_result)
    after = {question: after[question] for question in before}
    if len(ran) > len(shown):
        rest = [result for result in ran.values() if result.state != "right"]
        said = f"{len(ran)} questions ran, {len(rest)} aren't right."
        voice.say(f"  {said}" if rest else f"  {len(ran)} questions ran: all right.", "dim")
    elif not ran:
        voice.say("  No check depends on what has changed.", "dim")
    voice.say()
    _celebrate(handout, before, after, voice)
    show_next(handout, after, voice, runner.seconds, *explained)
    return after


def _first_for_sure(order, ran, unfinished):
    """Return the first failure of a run; None if there is none, or one before it may come."""
    for question in order:
        if question in unfinished:
            return None
        if question in ran and ran[question].state not in OPEN:
            return ran[question]
    return None


def _celebrate(handout, before, after, voice):
    """Say which questions have turned right, and which lessons with them."""
    turned = [q for q in after if after[q].state == "right" and before[q].state != "right"]
    cells = handout.questions
    gained = sum(cells[question][1].points for question in turned)
    if turned:
        names = ", ".join(turned[:3]) + (f" and {len(turned) - 3} more" if turned[3:] else "")
        verb = "is" if len(turned) == 1 else "are"
        voice.say(f"{voice.star} {names} {verb} right: {gained:g} points more. Well done!", "green")
    for lesson in dict.fromkeys(cells[question][0] for question in turned):
        rest = [cell.id for cell in lesson.having("question") if cell.id in after]
        if all(after[question].state == "right" for question in rest):
            stars = " ".join([voice.star] * 3)
            voice.say(f"{stars} Every check in {lesson.file} is right! {stars}", "green")
    if turned:
        voice.say()


def _wait_for_change(handout, seen):
    """Return the names of files that changed, and the new state of all."""
    while True:
        time.sleep(POLL_SECONDS)
        now = _state_of_files(handout.folder)
        if now != seen and _is_settled(handout):
            now = _state_of_files(handout.folder)
            return sorted(n for n in now | seen if now.get(n) != seen.get(n)), now


def _is_settled(handout):
    """Give a file that is missing or half written a moment; then it is taken as it is."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        try:
            for lesson in handout.lessons:
                handouts.read_answers(handout.folder, lesson)
            if all((handout.folder / name).is_file() for name in handout.student_files):
                return True
        except handouts.NotReadableError:
            pass
        time.sleep(POLL_SECONDS)
    return True


def _state_of_files(folder):
    """Return {name: (time, size)} of all files that checks may depend on."""
    found, waiting = {}, [folder]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name.startswith((".", "__pycache__")):
                continue
            if path.is_dir():
                waiting.append(path)
            elif path.suffix in WATCHED:
                try:
                    status = path.stat()
                except OSError:
                    continue  # gone just now
                found[path.relative_to(folder).as_posix()] = status.st_mtime_ns, status.st_size
    return found


if __name__ == "__main__":
    sys.exit(main())
