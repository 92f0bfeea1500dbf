"""Certifying finds holes in checks, accepts right programs, and notices what changed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.authoring import build
from autograder.certify import certificate, certify, write
from autograder.certify.certifier import CACHE
from autograder.model import CourseError

ROOT = Path(__file__).parents[2]

EPS_PROBE = 'probe("large eps", standardise(x, eps=0.5), rel_error=1e-9)  # rounding, in any order'

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("certify")]  # mutants by the dozen


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def certified(paths, isolation, name="warmup", **more):
    return certify(paths, name, isolation, jobs=2, **more)


def test_documented_example_is_certified(documented, first_run):
    """The question of docs/authoring.md can be built, catches all mutants, and is fair."""
    assert build(documented, only=["warmup"]).files
    findings = first_run[1]
    assert [str(mutant) for mutant in findings.unexplained] == []
    assert findings.is_good
    row = findings.tallies["standardise"]
    assert row.mutants == row.caught == findings.mutants > 30
    assert row.caught_by_probes > row.caught_by_visible > 0
    assert list(findings.variants) == ["other_order"]
    write(documented, "warmup", findings)
    assert certificate.problems(documented, "warmup") == []


def test_hole_is_found_as_documented(documented, isolation):
    """Without the probe that the document names, the survivor that it shows is reported."""
    edit(documented.assignments / "warmup" / "scales.py", EPS_PROBE, "pass")
    findings = certified(documented, isolation)
    shown = (ROOT / "docs/authoring.md").read_text().replace("cs231n", "tinypkg")
    survived = [str(mutant) for mutant in findings.unexplained]
    lines = [[line.strip() for line in each.split("\n")] for each in survived]
    assert any(all(line in shown for line in each) for each in lines), survived
    assert not findings.is_good
    write(documented, "warmup", findings)
    assert any("Nothing catches" in each for each in certificate.problems(documented, "warmup"))


@pytest.mark.slow
def test_unfair_check_is_found(documented, isolation):
    """A right program that a check doesn't accept is named, with the question."""
    lesson = documented.assignments / "warmup" / "scales.py"
    edit(lesson, EPS_PROBE, 'probe("type", str(standardise(x[:2].astype("f4")).dtype), exact=True)')
    findings = certified(documented, isolation)
    assert findings.unfair == {"other_order": {"standardise": "probes"}}
    assert not findings.is_good


@pytest.mark.slow
def test_mutants_of_an_answer_cell_are_handed_in(tiny, isolation):
    """What students write in a notebook is certified like what they write in modules."""
    findings = certified(tiny, isolation, "tiny", only="lesson:count_positive")
    row = findings.tallies["count_positive_check"]
    assert row.caught > 3
    assert row.caught + row.survivors == row.mutants
    assert findings.is_partial
    with pytest.raises(CourseError, match="part of an assignment"):
        write(tiny, "tiny", findings)


@pytest.mark.slow
def test_results_are_kept_and_changes_are_noticed(documented, isolation):
    """A second run asks the sandbox nothing; after a change, only what it touches is run."""
    first = certified(documented, isolation, only="standardise")
    assert first.mutants > 30
    kept = documented.root / CACHE / "warmup.jsonl"
    before = kept.read_text()
    second = certified(documented, isolation, only="standardise")
    assert kept.read_text() == before
    assert second.tallies == first.tallies
    edit(documented.assignments / "warmup" / "scales.py", "size=(7, 3)", "size=(6, 5)")
    certified(documented, isolation, only="standardise", sample=3)
    assert len(kept.read_text().splitlines()) == len(before.splitlines()) + 4  # and a stub


@pytest.mark.slow
def test_excuses_need_a_reason_and_a_survivor(documented, isolation):
    """A survivor can be excused; an excuse for what is caught, or without a reason, is an error."""
    edit(documented.assignments / "warmup" / "scales.py", EPS_PROBE, "pass")
    excuses = documented.assignments / "warmup" / "equivalent.toml"
    entry = (
        '[[equivalent]]\nfunction = "tinypkg/standardise.py:standardise"\n'
        'before = "return centered / np.sqrt((centered ** 2).mean(axis=0) + eps)"\n'
        "after = {after}\nreason = {reason!r}\n"
    )
    survivor = "return centered / (np.sqrt((centered ** 2).mean(axis=0)) + eps)"
    caught = "return centered"
    excuses.write_text(entry.format(after=[survivor, caught], reason="an eps of 1e-12 is no eps"))
    findings = certified(documented, isolation)
    assert survivor not in {mutant.after for mutant in findings.unexplained}
    assert [key[2] for key in findings.stale_excuses] == [caught]
    assert not findings.is_good
    excuses.write_text(entry.format(after=[survivor], reason="so"))
    with pytest.raises(CourseError, match="needs a reason"):
        certificate.load_excuses(documented, "warmup")


def test_certificate_is_bound_to_what_it_speaks_of(documented, isolation):
    """Any change of solution, check, kit or right program makes it stale; prose and dates don't."""
    write(documented, "warmup", certified(documented, isolation))
    lesson = documented.assignments / "warmup" / "scales.py"
    edit(lesson, "may be seconds", "can be seconds")
    settings = documented.assignments / "warmup" / "assignment.toml"
    settings.write_text("due = 2026-03-01T23:59:00Z\n" + settings.read_text())
    assert certificate.problems(documented, "warmup") == []
    for file, old, new in (
        (lesson, "size=(7, 3)", "size=(6, 5)"),
        (documented.assignments / "tinypkg" / "standardise.py", "eps)", "eps )"),
        (settings, "warm-up", "warm up"),
    ):
        text = file.read_text()
        edit(file, old, new)
        assert "older than" in certificate.problems(documented, "warmup")[0]
        file.write_text(text)
    question = '\n# %% question="more" points=1\npass\n### BEGIN HIDDEN TESTS\nprobe("a", 1, exact=True)\n### END HIDDEN TESTS\n'  # noqa: E501
    lesson.write_text(lesson.read_text() + question)
    said = certificate.problems(documented, "warmup")
    assert any("more has no certificate" in each for each in said)


@pytest.mark.slow
def test_certificate_is_the_same_each_time(documented, first_run, isolation):
    """Two runs give the same bytes, without a date in them."""
    file = write(documented, "warmup", first_run[1])
    first = file.read_bytes()
    (documented.root / CACHE / "warmup.jsonl").unlink()
    write(documented, "warmup", certified(documented, isolation))
    assert file.read_bytes() == first
    assert json.loads(first)["fairness"] == ["other_order"]


def test_command_says_what_is_left_to_do(documented):
    """The command shows a table and survivors, writes the certificate, and fails if one is left."""
    course = ["--course", str(documented.root), "--jobs", "2"]
    done = CliRunner().invoke(cli.app, ["certify", "warmup", *course])
    assert done.exit_code == 0, done.output
    assert "standardise" in done.output
    assert (documented.assignments / "warmup" / "certificate.json").is_file()
    edit(documented.assignments / "warmup" / "scales.py", EPS_PROBE, "pass")
    done = CliRunner().invoke(cli.app, ["certify", "warmup", *course])
    assert done.exit_code == 1
    assert "Survived: tinypkg/standardise.py" in done.output
