"""`probe` and `assert_close` hand out values bit by bit, and nothing but plain values."""

import inspect

import numpy as np

from autograder.model import Ending, Foreign

DTYPES = ["bool"] + [f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")]
DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]
SHAPES = [(), (0,), (3, 0, 2), (7,), (2, 3, 5)]


def noise(dtype, shape):
    """Return an array of random bits: NaNs, infinities and denormals among them."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.random.default_rng(3).integers(0, 256, size, dtype=np.uint8)
    return (raw % 2 if dtype == "bool" else raw).view(dtype).reshape(shape)


def test_arrays_arrive_bit_by_bit(run):
    """Shape, type and every bit are those of the notebook, special values included."""
    source = "import numpy as np\n" + inspect.getsource(noise)
    cases = {f"{dtype} {shape}": (dtype, shape) for dtype in DTYPES for shape in SHAPES}
    source += f"for name, case in {cases}.items(): probe(name, noise(*case), exact=True)"
    probes = run.step(source, question="q").probes
    assert [probe.name for probe in probes] == list(cases)
    for probe in probes:
        expected = noise(*cases[probe.name])
        assert (probe.value.dtype, probe.value.shape) == (expected.dtype, expected.shape)
        assert probe.value.tobytes() == expected.tobytes(), probe.name


PLAIN = {
    "np.arange(6.0).reshape(2, 3).T": np.arange(6.0).reshape(2, 3).T,
    "np.arange(6)[::-2]": np.array([5, 3, 1]),
    "np.asfortranarray(np.eye(2, 3))": np.eye(2, 3),
    "np.arange(3, dtype='>f8')": np.arange(3.0),
    "np.arange(3, dtype='>i2')": np.arange(3, dtype=np.int16),
    "np.arange(3, dtype=np.longdouble)": np.arange(3.0),
    "np.arange(3, dtype=np.clongdouble)": np.arange(3, dtype=complex),
    "True": np.array(True),
    "7": np.array(7),
    "-0.5": np.array(-0.5),
    "np.float32(0.5)": np.array(0.5, np.float32),
    "[1, 2.5]": np.array([1, 2.5]),
    "[[1], [2]]": np.array([[1], [2]]),
    "np.array([[1, 2]]).view(np.matrix)": np.array([[1, 2]]),
    "np.array([np.nan, np.inf, -np.inf, -0.0])": np.array([np.nan, np.inf, -np.inf, -0.0]),
}


def values(run, expressions):
    """Hand out the value of each expression and return them in order."""
    lines = [f"probe({e!r}, {e}, exact=True)" for e in expressions]
    outcome = run.step("\n".join(["import numpy as np", *lines]), question="q")
    assert outcome.ending == "ok", outcome
    return [probe.value for probe in outcome.probes]


def test_numbers_of_other_forms_become_plain_arrays(run):
    """Views, byte orders, lists and subclasses arrive as contiguous little-endian arrays."""
    for (expression, expected), value in zip(PLAIN.items(), values(run, PLAIN), strict=True):
        assert type(value) is np.ndarray, expression
        assert (value.dtype, value.shape) == (expected.dtype, expected.shape), expression
        assert value.tobytes() == np.ascontiguousarray(expected).tobytes(), expression


def test_texts_and_none_arrive(run):
    """They are handed out as they are."""
    expressions = ["None", "'text'", "''", r"'\u00e9'", "'x' * 10_000"]
    assert values(run, expressions) == [eval(expression) for expression in expressions]


STRANGE = [
    "object()",
    "{'a': 1}",
    "np.array([object(), None])",
    "np.array(['a', 'b'])",
    "np.array(['2020-01-01'], dtype='M8[D]')",
    "np.zeros(2, dtype=[('a', 'f8')])",
    "np.ma.masked_array([1.0, 2.0], mask=[True, False])",
    "[[1], [2, 3]]",
    "[object()]",
    "10 ** 400",
    "iter([1, 2])",
    "print",
    "'x' * 10_001",
    "type('Liar', (), {'__array__': lambda s, *a, **k: np.ones(3)})()",
    "type('Equal', (), {'__eq__': lambda s, o: True, '__array_priority__': 1e9})()",
]


def test_anything_else_leaves_as_a_description(run):
    """Objects, texts in arrays, masked and ragged arrays can't be compared, and never raise."""
    for expression, value in zip(STRANGE, values(run, STRANGE), strict=True):
        assert isinstance(value, Foreign), expression


def test_a_subclass_that_lies_is_taken_by_its_memory(run):
    """What its methods say doesn't matter."""
    source = (
        "import numpy as np\n"
        "class Liar(np.ndarray):\n"
        "    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): return np.ones(2)\n"
        "    def astype(self, *a, **k): return np.ones(2)\n"
        "    def tobytes(self, *a): return b'x'\n"
        "    shape = size = property(lambda self: 1 / 0)\n"
        "probe('value', np.arange(2.0).view(Liar), exact=True)"
    )
    (probe,) = run.step(source, question="q").probes
    assert probe.value.tolist() == [0.0, 1.0]


