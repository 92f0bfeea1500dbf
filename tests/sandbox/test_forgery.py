"""A notebook that writes to the grader's socket by itself ends its own step, never the grader."""

import json
import struct

import pytest

from autograder.model import Ending

FIND = """
import os, stat, struct, json
def is_socket(n):
    try:
        return stat.S_ISSOCK(os.fstat(n).st_mode)
    except OSError:
        return False
fd = next(n for n in range(256) if is_socket(n))
def frame(header, body=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    os.write(fd, struct.pack('>II', len(text), len(body)) + text + body)
"""


def probe(value, size=0, **more):
    """Return the header of a probe frame for step 0."""
    header = {"kind": "probe", "step": 0, "name": "x", "visible": False, "comparison": {"exact": 1}}
    return {**header, "parts": [["value", size]], "value": value, **more}


def array(dtype, shape):
    """Return the description of an array."""
    return {"type": "array", "dtype": dtype, "shape": shape}


FORGERIES = {
    "no JSON": b"{",
    "deep JSON": b"[" * 60_000,
    "long number": b'{"step": ' + b"9" * 50_000 + b"}",
    "no object": [1, 2],
    "empty object": {},
    "unknown kind": {"kind": "verdict", "step": 0, "parts": []},
    "kind that is no text": {"kind": ["probe"], "step": 0, "parts": []},
    "another step": probe({"type": "none"}, step=1),
    "object array": probe(array("|O", [1])),
    "text array": probe(array("<U1", [0])),
    "dtype that is a list": probe(array([["a", "<f8"]], [0])),
    "big-endian array": probe(array(">f8", [0])),
    "shape and size differ": probe(array("<f8", [3])),
    "negative lengths": probe(array("<f8", [-1, -1])),
    "lengths whose product overflows": probe(array("<f8", [2**32, 2**32])),
    "zero times enormous": probe(array("<f8", [0, 2**60])),
    "float lengths": probe(array("<f8", [0.0])),
    "bool lengths": probe(array("<f8", [False])),
    "too many dimensions": probe(array("<f8", [0] * 100)),
    "no shape": probe({"type": "array", "dtype": "<f8"}),
    "no type": probe({}),
    "no value": probe(None),
    "value of unknown type": probe({"type": "pickle"}),
    "no name": probe({"type": "none"}, name=None),
    "long name": probe({"type": "none"}, name="x" * 1000),
    "comparison that is no number": probe({"type": "none"}, comparison={"exact": "1"}),
    "comparison of NaN": probe({"type": "none"}, comparison={"exact": float("nan")}),
    "unknown comparison": probe({"type": "none"}, comparison={"points": 100}),
    "no parts": probe({"type": "none"}, parts=None),
    "part of negative size": probe({"type": "none"}, parts=[["value", -1]]),
    "part larger than the body": probe({"type": "none"}, parts=[["value", 10]]),
    "part without a size": probe({"type": "none"}, parts=[["value"]]),
    "unknown stream": {"kind": "stream", "step": 0, "name": "stdin", "parts": []},
    "unknown ending": {"kind": "done", "step": 0, "ending": "pass", "memory": 1, "parts": []},
    "ending without memory": {"kind": "done", "step": 0, "ending": "ok", "parts": []},
    "error without a failure": {
        "kind": "done",
        "step": 0,
        "ending": "error",
        "memory": 1,
        "parts": [],
    },
    "result without a count": {"kind": "result", "step": 0, "parts": [["text/plain", 0]]},
}


def test_a_forged_frame_ends_its_own_step(run):
    """Whatever isn't exactly a frame of ours is a crash of the step that sent it."""
    sources = []
    for index, forgery in enumerate(FORGERIES.values()):
        header = forgery
        if isinstance(header, dict) and header.get("step") == 0:
            header = {**header, "step": index}
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        sources.append(f"{FIND}\nframe({text!r})")
    *outcomes, last = run.steps(*sources, "print(1)", question="q", replay=False)
    for name, outcome in zip(FORGERIES, outcomes, strict=True):
        assert outcome.ending is Ending.CRASH, name
        assert outcome.failure.name == "Protocol", name
    assert last.outputs[0]["text"] == "1\n"


@pytest.mark.parametrize(
    "lengths",
    [(2**32 - 1, 0), (0, 2**32 - 1), (70_000, 0)],
    ids=["head", "body", "head over limit"],
)
def test_a_frame_of_announced_gigabytes_is_refused_before_it_is_read(run, lengths):
    """Lengths are looked at first."""
    outcome = run.step(f"{FIND}\nos.write(fd, {struct.pack('>II', *lengths)!r})")
    assert (outcome.ending, outcome.failure.name) == (Ending.CRASH, "Protocol")


def test_half_a_frame_waits_no_longer_than_the_step_may(run):
    """A process that goes silent in the middle of a frame runs into its limit."""
    outcome = run.step(
        f"{FIND}\nos.write(fd, b'\\0\\0')\nimport time; time.sleep(60)", step_wall_seconds=0.3
    )
    assert outcome.ending is Ending.TIMEOUT


def test_a_probe_forged_a_second_time_is_a_crash(run):
    """Names are unique; the first value stands."""
    text = json.dumps(probe({"type": "none"}))
    outcome = run.step(f"{FIND}\nprobe('x', 5, exact=True)\nframe({text!r}.encode())", question="q")
    assert outcome.ending is Ending.CRASH
    assert [int(p.value) for p in outcome.probes] == [5]


def test_a_bool_with_other_bits_becomes_an_honest_bool(run):
    """An array of type bool holds nothing but True and False."""
    text = json.dumps(probe(array("|b1", [3]), size=3))
    outcome = run.step(f"{FIND}\nframe({text!r}.encode(), bytes([0, 1, 255]))", question="q")
    assert outcome.probes[0].value.view("u1").tolist() == [0, 1, 1]


def test_an_end_that_is_announced_early_gains_nothing(run):
    """The steps behind it go on in their order, and what they hand out is what they hand out."""
    text = json.dumps({"kind": "done", "step": 0, "ending": "ok", "memory": 1, "parts": []})
    first, second = run.steps(
        f"{FIND}\nframe({text!r}.encode())", "probe('x', 1, exact=True)", question="q"
    )
    assert first.ending is Ending.OK
    assert second.ending in (Ending.OK, Ending.CRASH)


def test_values_over_the_limit_cannot_be_forced_through(run):
    """The grader counts, too."""
    text = json.dumps(probe(array("|u1", [50_000]), size=50_000))
    outcome = run.step(f"{FIND}\nframe({text!r}.encode(), bytes(50_000))", value_bytes=10_000)
    assert outcome.ending is Ending.CRASH
