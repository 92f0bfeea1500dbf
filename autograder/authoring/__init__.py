"""Makes what is handed out from what was authored: text notebooks -> source -> release.

`course` reads assignment.toml, `lessons` the notebooks, `markers` cuts solutions and hidden parts,
`mistakes` reads the catalogue of known mistakes. `targets` finds what students write and which
questions are about it, `reach` what else a question needs. `package` makes the files of the
package, `builder` all of source/ and release/, the latter through `nbgrader_release`; `leaks`
proves that no solution got out. Grading reads assignments through this room and asks whether the
build is up to date (`freshness`).
"""

from autograder.authoring.builder import BuildResult, build
from autograder.authoring.course import (
    authored_file,
    editable_files,
    list_assignments,
    load_assignment,
)
from autograder.authoring.definitions import (
    MAX_SOURCE_CHARACTERS,
    Definition,
    Function,
    functions,
    is_docstring,
    line_range,
    parse,
    replace_definitions,
    source_encoding,
    source_text,
    syntax_tree,
)
from autograder.authoring.freshness import digest, is_stale
from autograder.authoring.handout import (
    FINGERPRINTS,
    handout_files,
    release_zip,
    self_check_data,
    self_check_folder,
)
from autograder.authoring.markers import (
    WRITTEN_STUB,
    handed_out_text,
    solution_only,
    split_hidden,
    strip_solution,
    strip_written,
)
from autograder.authoring.mistakes import load_caught, load_mistakes, write_caught
from autograder.authoring.package import package_files
from autograder.authoring.reach import Reach
from autograder.authoring.targets import Target, bears_name, find_targets, own_targets

__all__ = [
    "FINGERPRINTS",
    "MAX_SOURCE_CHARACTERS",
    "WRITTEN_STUB",
    "BuildResult",
    "Definition",
    "Function",
    "Reach",
    "Target",
    "authored_file",
    "bears_name",
    "build",
    "digest",
    "editable_files",
    "find_targets",
    "functions",
    "handed_out_text",
    "handout_files",
    "is_docstring",
    "is_stale",
    "line_range",
    "list_assignments",
    "load_assignment",
    "load_caught",
    "load_mistakes",
    "own_targets",
    "package_files",
    "parse",
    "release_zip",
    "replace_definitions",
    "self_check_data",
    "self_check_folder",
    "solution_only",
    "source_encoding",
    "source_text",
    "split_hidden",
    "strip_solution",
    "strip_written",
    "syntax_tree",
    "write_caught",
]
