"""Promises of the loader: the stand-in with its cache, and CIFAR-10's files."""

import hashlib
import io
import os
import pickle
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cs231n import data_utils, stand_in

ASSIGNMENTS = Path(data_utils.__file__).parents[1]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache with one block of training and one of test pictures."""
    folder = tmp_path_factory.mktemp("cache")
    data_utils.load_images(1000, 100, cache=folder)
    return folder


@pytest.fixture
def cache(filled, tmp_path):
    """A copy of the filled cache, for tests that damage it."""
    shutil.copytree(filled, tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def no_drawing(monkeypatch):
    """Make every attempt to draw fail."""

    def refuse(*args, **kwargs):
        raise AssertionError("something was drawn")

    monkeypatch.setattr(stand_in, "draw", refuse)


def files(folder):
    """Return the names of all files of a folder, partial ones included."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --------------------------------------------------------------------------- the stand-in


def test_images_are_those_of_the_generator(filled):
    """Training pictures are the first of the series, test pictures those from 50 000 on."""
    X_train, y_train, X_test, y_test = data_utils.load_images(150, 50, cache=filled)
    images, labels = stand_in.draw(150)
    np.testing.assert_array_equal(X_train, images)
    np.testing.assert_array_equal(y_train, labels)
    images, labels = stand_in.draw(50, start=50_000)
    np.testing.assert_array_equal(X_test, images)
    np.testing.assert_array_equal(y_test, labels)
    assert X_train.dtype == np.float64, "differences of bytes would wrap around"


def test_first_use_shows_progress_and_second_use_is_silent(tmp_path, capsys):
    """A bar that ends full is shown while drawing; nothing is printed when all is there."""
    data_utils.load_images(10, 10, cache=tmp_path)
    shown = capsys.readouterr().out
    assert shown.count("\r") == 3 and "2000 of 2000\n" in shown
    data_utils.load_images(10, 10, cache=tmp_path)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("no_drawing")
def test_smaller_requests_come_from_a_larger_cache(filled):
    """Whatever lies within stored blocks is read, not drawn."""
    X_train, y_train, X_test, _ = data_utils.load_images(999, 1000, cache=filled)
    assert (len(X_train), len(y_train), len(X_test)) == (999, 999, 1000)


def test_a_larger_request_draws_only_what_is_missing(cache, monkeypatch):
    """With the first block there, only the second one is drawn."""
    starts = []
    draw = stand_in.draw

    def watched(count, seed, start):
        starts.append(start)
        return draw(count, seed, start)

    monkeypatch.setattr(stand_in, "draw", watched)
    data_utils.load_images(1500, 0, cache=cache)
    assert starts == [1000]


