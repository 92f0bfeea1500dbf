"""The project's own files agree with each other."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_conda_environment_has_the_versions_of_the_project_file():
    """pyproject.toml is the one list; environment.yml repeats it for conda."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = re.findall(r"^  - (\S+>=\S+)$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    assert lines == [f"python{project['requires-python']}", *project["dependencies"]]


def test_readme_maps_every_folder():
    """Each top-level folder in git has its line in README.md."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    folders = {name.split("/")[0] + "/" for name in listed if "/" in name}
    readme = (ROOT / "README.md").read_text()
    assert [folder for folder in sorted(folders) if f"{folder}" not in readme] == []


def test_command_line_starts_without_the_heavy_libraries():
    """`autograder --help` imports none of what takes seconds."""
    code = (
        "import sys, autograder.cli; "
        "print([m for m in ('nbgrader', 'jupytext', 'IPython', 'matplotlib', 'nbconvert') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
