"""The sandbox works wherever Python and the course lie, below /tmp too."""

import sys

import pytest
from sandbox_ways import WAYS

from autograder.model import Ending, Limits, Program, Step
from autograder.sandbox import Sandbox, detect

LATE = """
import latecomer
from latecomer import __file__ as place
print(latecomer.answer)
try:
    open(place, "a").write("answer = 0")
except OSError as error:
    print("not written")
"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_packages_below_tmp_can_be_imported_late_and_not_changed(way, tmp_path, monkeypatch):
    """A fresh /tmp must not hide an environment that lies there, nor open it for writing."""
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "latecomer.py").write_text("answer = 42\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    with Sandbox(detect(**way)) as sandbox:
        outcome = sandbox.run(Program({}, (Step("s", LATE),), Limits())).outcomes[0]
    assert outcome.ending is Ending.OK, outcome.failure
    assert outcome.outputs[0]["text"] == "42\nnot written\n"
    assert (site / "latecomer.py").read_text() == "answer = 42\n"