DAMAGES = ["cut off", "one byte", "empty", "no archive", "other arrays", "object array"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_drawn_again(cache, damage):
    """Whatever has happened to a file of the cache, the right pictures are loaded, and stored."""
    (path,) = cache.rglob("000.npz")
    good = path.read_bytes()
    if damage == "cut off":
        path.write_bytes(good[: len(good) // 2])
    elif damage == "one byte":
        path.write_bytes(good[:500_000] + bytes([good[500_000] ^ 1]) + good[500_001:])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "no archive":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    elif damage == "other arrays":
        np.savez(path, images=np.zeros((1000, 32, 32), np.uint8), labels=np.zeros(1000, np.int64))
    else:
        np.savez(path, images=np.array([None, "pickle"]), labels=np.zeros(1000, np.int64))
    X, y, _, _ = data_utils.load_images(100, 0, cache=cache)
    images, labels = stand_in.draw(100)
    np.testing.assert_array_equal(X, images)
    np.testing.assert_array_equal(y, labels)
    assert path.read_bytes() == good


def test_an_interrupted_write_leaves_no_file_behind(tmp_path, monkeypatch):
    """Ctrl-C while a file is written leaves neither a half file nor a partial one."""

    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data_utils.load_images(10, 0, cache=tmp_path)
    assert files(tmp_path) == []


def test_pictures_are_drawn_even_if_they_cannot_be_stored(tmp_path):
    """A cache that can't be made, here below a plain file, costs time and nothing else."""
    (tmp_path / "file").write_text("in the way")
    X, _, _, _ = data_utils.load_images(100, 0, cache=tmp_path / "file" / "cache")
    np.testing.assert_array_equal(X, stand_in.draw(100)[0])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_folder_is_no_obstacle(tmp_path):
    """A folder without write permission is passed over."""
    tmp_path.chmod(0o500)
    X, _, _, _ = data_utils.load_images(10, 0, cache=tmp_path)
    assert len(X) == 10
    assert files(tmp_path) == []


def test_default_cache_goes_elsewhere_when_the_first_choice_is_not_writable(tmp_path, monkeypatch):
    """Beside the package if possible, else in the home folder, else in a temporary folder."""
    home = tmp_path / "home"
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(data_utils, "__file__", str(tmp_path / "hand-out" / "cs231n" / "x.py"))
    assert data_utils.default_cache() == tmp_path / "hand-out" / "data" / "cache"
    writable = data_utils._writable
    monkeypatch.setattr(
        data_utils, "_writable", lambda folder: "hand-out" not in str(folder) and writable(folder)
    )
    assert data_utils.default_cache() == home / ".cache" / "nn-from-scratch"
    monkeypatch.setattr(data_utils, "_writable", lambda folder: False)
    assert data_utils.default_cache().name == "nn-from-scratch"


def test_within_the_course_all_copies_of_the_package_share_one_cache(tmp_path, monkeypatch):
    """Solved and released packages find the data/ folder that describes the data sets."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cifar-10.md5").touch()
    for copy in ("assignments/cs231n", "release/assignment1/cs231n"):
        monkeypatch.setattr(data_utils, "__file__", str(tmp_path / copy / "data_utils.py"))
        assert data_utils.default_cache() == tmp_path / "data" / "cache"


@pytest.fixture
def two_cores(monkeypatch):
    """Let the loader believe in two cores."""
    monkeypatch.setattr(data_utils, "_usable_cores", lambda: 2)


@pytest.mark.usefixtures("two_cores", "no_drawing")
def test_several_processes_draw_larger_requests(tmp_path, capsys):
    """Other processes draw all blocks, this one none, and the bar counts what they finish."""
    X, _, _, _ = data_utils.load_images(3000, 0, cache=tmp_path)
    assert X.shape == (3000, 32, 32, 3)
    assert files(tmp_path) == ["000.npz", "001.npz", "002.npz"]
    assert "3000 of 3000\n" in capsys.readouterr().out


@pytest.mark.usefixtures("two_cores")
@pytest.mark.parametrize("executable", ["/nowhere/python", None, shutil.which("false") or ""])
def test_where_no_process_starts_or_lives_this_one_draws(tmp_path, monkeypatch, executable):
    """No interpreter, none that is known, or one that dies: the pictures come all the same."""
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(data_utils, "BLOCK", 100)
    X, _, _, _ = data_utils.load_images(300, 0, cache=tmp_path)
    np.testing.assert_array_equal(X, stand_in.draw(300)[0])


def test_a_script_without_a_main_guard_can_load(tmp_path):
    """A plain script at top level loads in parallel without starting itself again."""
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ASSIGNMENTS)!r})\n"
        "from cs231n import data_utils\n"
        "data_utils._usable_cores = lambda: 2\n"
        f"print(len(data_utils.load_images(3000, 0, cache={str(tmp_path / 'c')!r})[0]))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("3000\n") and done.stdout.count("Drawing") < 10


@pytest.mark.parametrize("wrong", [(50_001, 0), (-1, 0), (0, 10_001)])
def test_more_pictures_than_there_are_is_an_error_in_words(tmp_path, wrong):
    """The message says how many there are."""
    with pytest.raises(data_utils.DataError, match=r"There are [15]0000"):
        data_utils.load_images(*wrong, cache=tmp_path)


def test_network_data_are_split_centred_and_channels_first(filled):
    """The dictionary has the parts that the lessons use, from the right pictures."""
    data = data_utils.get_CIFAR10_data(800, 150, 60, cache=filled)
    X, y, X_test, _ = data_utils.load_images(950, 60, cache=filled)
    mean = X[:800].mean(axis=0)
    assert data["mean_image"].shape == (3, 32, 32)
    np.testing.assert_allclose(data["mean_image"], mean.transpose(2, 0, 1), rtol=1e-6)
    expected = {"X_train": X[:800], "X_val": X[800:], "X_test": X_test}
    for name, images in expected.items():
        assert data[name].dtype == np.float32
        # 4e-5: one rounding of the mean and one of the difference, in float32 below 256.
        np.testing.assert_allclose(data[name], (images - mean).transpose(0, 3, 1, 2), atol=4e-5)
    np.testing.assert_array_equal(data["y_val"], y[800:])
    assert len(data["y_train"]) == 800 and len(data["y_test"]) == 60


def test_the_mean_can_stay(filled):
    """With subtract_mean=False the pixels are as they are."""
    data = data_utils.get_CIFAR10_data(100, 0, 0, subtract_mean=False, cache=filled)
    np.testing.assert_array_equal(data["X_train"][:, 0], stand_in.draw(100)[0][..., 0])


def test_class_names_follow_the_data_set():
    """Without a root the stand-in's names, with one CIFAR-10's."""
    assert data_utils.class_names()[0] == "balloon"
    assert data_utils.class_names("some/folder")[:2] == ["airplane", "automobile"]
    assert len(data_utils.class_names("some/folder")) == 10


# --------------------------------------------------------------------------- the real CIFAR-10


class OldPickler(pickle._Pickler):
    """Writes texts, bytes and numpy's names as Python 2 did, which wrote CIFAR-10."""

    dispatch = dict(pickle._Pickler.dispatch)  # noqa: RUF012 - as the base class has it

    def save_text(self, text):
        """Write text and bytes alike, as one kind of string."""
        content = text if isinstance(text, bytes) else text.encode("latin1")
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(text)

    def save_global(self, obj, name=None):
        """Name numpy's function as it was named then."""
        if getattr(obj, "__name__", "") == "_reconstruct":
            self.write(b"cnumpy.core.multiarray\n_reconstruct\n")
            self.memoize(obj)
        else:
            super().save_global(obj, name)

    dispatch[bytes] = save_text
    dispatch[str] = save_text
    dispatch[type(pickle.dumps)] = save_global
    dispatch[type(len)] = save_global


def old_pickle(value):
    """Return a pickle in the form of Python 2."""
    stream = io.BytesIO()
    OldPickler(stream, protocol=2).dump(value)
    return stream.getvalue()


@pytest.fixture
def fake(tmp_path):
    """A tiny CIFAR-10: six files of four pictures; returns (folder, checksums, all pixels)."""
    rng = np.random.default_rng(0)
    checksums, pixels = {}, {}
    for name in data_utils.CIFAR10_MD5:
        pixels[name] = rng.integers(0, 256, size=(4, 3072)).astype(np.uint8)
        content = old_pickle({"data": pixels[name], "labels": [3, 1, 4, 1], "batch_label": "tiny"})
        (tmp_path / name).write_bytes(content)
        checksums[name] = hashlib.md5(content).hexdigest()
    return tmp_path, checksums, pixels


def test_a_published_file_is_read(fake):
    """Rows of red, green and blue planes become pictures with the channels last."""
    folder, checksums, pixels = fake
    X, Y = data_utils.load_CIFAR_batch(folder / "data_batch_2", checksums)
    assert X.shape == (4, 32, 32, 3) and X.dtype == np.float32
    assert X[1, 2, 5, 2] == pixels["data_batch_2"][1, 2 * 1024 + 2 * 32 + 5]
    assert Y.tolist() == [3, 1, 4, 1]


def test_all_of_cifar10_is_read_in_order(fake):
    """Training pictures are the five files one after another, test pictures the sixth."""
    folder, checksums, pixels = fake
    Xtr, Ytr, Xte, Yte = data_utils.load_CIFAR10(str(folder), checksums)
    assert Xtr.shape == (20, 32, 32, 3) and Xte.shape == (4, 32, 32, 3)
    assert (len(Ytr), len(Yte)) == (20, 4)
    assert Xtr[17, 0, 0, 0] == pixels["data_batch_5"][1, 0]


def test_the_lessons_functions_read_only_the_files_they_need(fake, monkeypatch):
    """Six training pictures come from two files; the others need not even be there."""
    folder, checksums, _ = fake
    for name, md5 in checksums.items():
        monkeypatch.setitem(data_utils.CIFAR10_MD5, name, md5)
    for number in (3, 4, 5):
        (folder / f"data_batch_{number}").unlink()
    data = data_utils.get_CIFAR10_data(5, 1, 2, root=folder)
    assert data["X_train"].shape == (5, 3, 32, 32) and data["X_test"].shape == (2, 3, 32, 32)
    X, y, _, _ = data_utils.load_images(5, 0, root=folder)
    assert X.shape == (5, 32, 32, 3) and y.tolist() == [3, 1, 4, 1, 3]


class Attack:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_file_with_another_checksum_is_refused_before_it_is_opened(fake, tmp_path, monkeypatch):
    """Not even the careful reader sees it; the message names the file and what to do."""
    folder, checksums, _ = fake
    (folder / "data_batch_1").write_bytes(pickle.dumps(Attack(tmp_path / "attacked")))

    def refuse(content):
        raise AssertionError("it was opened")

    monkeypatch.setattr(data_utils, "_PlainUnpickler", refuse)
    with pytest.raises(data_utils.DataError, match=r"data_batch_1 is not the published.*again"):
        data_utils.load_CIFAR10(folder, checksums)
    assert not (tmp_path / "attacked").exists()


def test_the_published_checksums_are_the_default(fake):
    """Without a table of its own, a test file is not CIFAR-10."""
    with pytest.raises(data_utils.DataError, match="40351d587109b95175f43aff81a1287e"):
        data_utils.load_CIFAR_batch(fake[0] / "test_batch")


def test_the_checksums_in_the_data_folder_are_those_of_the_loader():
    """data/cifar-10.md5, for `md5sum -c`, and the loader's table agree."""
    lines = (ASSIGNMENTS.parent / "data" / "cifar-10.md5").read_text().splitlines()
    listed = {path.split("/")[-1]: md5 for md5, path in (line.split() for line in lines)}
    del listed["cifar-10-python.tar.gz"]
    assert listed == data_utils.CIFAR10_MD5


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_runs_something_is_refused_even_with_the_right_checksum(tmp_path, protocol):
    """The reader makes arrays and plain containers only, in all protocols of pickle."""
    content = pickle.dumps({"data": Attack(tmp_path / "attacked"), "labels": []}, protocol)
    (tmp_path / "test_batch").write_bytes(content)
    checksums = {"test_batch": hashlib.md5(content).hexdigest()}
    with pytest.raises(data_utils.DataError, match="attack"):
        data_utils.load_CIFAR_batch(tmp_path / "test_batch", checksums)
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize(
    "value", [{"data": np.array([None])}, {"labels": [1]}, [1, 2], {"data": [1], "labels": [1]}]
)
def test_a_pickle_of_another_form_is_refused(tmp_path, value):
    """Object arrays, missing entries and odd shapes give an error in words."""
    content = pickle.dumps(value, protocol=3)
    (tmp_path / "test_batch").write_bytes(content)
    checksums = {"test_batch": hashlib.md5(content).hexdigest()}
    with pytest.raises(data_utils.DataError):
        data_utils.load_CIFAR_batch(tmp_path / "test_batch", checksums)


def test_missing_files_and_folders_are_named(fake):
    """The messages say what is missing and that the stand-in needs nothing."""
    folder, checksums, _ = fake
    with pytest.raises(data_utils.DataError, match=r"no folder .*nowhere.*root=None"):
        data_utils.load_CIFAR10(folder / "nowhere", checksums)
    (folder / "data_batch_4").unlink()
    with pytest.raises(data_utils.DataError, match=r"data_batch_4 is missing.*root=None"):
        data_utils.load_CIFAR10(folder, checksums)
    with pytest.raises(data_utils.DataError, match="no checksum is known"):
        data_utils.load_CIFAR_batch(folder / "batches.meta", checksums)
