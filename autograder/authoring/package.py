"""Makes the files of an assignment's package: solved as authored, or as students receive them."""

from __future__ import annotations

from autograder.authoring.course import TOML, authored_file
from autograder.authoring.markers import require_no_markers, strip_solution
from autograder.model import Assignment, CourseError, Paths

_TEXT_SUFFIXES = {".py", ".md", ".txt", ".toml", ".csv", ".json", ".sh"}


def package_files(paths: Paths, assignment: Assignment, *, solved: bool) -> dict[str, bytes]:
    """Return the package's files by path relative to the assignment's folder.

    Solved files are as authored, markers included, so that their line numbers are those that
    authors see. Otherwise student files are stubs, and each module names its origin on top. Given
    files are the same for everybody; where one is a link, the file that it leads to is taken.
    """
    files = {}
    for path in assignment.given_files:
        files[path] = _given(paths, assignment, path, solved=solved)
    for path in assignment.student_files:
        text = authored_file(paths, assignment.name, path).read_text(encoding="utf-8")
        try:
            stub = strip_solution(text, path)
        except CourseError as problem:
            raise CourseError(f"{paths.assignments}: {problem}") from None
        files[path] = (
            text if solved else with_origin(stub, _origin(paths, assignment, path))
        ).encode()
    return files


def origin_line(origin: str) -> str:
    """Return the sentence that a built file carries."""
    return f'Built by "autograder build" from {origin}; instructors edit that one.'


def with_origin(text: str, origin: str) -> str:
    """Return a module's or page's text with a first line that says what it was built from."""
    line = origin_line(origin)
    first, newline, rest = text.partition("\n")
    if first.startswith("#!"):
        return f"{first}{newline}# {line}\n{rest}"
    return f"# {line}\n{text}"


def _given(paths: Paths, assignment: Assignment, path: str, *, solved: bool) -> bytes:
    file = authored_file(paths, assignment.name, path)
    content = file.read_bytes()
    if file.suffix not in _TEXT_SUFFIXES:
        return content
    try:
        text = content.decode("utf-8")
        require_no_markers(text, str(file))
    except UnicodeDecodeError as problem:
        raise CourseError(f"{file} isn't UTF-8 text: {problem}.") from problem
    except CourseError as problem:
        toml = paths.assignments / assignment.name / TOML
        raise CourseError(
            f"{problem} {path} is one of given_files in {toml}: are students to write in it?"
        ) from None
    if path.endswith(".py") and not solved:
        return with_origin(text, _origin(paths, assignment, path)).encode()
    return content


def _origin(paths: Paths, assignment: Assignment, path: str) -> str:
    return authored_file(paths, assignment.name, path).relative_to(paths.root).as_posix()
