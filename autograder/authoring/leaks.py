"""Proves that what is handed out holds no line of a solution and none of a hidden part.

It trusts no other step of the build. From the authored files it takes the secret lines and the
public ones by the markers alone, and then counts: in no file of release/ may a secret line stand
more often than in the public lines of the file that it was made from. Spaces and # are left out of
all texts, so that neither indentation nor commenting hides a line. All strings of notebooks are
searched, outputs, metadata and attachments too, what is base64 in them, and what is in zip files.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.handout import LESSONS
from autograder.model import Assignment, CourseError, Paths

_BEGIN = re.compile(r"BEGIN (SOLUTION|HIDDEN TESTS)")
_END = re.compile(r"END (SOLUTION|HIDDEN TESTS)")
_BASE64 = re.compile(r"[A-Za-z0-9+/\n]{24,}={0,2}")
_REMARK = re.compile(r"^(\s*[^#\s].*?)\s+#.*$")  # a comment behind code: the code alone is secret
_SHORTEST = 8  # characters; shorter lines, such as `i += 1`, give nothing away
_SHORTEST_WORDS = 20  # the same for words: "the same." stands in many texts


@dataclass(frozen=True)
class Secret:
    """A line that nobody may find, without its spaces, and where it was written."""

    text: str
    origin: str


def require_no_leaks(
    paths: Paths, assignments: Iterable[Assignment], source: Path, release: Path
) -> None:
    """Raise if a secret line stands in a file of `release`, or in a module of `source`."""
    assignments = list(assignments)
    secrets = find_secrets(paths, assignments)
    for folder in (release, source):
        for file in sorted(folder.rglob("*")):
            if not file.is_file() or (folder is source and file.suffix == ".ipynb"):
                continue
            where = file.relative_to(folder)
            public = "\n".join(line for each in _origins(paths, where) for line in _public(each))
            text = "\n".join(_normal(line) for line in _lines(file.name, file.read_bytes()))
            _require_none(secrets, text, public, f"{folder.name}/{where.as_posix()}")


def find_secrets(paths: Paths, assignments: Iterable[Assignment]) -> list[Secret]:
    """Return the secret lines of all assignments."""
    files = set()
    for each in assignments:
        files |= {paths.assignments / each.name / f"{book.name}.py" for book in each.notebooks}
        files |= {
            found for path in each.student_files if (found := _authored(paths, each.name, path))
        }
    secrets: dict[str, Secret] = {}
    for file in sorted(files):
        for number, line in _secret_lines(file):
            text = _normal(_REMARK.sub(r"\1", line))
            shortest = _SHORTEST_WORDS if line.lstrip().startswith("#") else _SHORTEST
            if len(text) >= shortest and not text.isidentifier():
                where = f"{file.relative_to(paths.root).as_posix()}, line {number}"
                secrets.setdefault(text, Secret(text, where))
    return list(secrets.values())


def _require_none(secrets: list[Secret], text: str, public: str, where: str) -> None:
    for secret in secrets:
        if secret.text in text and text.count(secret.text) > public.count(secret.text):
            raise CourseError(
                f"{where} holds what students must not see: {secret.text!r} from "
                f"{secret.origin}. Nothing was built."
            )


def _normal(line: str) -> str:
    return "".join(line.split()).replace("#", "")


def _secret_lines(file: Path) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
        if _BEGIN.search(line) or _END.search(line):
            inside = bool(_BEGIN.search(line))
        elif inside:
            yield number, line


def _public(file: Path) -> Iterator[str]:
    """Yield the lines of an authored file that are for everybody, without spaces."""
    secret = {number for number, _ in _secret_lines(file)} if file.suffix == ".py" else set()
    for number, line in enumerate(_lines(file.name, file.read_bytes()), start=1):
        if number not in secret:
            yield _normal(line)


def _origins(paths: Paths, where: Path) -> list[Path]:
    """Return the authored files that a built one was made from; README and stamp have none."""
    name, *rest = where.parts
    if not rest:
        return []
    inner = Path(*rest)
    if inner.suffix == ".ipynb":
        return [paths.assignments / name / inner.with_suffix(".py")]
    if inner.name == LESSONS:
        return sorted((paths.assignments / name).glob("*.py"))
    authored = _authored(paths, name, inner.as_posix())
    return [authored] if authored else []


def _authored(paths: Paths, name: str, path: str) -> Path | None:
    for folder in (paths.assignments / name, paths.assignments):
        if (folder / path).is_file():
            return folder / path
    return None


def _lines(name: str, content: bytes) -> Iterator[str]:
    """Yield every line of text in a file, however it is packed."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from _lines(inner, archive.read(inner))
        return
    text = content.decode("utf-8", errors="replace")
    texts = list(_strings(json.loads(text))) if name.endswith((".ipynb", ".json")) else [text]
    for each in texts:
        yield from each.split("\n")
    for each in texts:
        yield from _unpacked(each)


def _unpacked(text: str) -> Iterator[str]:
    """Yield the lines of what is base64 in a text."""
    for found in _BASE64.findall(text):
        packed = found.replace("\n", "")
        try:
            content = base64.b64decode(packed[: len(packed) // 4 * 4])
        except binascii.Error:
            continue
        yield from _lines("", content)


def _strings(node: Any) -> Iterator[str]:
    """Yield all texts of a JSON document; a list of texts is one text, as in a cell's source."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        if node and all(isinstance(each, str) for each in node):
            yield "".join(node)
        else:
            for each in node:
                yield from _strings(each)
    elif isinstance(node, dict):
        for key, each in node.items():
            yield key
            yield from _strings(each)
