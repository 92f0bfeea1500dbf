"""The first file of the warm process: `python -s -S -P -B start.py CONFIGURATION`.

The configuration is JSON from the grader: the import path, the folders to show, the number of the
control socket. Nothing of site-packages is imported here, so that the process is small while it
still changes its view of the machine.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from typing import Any


def main() -> None:
    """Load this folder as the package `_autograder`, build the view, and serve."""
    config: dict[str, Any] = json.loads(sys.argv[1])
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    spec = importlib.util.spec_from_file_location(
        "_autograder", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    assert spec and spec.loader  # noqa: S101 - for the type checker
    package = importlib.util.module_from_spec(spec)
    sys.modules["_autograder"] = package
    spec.loader.exec_module(package)
    sys.argv[:] = ["notebook"]
    sys.path[:] = config["path"]
    if config["view"] == "own":
        importlib.import_module("_autograder.view").enter(config)
    importlib.import_module("_autograder.warm").serve(config)


if __name__ == "__main__":
    main()
