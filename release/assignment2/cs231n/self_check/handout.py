# Built by "autograder build" from assignments/cs231n/self_check/handout.py; instructors edit that one.
"""What was handed out, read from assignment.json beside this file, and what became of it.

Checks are taken from there, so that an edited or lost check cell changes nothing; of the notebooks
only the cells that students write are read.
"""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("assignment.json")


class NotReadableError(Exception):
    """A file that can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson as it was handed out; `role` is setup, answer, question or written."""

    id: str
    role: str
    source: str
    points: float = 0


@dataclass(frozen=True)
class Lesson:
    """A notebook as it was handed out, without its text."""

    name: str
    title: str
    cells: tuple

    @property
    def file(self):
        """The notebook's name."""
        return f"{self.name}.ipynb"

    def having(self, role):
        """Return the cells with this role."""
        return [cell for cell in self.cells if cell.role == role]


@dataclass(frozen=True)
class Handout:
    """An assignment in the folder in which somebody works on it."""

    folder: Path
    package: str
    name: str
    title: str
    due: str | None
    student_files: tuple
    extra_files: tuple
    lessons: tuple

    @property
    def questions(self):
        """All questions with a check, in the order of the course: {name: (lesson, cell)}."""
        return {
            cell.id: (lesson, cell) for lesson in self.lessons for cell in lesson.having("question")
        }

    @property
    def files_to_hand_in(self):
        """Paths of what is handed in: notebooks, modules, and what a notebook saves."""
        return [*(lesson.file for lesson in self.lessons), *self.student_files, *self.extra_files]


def load(file=FILE):
    """Read what was handed out. Raises NotReadableError where it isn't there."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise NotReadableError(
            f"{file} can't be read ({problem}). Take it from the folder that you were given."
        ) from None
    lessons = tuple(
        Lesson(book["name"], book["title"], tuple(Cell(**cell) for cell in book["cells"]))
        for book in content["notebooks"]
    )
    package = file.parent.parent
    return Handout(
        folder=package.parent,
        package=package.name,
        name=content["name"],
        title=content["title"],
        due=content["due"],
        student_files=tuple(content["student_files"]),
        extra_files=tuple(content["extra_files"]),
        lessons=lessons,
    )


def read_answers(folder, lesson):
    """Return the text of each cell that students write in a notebook, by name.

    Raises NotReadableError with words for a notebook that is missing or damaged.
    """
    file = folder / lesson.file
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        named = [(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell) for cell in cells]
        sources = {name: _text(cell["source"]) for name, cell in named if name}
    except FileNotFoundError:
        raise NotReadableError(
            f"{lesson.file} is missing. Notebooks must keep their names."
        ) from None
    except UnicodeDecodeError:
        raise NotReadableError(f"{lesson.file} is not a notebook: it isn't text.") from None
    except json.JSONDecodeError as problem:
        raise NotReadableError(
            f"{lesson.file} is damaged in line {problem.lineno} and can't be opened as a notebook. "
            "Save it again in Jupyter, or take an older copy (.ipynb_checkpoints has one)."
        ) from None
    except (KeyError, TypeError, AttributeError, OSError) as problem:
        raise NotReadableError(f"{lesson.file} is not a notebook ({problem!r}).") from None
    wanted = {cell.id for cell in lesson.cells if cell.role in ("answer", "written")}
    return {name: source for name, source in sources.items() if name in wanted}


def _text(source):
    return source if isinstance(source, str) else "".join(source)
