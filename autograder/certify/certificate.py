"""What a certification found, as a file that is committed and bound to what it was found from.

assignments/<assignment>/certificate.json    per question: how many mutants, what caught them
assignments/<assignment>/equivalent.toml     mutants that are right programs, each with a reason
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.authoring import self_check_folder
from autograder.authoring.course import TOML, author_assignment, authored_file
from autograder.certify.dependencies import deciding_modules
from autograder.certify.fairness import FOLDER
from autograder.certify.mutants import Mutant
from autograder.certify.store import Found
from autograder.model import Assignment, CourseError, Paths, Role

FILE, EXCUSES = "certificate.json", "equivalent.toml"


@dataclass(frozen=True)
class Excuse:
    """One entry of equivalent.toml: these changes of a statement make no wrong program."""

    function: str
    before: str
    after: tuple[str, ...]
    reason: str

    def named(self) -> Iterator[tuple[str, str, str]]:
        """Yield the keys of the mutants that it names."""
        for each in self.after:
            yield self.function, self.before, each


@dataclass(frozen=True)
class Trial:
    """What became of one mutant.

    `own` are the questions about the function that was changed, `others` those that it was handed
    to because they let it pass; `caught` says by which question it was caught, and how.
    """

    own: frozenset[str]
    others: frozenset[str]
    caught: Found


@dataclass
class Tally:
    """What is known of one question."""

    mutants: int = 0  # that were handed to it
    caught: int = 0
    caught_by_visible: int = 0
    caught_by_probes: int = 0
    caught_elsewhere: int = 0  # mutants of its own function that only another question catches
    survivors: int = 0  # that neither this question catches nor another one
    needs: list[str] = field(default_factory=list)  # files that it judges, such as trained weights

    def add(self, question: str, trial: Trial) -> None:
        """Count one mutant."""
        word = trial.caught.get(question)
        self.mutants += 1
        self.caught += word is not None
        self.caught_by_visible += word in ("visible", "both")
        self.caught_by_probes += word in ("probes", "both")
        self.survivors += not trial.caught
        is_elsewhere = bool(trial.caught) and not trial.own & trial.caught.keys()
        self.caught_elsewhere += is_elsewhere and question in trial.own

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        counts = {
            "mutants": self.mutants,
            "caught": self.caught,
            "caught_by_visible_check": self.caught_by_visible,
            "caught_by_probes": self.caught_by_probes,
            "caught_elsewhere": self.caught_elsewhere,
            "survivors": self.survivors,
        }
        return {**counts, "needs": self.needs} if self.needs else counts


def tally(
    questions: Iterable[str],
    trials: Mapping[Mutant, Trial],
    needs: Mapping[str, list[str]],
) -> dict[str, Tally]:
    """Count, for each question, the mutants that were handed to it."""
    names = dict.fromkeys([*questions, *needs])
    tallies = {question: Tally(needs=needs.get(question, [])) for question in names}
    for trial in trials.values():
        for question in trial.own | trial.others:
            tallies[question].add(question, trial)
    return tallies


def load_excuses(paths: Paths, name: str) -> list[Excuse]:
    """Read equivalent.toml; nothing if there is none."""
    file = paths.assignments / name / EXCUSES
    if not file.is_file():
        return []
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("equivalent", [])
        excuses = [_excuse(row) for row in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as problem:
        raise CourseError(f"{file} can't be used: {problem}.") from problem
    for excuse in excuses:
        if len(excuse.reason.split()) < 4:
            raise CourseError(f"{file}: {excuse.function}, {excuse.before!r} needs a reason.")
    return excuses


def _excuse(row: Mapping[str, Any]) -> Excuse:
    after = row["after"]
    return Excuse(
        function=row["function"],
        before=row["before"],
        after=tuple(after) if isinstance(after, list) else (after,),
        reason=" ".join(row["reason"].split()),
    )


def unused(excuses: Sequence[Excuse], survived: Iterable[Mutant]) -> list[tuple[str, str, str]]:
    """Return the excused changes that no survivor needs: they are caught, or exist no more."""
    keys = {mutant.key for mutant in survived}
    return [key for excuse in excuses for key in excuse.named() if key not in keys]


def fingerprint(paths: Paths, name: str) -> str:
    """Return a sha256 of what a certificate depends on, and of nothing that it doesn't.

    Text cells and explore cells of lessons don't count, nor when an assignment is due, nor the
    self-check, which only tells students how they stand; other modules count as they are written.
    """
    assignment = author_assignment(paths, name)
    total = hashlib.sha256()
    for label, content in _ingredients(paths, assignment):
        total.update(f"{label}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _ingredients(paths: Paths, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    folder = paths.assignments / assignment.name
    self_check = self_check_folder(assignment)
    for path in sorted((*assignment.student_files, *assignment.given_files)):
        if str(PurePosixPath(path).parent) != self_check:
            yield path, authored_file(paths, assignment.name, path).read_bytes()
    for notebook in assignment.notebooks:
        for cell in notebook.cells:
            if cell.role in (Role.SETUP, Role.ANSWER, Role.QUESTION):
                text = f"{cell.role}\0{cell.source}\0{cell.hidden}"
                yield f"{notebook.name}/{cell.id}", text.encode()
    settings = {**tomllib.loads((folder / TOML).read_text(encoding="utf-8")), "due": None}
    yield TOML, json.dumps(settings, sort_keys=True).encode()
    for file in (EXCUSES, *assignment.extra_files):
        if (folder / file).is_file():
            yield file, (folder / file).read_bytes()
    variants = paths.assignments / FOLDER / assignment.name
    for module in sorted(variants.rglob("*.py")):
        yield module.relative_to(variants).as_posix(), module.read_bytes()
    makers = [Path(__file__).with_name(name) for name in ("mutants.py", "operators.py")]
    for module in (*deciding_modules(), *makers):
        yield module.name, module.read_bytes()


def as_json(
    digest: str,
    tallies: Mapping[str, Tally],
    survived: Sequence[Mutant],
    excuses: Sequence[Excuse],
    variants: Iterable[str],
    unreached: Iterable[str],
    versions: Mapping[str, str],
) -> str:
    """Return the text of certificate.json: the same for the same findings."""
    reasons = {key: excuse.reason for excuse in excuses for key in excuse.named()}
    content = {
        "computed_from": digest,
        "versions": dict(versions),
        "questions": {question: tallies[question].as_json() for question in tallies},
        "survivors": [
            {
                "file": mutant.target.file,
                "function": mutant.target.name,
                "line": mutant.line,
                "operator": mutant.operator,
                "before": mutant.before,
                "after": mutant.after,
                "reason": reasons.get(mutant.key),
            }
            for mutant in survived
        ],
        "fairness": sorted(variants),
        "unreached": sorted(unreached),
    }
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load(paths: Paths, name: str) -> dict[str, Any]:
    """Read a certificate. Raises CourseError if there is none."""
    file = paths.assignments / name / FILE
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise CourseError(f"{file} can't be read ({problem}). {ADVICE.format(name)}") from problem
    return content


def problems(paths: Paths, name: str) -> list[str]:
    """Say in sentences what is wrong with the committed certificate; nothing if it holds."""
    certificate = load(paths, name)
    advice = ADVICE.format(name)
    found = []
    if certificate["computed_from"] != fingerprint(paths, name):
        found.append(f"The certificate of {name} is older than what it speaks of. {advice}")
    for notebook in author_assignment(paths, name).notebooks:
        for cell in notebook.having(Role.QUESTION):
            entry = certificate["questions"].get(cell.id)
            if entry is None:
                found.append(f"The question {cell.id} has no certificate. {advice}")
            elif not entry["mutants"] and not entry.get("needs"):
                found.append(f"No mutant reaches the question {cell.id}: does it call a solution?")
    for each in certificate["survivors"]:
        if not each["reason"]:
            found.append(
                f"Nothing catches {each['after']!r} for {each['before']!r} in {each['function']}."
            )
    found += [f"No question reaches {place}." for place in certificate["unreached"]]
    return found


ADVICE = "Run `autograder certify {}` and commit what it makes."