def test_a_value_is_copied_at_the_call(run):
    """Later changes of an array don't change what was handed out."""
    source = "x = np.zeros(3)\nprobe('x', x, exact=True)\nx += 1\nassert_close(x, 0)\nx += 1"
    probes = run.step(f"import numpy as np\n{source}", question="q").probes
    assert [p.value.tolist() for p in probes] == [[0.0] * 3, [1.0] * 3]


def test_values_over_the_limit_leave_as_a_description(run):
    """The limit is for all values of a step together."""
    source = "import numpy as np\nfor i in range(3): probe(f'{i}', np.ones(1000), exact=True)"
    first, second, third = run.step(source, question="q", value_bytes=20_000).probes
    assert first.value.size == second.value.size == 1000
    assert "too large" in third.value.description


def test_comparisons_are_handed_over(run):
    """Each probe carries how it is to be compared; only the reference run's will count."""
    source = (
        "probe('a', 1, rel_error=1e-9, share=0.5)\nprobe('b', 2, exact=True)\n"
        "probe('c', 3, accuracy=0.5)\nassert_close(4, 5, abs_error=0.1)\nassert_close(6, 7)\n"
        "assert_close(8, 9, rel_error=1e-3)"
    )
    probes = run.step(source, question="q").probes
    assert [(p.name, dict(p.comparison), p.visible) for p in probes] == [
        ("a", {"rel_error": 1e-9, "share": 0.5}, False),
        ("b", {"exact": 1.0}, False),
        ("c", {"accuracy": 0.5}, False),
        ("check 1", {"abs_error": 0.1}, True),
        ("check 2", {"exact": 1.0}, True),
        ("check 3", {"rel_error": 1e-3}, True),
    ]
    assert [int(p.value) for p in probes] == [1, 2, 3, 4, 6, 8]


def test_probes_are_bound_anew_for_each_question(run):
    """A student's own `probe` or `assert_close` is replaced."""
    override = "def probe(*a, **k): pass\nassert_close = probe"
    outcome = run.steps(override, "probe('x', 1, exact=True)\nassert_close(2, 2)", question="q")[1]
    assert [p.name for p in outcome.probes] == ["x", "check 1"]


def test_a_step_without_a_question_has_no_probe(run):
    """Setup and answer cells have nothing to hand out."""
    assert run.step("probe").failure.name == "NameError"


def test_a_name_can_be_used_once_in_a_step(run):
    """A second use is an author's mistake and says so."""
    outcome = run.step("probe('x', 1, exact=True); probe('x', 2, exact=True)", question="q")
    assert outcome.failure.name == "ValueError"
    assert len(outcome.probes) == 1


def test_random_numbers_follow_the_seed(run):
    """Equal seeds give equal numbers, other seeds others, each call another stream."""
    source = "for name in 'ab': probe(name, probe.rng().normal(size=4), exact=True)"
    one, again, other = (
        [p.value.tolist() for p in run.step(source, question="q", seed=seed).probes]
        for seed in (2**63, 2**63, 5)
    )
    assert one == again
    assert one[0] != one[1]
    assert one[0] != other[0]


def test_inputs_arrive_and_cannot_be_spoilt(run):
    """`probe.input` returns a fresh copy each time, in the step that has it."""
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    source = "a = probe.input('images'); a += 1; probe('x', probe.input('images'), exact=True)"
    outcome = run.step(source, question="q", inputs={"images": images, "empty": np.zeros((0, 2))})
    assert np.array_equal(outcome.probes[0].value, images)
    assert run.step("probe.input('images')", question="q").failure.name == "KeyError"


def test_nobody_can_change_the_inputs_of_others(run):
    """The memory that all notebooks share is sealed, by whatever descriptor one comes to it."""
    source = """
import mmap, os
changed = 0
for number in range(3, 256):
    for change in (
        lambda: os.pwrite(number, b"x", 0),
        lambda: os.ftruncate(number, 0),
        lambda: mmap.mmap(number, 24).write(b"x"),
    ):
        try:
            change()
            changed += os.pread(number, 24, 0) != bytes(range(24))
        except (OSError, ValueError):
            pass
probe("changed", changed, exact=True)
probe("input", probe.input("images"), exact=True)
"""
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    outcomes = run.steps(source, source, question="q", inputs={"images": images})
    for outcome in outcomes:
        assert np.array_equal(outcome.probes[1].value, images)


def test_what_was_handed_out_before_an_error_is_kept(run):
    """The judge sees everything there is to see."""
    outcome = run.step("probe('x', 1, exact=True)\nimport os; os._exit(1)", question="q")
    assert outcome.ending is Ending.CRASH
    assert outcome.probes[0].name == "x"
