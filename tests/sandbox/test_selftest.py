"""The self-test reports what it reaches, and reaches nothing here."""

from autograder.model import Ending, Failure, Outcome
from autograder.sandbox import detect, selftest
from autograder.sandbox.selftest import Attempt, _judge


def test_no_harmless_escape_succeeds(tmp_path, way):
    """Each attempt is stopped, in each kind of sandbox; what lies outside is as it was."""
    (tmp_path / "course.toml").write_text("secret")
    findings = selftest(detect(**way), tmp_path)
    assert len(findings) > 25
    assert [finding for finding in findings if not finding.held] == []
    assert [path.name for path in tmp_path.iterdir()] == ["course.toml"]


def test_what_ends_well_has_escaped():
    """Silence is success; a crash proves nothing and is no good news either."""
    attempt = Attempt("", "", "")
    failure = Failure("OSError", "refused")
    assert not _judge(attempt, Outcome("s", Ending.OK)).held
    assert not _judge(attempt, Outcome("s", Ending.BROKEN, failure=failure)).held
    assert _judge(attempt, Outcome("s", Ending.ERROR, failure=failure)).held
