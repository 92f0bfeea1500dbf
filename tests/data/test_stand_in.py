"""Promises of the generator of pictures."""

import hashlib

import numpy as np
import pytest
from cs231n import stand_in


@pytest.fixture(scope="module")
def sample():
    """Three thousand pictures, with their labels."""
    return stand_in.draw(3000, seed=5)


def test_the_same_seed_gives_the_same_bytes_for_ever():
    """The first chunk has a known hash, on every computer; another one needs a new EDITION."""
    images, labels = stand_in.draw(100, seed=231)
    digest = hashlib.sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert (stand_in.EDITION, digest[:32]) == (1, "0599f4269dff4ec68ac98de763bac9f9")


def test_pictures_and_labels_have_their_promised_form():
    """Bytes of shape (count, 32, 32, 3) and int64 labels, also for counts that fill no chunk."""
    for count in (0, 1, 100, 130):
        images, labels = stand_in.draw(count)
        assert images.shape == (count, 32, 32, 3) and images.dtype == np.uint8
        assert labels.shape == (count,) and labels.dtype == np.int64


@pytest.mark.parametrize(("start", "count"), [(0, 7), (95, 10), (150, 50), (99, 102)])
def test_any_part_of_a_series_can_be_drawn_alone(start, count):
    """Pictures number start to start + count are the same, whatever was drawn before them."""
    images, labels = stand_in.draw(250, seed=9)
    part, part_labels = stand_in.draw(count, seed=9, start=start)
    np.testing.assert_array_equal(part, images[start : start + count])
    np.testing.assert_array_equal(part_labels, labels[start : start + count])


def test_seeds_may_be_huge_and_all_of_their_digits_count():
    """Two seeds of 300 bits that differ in one bit give other pictures and other labels."""
    seeds = [0, 1, 2**64, 2**300, 2**300 + 1]
    series = [stand_in.draw(100, seed) for seed in seeds]
    assert len({images.tobytes() for images, _ in series}) == len(seeds)
    assert len({labels.tobytes() for _, labels in series}) == len(seeds)


def test_numpy_integers_are_seeds_too():
    """A seed from a numpy array means the same as the Python number."""
    expected, _ = stand_in.draw(1, seed=17)
    np.testing.assert_array_equal(stand_in.draw(1, seed=np.int64(17))[0], expected)


@pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1, "seed": -1}])
def test_negative_numbers_are_refused(wrong):
    """A negative count or seed is an error, not an empty or surprising result."""
    with pytest.raises(ValueError, match="negative"):
        stand_in.draw(**wrong)


def test_drawing_leaves_the_global_random_numbers_alone():
    """A student who set np.random.seed gets the same numbers whether pictures are drawn or not."""
    before = np.random.get_state()[1].copy()
    stand_in.draw(100)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_progress_is_told_after_each_chunk():
    """`progress` hears growing numbers that end at the count."""
    told = []
    stand_in.draw(250, progress=told.append)
    assert told == [100, 200, 250]


def test_classes_are_equally_frequent(sample):
    """Each class is a tenth of the pictures, within five standard deviations of chance."""
    _, labels = sample
    assert len(stand_in.CLASSES) == 10
    deviation = (3000 * 0.1 * 0.9) ** 0.5
    np.testing.assert_allclose(np.bincount(labels, minlength=10), 300, atol=5 * deviation)


def test_labels_cannot_be_guessed_from_their_order(sample):
    """Neither the place in a chunk nor the label before says which label comes."""
    _, labels = sample
    chunks = labels.reshape(-1, 100)
    assert len({chunk.tobytes() for chunk in chunks}) == len(chunks)
    assert len({tuple(np.bincount(chunk, minlength=10)) for chunk in chunks}) > 20
    follows = np.zeros((10, 10))
    np.add.at(follows, (labels[:-1], labels[1:]), 1)
    chi_square = np.sum((follows - follows.mean()) ** 2) / follows.mean()
    assert chi_square < 170  # 99 expected, with a standard deviation of 14


def test_pixels_are_spread_as_in_cifar10(sample):
    """Mean and standard deviation of each channel are near those of CIFAR-10."""
    images, _ = sample
    np.testing.assert_allclose(images.mean(axis=(0, 1, 2)), (125.3, 123.0, 113.9), atol=5)
    np.testing.assert_allclose(images.std(axis=(0, 1, 2)), (63.0, 62.1, 66.7), atol=6)


def test_pictures_are_as_smooth_as_photographs(sample):
    """The power of the spectrum falls with an exponent near CIFAR-10's, 2.7."""
    images, _ = sample
    gray = images.mean(axis=3)
    gray = (gray - gray.mean(axis=(1, 2), keepdims=True)) * np.outer(np.hanning(32), np.hanning(32))
    power = (np.abs(np.fft.fft2(gray)) ** 2).mean(axis=0)
    frequency = np.fft.fftfreq(32) * 32
    radius = np.hypot(frequency[:, None], frequency[None, :])
    rings = np.arange(2, 15)
    ring_power = [power[np.abs(radius - ring) < 0.5].mean() for ring in rings]
    exponent = -np.polyfit(np.log(rings), np.log(ring_power), 1)[0]
    assert exponent == pytest.approx(2.72, abs=0.25)


def test_pictures_are_neither_flat_nor_burnt_out(sample):
    """No picture is of one colour, and few pixels are at the ends of the scale."""
    images, _ = sample
    assert images.std(axis=(1, 2)).mean(axis=1).min() > 5
    assert np.mean((images == 0) | (images == 255)) < 0.08


def test_nearest_neighbours_find_something_but_not_much(sample):
    """One neighbour among 2500 is right in about a quarter of cases, as on CIFAR-10."""
    images, labels = sample
    X = images.reshape(3000, -1).astype(np.float32)
    X -= X.mean(axis=0)
    train, test = X[:2500], X[2500:]
    distances = (train * train).sum(axis=1) - 2 * test @ train.T
    right = labels[:2500][distances.argmin(axis=1)] == labels[2500:]
    assert 0.15 < right.mean() < 0.33  # .23 is usual, with a standard error of .02


def test_numbers_stay_float32(monkeypatch):
    """Distances and colours are float32: float64 would give other bytes under another numpy."""
    kinds = set()
    paint = stand_in.Canvas.paint

    def watched(canvas, distance, color, strength=None):
        kinds.update({distance.dtype, color.dtype, canvas.image.dtype})
        return paint(canvas, distance, color, strength)

    monkeypatch.setattr(stand_in.Canvas, "paint", watched)
    stand_in.draw(100)
    assert kinds == {np.dtype(np.float32)}
