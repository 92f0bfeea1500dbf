"""nbgrader's exchange, with its own code, hands our pages to whoever handed in."""

import pytest
from hand_made import make_report, make_standing, write_notebook

from autograder.reports import hand_to_nbgrader

pytestmark = [
    pytest.mark.slow,  # importing nbgrader takes seconds
    # nbgrader leaves the file open.
    pytest.mark.filterwarnings("ignore:.*timestamp.txt:pytest.PytestUnraisableExceptionWarning"),
]

SECRET = "0f" * 64
TIME = "2027-01-30 12:00:00.000000 UTC"


@pytest.fixture
def exchange(tmp_path):
    """Return a function that runs a part of the exchange on the course in tmp_path."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    root = tmp_path / "exchange"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.assignment_id = "tiny"
    config.Exchange.root = str(root)
    config.Exchange.cache = str(tmp_path / "cache")
    config.Exchange.assignment_dir = str(tmp_path / "home")

    def run(part):
        part(coursedir=CourseDirectory(config=config), config=config).start()

    return run


def hand_in(folder):
    """Write what nbgrader's submit leaves with a submission."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "submission_secret.txt").write_text(SECRET)
    (folder / "timestamp.txt").write_text(TIME)


def test_a_student_fetches_the_page_that_was_written(exchange, workspace, assignment, tmp_path):
    """From our folder through release_feedback and fetch_feedback, unchanged."""
    from nbgrader.exchange.default import ExchangeFetchFeedback, ExchangeReleaseFeedback

    write_notebook(workspace)
    hand_in(workspace.autograded / "ada" / "tiny")
    assert hand_to_nbgrader(workspace, make_standing(make_report("ada")), assignment)
    exchange(ExchangeReleaseFeedback)

    at_home = tmp_path / "cache" / "course" / f"ada+tiny+{TIME}"
    hand_in(at_home)
    (at_home / "lesson.ipynb").write_text("{}")
    exchange(ExchangeFetchFeedback)

    fetched = tmp_path / "home" / "tiny" / "feedback" / TIME / "lesson.html"
    written = workspace.feedback / "ada" / "tiny" / "lesson.html"
    assert fetched.read_bytes() == written.read_bytes()


def test_without_a_secret_release_feedback_stops(exchange, workspace, assignment):
    """This is why `autograder pages --nbgrader` says whom to leave out."""
    from nbgrader.exchange.default import ExchangeReleaseFeedback

    write_notebook(workspace)
    assert not hand_to_nbgrader(workspace, make_standing(make_report("ada")), assignment)
    with pytest.raises(FileNotFoundError):
        exchange(ExchangeReleaseFeedback)
