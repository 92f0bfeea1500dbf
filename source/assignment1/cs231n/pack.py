# Built by "autograder build" from assignments/cs231n/pack.py; instructors edit that one.
"""Make the file to hand in.

    python -m cs231n.pack                       assignment1-2027-02-01.zip
    python -m cs231n.pack --name ada            assignment1-ada.zip
    python -m cs231n.pack --incomplete          although something is missing

It looks at everything that is asked for: whether it is there, and whether it can be read. Then it
packs these files and nothing else, and prints a receipt. Save your notebooks first.

Exit code: 0 packed, 1 something is missing, 2 used wrongly.
"""

import argparse
import ast
import hashlib
import re
import sys
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from .self_check import handout as handouts
from .self_check import talk

MAX_FILE_BYTES = 20 << 20  # larger ones aren't taken: pictures in a notebook, or weights


@dataclass
class Findings:
    """What keeps the files from being handed in, and what had better be looked at."""

    problems: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


def main(arguments=None):
    """Run the command; return its exit code."""
    options = _options(arguments)
    voice = talk.Voice()
    try:
        handout = handouts.load()
    except handouts.NotReadableError as problem:
        print(problem, file=sys.stderr)
        return 2
    findings = look_at(handout)
    for text in findings.problems:
        voice.say(f"{voice.mark('wrong')} {text}", "red")
    for text in findings.warnings:
        voice.say(f"! {text}", "yellow")
    if findings.problems and not options.incomplete:
        voice.say("\nNothing was packed. Mend this, or pack what is there with --incomplete.")
        return 1
    target = options.output / f"{handout.name}-{options.name}.zip"
    try:
        files = pack(handout, target)
    except OSError as problem:
        print(f"{target} can't be written: {problem.strerror}.", file=sys.stderr)
        return 2
    voice.say()
    print_receipt(target, files, voice)
    return 0


def look_at(handout):
    """Look at each file that is asked for, and at cells and files that may be forgotten."""
    findings = Findings()
    for name in handout.files_to_hand_in:
        file = handout.folder / name
        if file.is_file() and file.stat().st_size > MAX_FILE_BYTES:
            size = f"{file.stat().st_size / (1 << 20):.0f} MB"
            findings.problems.append(
                f"{name} has {size}, more than the {MAX_FILE_BYTES >> 20} MB that are taken"
                + (": clear its outputs." if name.endswith(".ipynb") else ".")
            )
    for lesson in handout.lessons:
        _look_at_notebook(handout, lesson, findings)
    for name in handout.student_files:
        _look_at_module(handout, name, findings)
    for name in handout.extra_files:
        file = handout.folder / name
        if not file.is_file():
            findings.warnings.append(f"{name} isn't there: a notebook saves it.")
        elif name.endswith(".npz") and not zipfile.is_zipfile(file):
            findings.warnings.append(f"{name} is damaged: let the notebook save it again.")
    return findings


def pack(handout, target):
    """Write what is there into one zip file, in one folder; return {name: bytes}."""
    found = {name: handout.folder / name for name in handout.files_to_hand_in}
    files = {
        name: file.read_bytes()
        for name, file in found.items()
        if file.is_file() and file.stat().st_size <= MAX_FILE_BYTES
    }
    partial = target.with_name(target.name + ".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{handout.name}/{name}", content)
    partial.replace(target)
    return files


def print_receipt(target, files, voice):
    """Print what was packed: sizes and fingerprints, by which anybody can tell it is the same."""
    width = max(map(len, [*files, target.name]))
    for name, content in files.items():
        voice.say(_line(name, content, width))
    whole = target.read_bytes()
    voice.say("-" * (width + 30))
    voice.say(_line(target.name, whole, width), "bold")
    voice.say(f"sha256 {hashlib.sha256(whole).hexdigest()}")
    voice.say(f"packed {time.strftime('%Y-%m-%d %H:%M:%S %z')}, {len(files)} files")
    voice.say()
    voice.say(f"{voice.star} Hand in {target}, and keep this receipt.", "green")


def _line(name, content, width):
    return f"{name:{width}} {len(content):>11,} {hashlib.sha256(content).hexdigest()[:16]}"


def _look_at_notebook(handout, lesson, findings):
    try:
        answers = handouts.read_answers(handout.folder, lesson)
    except handouts.NotReadableError as problem:
        findings.problems.append(str(problem))
        return
    for cell in (*lesson.having("answer"), *lesson.having("written")):
        if cell.id not in answers:
            findings.problems.append(f"{lesson.file}: the cell {cell.id} was deleted.")
        elif answers[cell.id].strip() in ("", cell.source.strip()):
            findings.warnings.append(f"{lesson.file}: {cell.id} is as it was handed out.")


def _look_at_module(handout, name, findings):
    file = handout.folder / name
    try:
        text = file.read_text(encoding="utf-8")
        ast.parse(text)
    except FileNotFoundError:
        findings.problems.append(f"{name} is missing.")
    except SyntaxError as problem:
        findings.warnings.append(
            f"{name}, line {problem.lineno}: {problem.msg}. No question that needs it can be right."
        )
    except (OSError, ValueError) as problem:
        findings.problems.append(f"{name} can't be read: {problem}.")
    else:
        for missing in re.findall(r'raise NotImplementedError\("([\w.]+)"\)', text):
            findings.warnings.append(f"{name}: {missing} is not written yet.")


def _options(arguments):
    usage, _, rest = __doc__.replace("cs231n", __package__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}.pack",
        description=usage,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", default=time.strftime("%Y-%m-%d"), help="else today's date")
    parser.add_argument("--output", type=Path, default=Path(), help="a folder; else this one")
    parser.add_argument("--incomplete", action="store_true", help="pack although files are missing")
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[\w.-]{1,60}", options.name) or options.name.startswith("."):
        parser.error("--name: letters, digits, - and _ only.")
    if not options.output.is_dir():
        parser.error(f"--output: there is no folder {options.output}.")
    return options


if __name__ == "__main__":
    sys.exit(main())
