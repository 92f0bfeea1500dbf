# Built by "autograder build" from assignments/cs231n/data_utils.py; instructors edit that one.
"""Load the pictures of the lessons: the stand-in by default, or the real CIFAR-10.

    X_train, y_train, X_test, y_test = load_images(5000, 500)       # pictures as they are
    data = get_CIFAR10_data()                                       # ready for a network

Without a `root`, the pictures come from `stand_in.py`: 50 000 to train with, 10 000 to test with,
as in CIFAR-10. They are drawn when first needed, a thousand at a time, by several processes, and
kept as plain .npz files in a cache folder. What is there isn't drawn again; a damaged file is.

With `root`, the folder of the "python version" of CIFAR-10, its files are read instead. They are
pickles, and a pickle can run any program while it is read. So each file must have the published
checksum, and the reader makes arrays, texts, numbers, lists and dictionaries, nothing else.
"""

import contextlib
import hashlib
import io
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from . import stand_in

__all__ = [
    "class_names",
    "get_CIFAR10_data",
    "load_CIFAR10",
    "load_CIFAR_batch",
    "load_images",
]

TRAINING_IMAGES, TEST_IMAGES = 50_000, 10_000
CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
CIFAR10_MD5 = {  # as published with the data set
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}


class DataError(Exception):
    """The pictures can't be loaded; the message says why and what to do."""


def class_names(root=None):
    """Return the names of the ten classes of the stand-in, or, with a root, of CIFAR-10."""
    return list(stand_in.CLASSES if root is None else CIFAR10_CLASSES)


def load_images(num_train, num_test, root=None, seed=231, cache=None, dtype=np.float64):
    """Load the first training and the first test pictures, with their pixels as they are.

    Inputs:
    - num_train, num_test: How many pictures of each.
    - root: Folder of CIFAR-10 (its name is usually cifar-10-batches-py); None for the stand-in.
    - seed: Which series of the stand-in.
    - cache: Folder in which drawn pictures are kept; None for the usual one.
    - dtype: Type of the pixels. Beware of np.uint8, in which 3 - 5 is 254.

    Returns a tuple of:
    - X_train: Array of shape (num_train, 32, 32, 3), values from 0 to 255.
    - y_train: Array of shape (num_train,), labels from 0 to 9.
    - X_test, y_test: The same for num_test pictures.
    """
    _check_count("training", num_train, TRAINING_IMAGES)
    _check_count("test", num_test, TEST_IMAGES)
    if root is None:
        folder = default_cache() if cache is None else Path(cache)
        X_train, y_train, X_test, y_test = _load_stand_in(num_train, num_test, seed, folder)
    else:
        X_train, y_train = _read_batches(root, [f"data_batch_{i}" for i in range(1, 6)], num_train)
        X_test, y_test = _read_batches(root, ["test_batch"], num_test)
    return X_train.astype(dtype, copy=False), y_train, X_test.astype(dtype, copy=False), y_test


def _check_count(kind, count, limit):
    if not 0 <= count <= limit:
        raise DataError(f"There are {limit} {kind} pictures; {count} can't be loaded.")


def get_CIFAR10_data(
    num_training=49000,
    num_validation=1000,
    num_test=1000,
    subtract_mean=True,
    root=None,
    cache=None,
    dtype=np.float32,
):
    """Load pictures for training networks: split, centred, and with the channels first.

    Inputs:
    - num_training, num_validation, num_test: How many pictures. The validation set are the training
      pictures that follow the first num_training ones.
    - subtract_mean: Whether to subtract the mean picture of the training set from all sets.
    - root: Folder of CIFAR-10; None for the stand-in.
    - cache: Folder in which drawn pictures are kept; None for the usual one.
    - dtype: Type of the pixels.

    Returns a dictionary of:
    - X_train, X_val, X_test: Arrays of shape (N, 3, 32, 32).
    - y_train, y_val, y_test: Arrays of shape (N,), labels from 0 to 9.
    - mean_image: Array of shape (3, 32, 32): the mean picture of the training set.
    """
    wanted = num_training + num_validation
    X, y, X_test, y_test = load_images(wanted, num_test, root, cache=cache, dtype=np.uint8)
    mean_image = X[:num_training].mean(axis=0) if num_training else np.zeros((32, 32, 3))
    parts = {"X_train": X[:num_training], "X_val": X[num_training:], "X_test": X_test}
    data = {}
    for name, images in parts.items():
        # One copy, channels first in memory too: it is 600 MB for the training set.
        data[name] = np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=dtype)
        if subtract_mean:
            data[name] -= mean_image.transpose(2, 0, 1).astype(dtype)
    data.update(y_train=y[:num_training], y_val=y[num_training:], y_test=y_test)
    data["mean_image"] = np.ascontiguousarray(mean_image.transpose(2, 0, 1), dtype=dtype)
    return data


# --------------------------------------------------------------------------- the real CIFAR-10


def load_CIFAR10(ROOT, checksums=CIFAR10_MD5):
    """Read all of CIFAR-10.

    Inputs:
    - ROOT: Folder with the files data_batch_1 to data_batch_5 and test_batch.
    - checksums: MD5 of each file by its name.

    Returns a tuple of:
    - Xtr, Ytr: Arrays of shape (50000, 32, 32, 3), float32, values from 0 to 255, and (50000,).
    - Xte, Yte: The same for the 10000 test pictures.
    """
    names = [f"data_batch_{i}" for i in range(1, 6)]
    Xtr, Ytr = _read_batches(ROOT, names, TRAINING_IMAGES, checksums)
    Xte, Yte = _read_batches(ROOT, ["test_batch"], TEST_IMAGES, checksums)
    return Xtr.astype(np.float32), Ytr, Xte.astype(np.float32), Yte


def load_CIFAR_batch(filename, checksums=CIFAR10_MD5):
    """Read one file of CIFAR-10 after checking that it is the published one.

    Inputs:
    - filename: Path of the file.
    - checksums: MD5 of each file by its name.

    Returns a tuple of:
    - X: Array of shape (N, 32, 32, 3), float32, values from 0 to 255.
    - Y: Array of shape (N,), labels from 0 to 9.
    """
    X, Y = _read_batch(Path(filename), checksums)
    return X.astype(np.float32), Y


def _read_batches(root, names, count, checksums=CIFAR10_MD5):
    """Return the first `count` pictures of some files, as bytes, reading no file too many."""
    root = Path(root).expanduser()
    if not root.is_dir():
        raise DataError(
            f"There is no folder {root}. Give the folder that holds data_batch_1 to data_batch_5 "
            "and test_batch (unpacked from cifar-10-python.tar.gz), or root=None for the stand-in."
        )
    images, labels, missing = [np.empty((0, 32, 32, 3), np.uint8)], [np.empty(0, np.int64)], count
    for name in names:
        if missing <= 0:
            break
        X, y = _read_batch(root / name, checksums)
        images.append(X[:missing])
        labels.append(y[:missing])
        missing -= len(X)
    return np.concatenate(images), np.concatenate(labels)


def _read_batch(path, checksums):
    expected = checksums.get(path.name)
    if expected is None:
        raise DataError(f"{path} is not opened: no checksum is known for a file of this name.")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing. Is {path.parent} the unpacked python version of CIFAR-10? "
            "Unpack cifar-10-python.tar.gz again, or use root=None for the stand-in."
        ) from None
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} is not the published file: its MD5 is {found}, it should be {expected}. "
            "It was not opened. Perhaps a download was cut off: get cifar-10-python.tar.gz again, "
            "or use root=None for the stand-in."
        )
    batch = _PlainUnpickler(content).load()
    try:
        images = np.asarray(batch["data"], dtype=np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(batch["labels"], dtype=np.int64)
    except (KeyError, TypeError, ValueError) as problem:
        raise DataError(f"{path} has another form than a file of CIFAR-10 ({problem!r}).") from None
    return images.transpose(0, 2, 3, 1), labels


class _PlainUnpickler(pickle.Unpickler):
    """Reads arrays, texts, numbers, lists and dictionaries, and refuses anything else."""

    def __init__(self, content):
        super().__init__(io.BytesIO(content), encoding="latin1")  # written by Python 2

    def find_class(self, module, name):
        """Return one of the three names that arrays are made of."""
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.empty(0).__reduce__()[0]
        if (module, name) == ("numpy", "ndarray"):
            return np.ndarray
        if (module, name) == ("numpy", "dtype"):
            return _make_dtype
        raise DataError(
            f"The file asks for {module}.{name}, which has no place in a data set. It may be an "
            "attack: don't use it, and download the data set again."
        )


def _make_dtype(kind, align=False, copy=False):
    """Make a dtype of numbers as old pickles ask for it; they write 0 and 1 for False and True."""
    dtype = np.dtype(kind, align=bool(align), copy=bool(copy))
    if dtype.kind not in "biuf":
        raise DataError(f"The file holds an array of {dtype}; pictures and labels are numbers.")
    return dtype


# --------------------------------------------------------------------------- the stand-in

BLOCK = 1000  # pictures in one file of the cache


def default_cache():
    """Return the folder that keeps drawn pictures: data/cache beside the package, if writable.

    Within the whole course, where the package lies deeper, it is the course's data/cache. Where
    nothing can be written, it is a folder in the user's home, or a temporary one.
    """
    above = Path(__file__).resolve().parent.parent
    shared = [folder / "data" for folder in (above, above.parent, above.parent.parent)]
    beside = next((data for data in shared if (data / "cifar-10.md5").is_file()), above / "data")
    choices = [beside / "cache"]
    with contextlib.suppress(RuntimeError):  # some accounts have no home
        choices.append(Path.home() / ".cache" / "nn-from-scratch")
    temporary = Path(tempfile.gettempdir()) / "nn-from-scratch"
    return next((folder for folder in choices if _writable(folder)), temporary)


def _writable(folder):
    """Say whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _load_stand_in(num_train, num_test, seed, folder):
    """Return training and test pictures as bytes, drawing what is not in the cache."""
    train_blocks = range(-(-num_train // BLOCK))
    first_test = TRAINING_IMAGES // BLOCK
    test_blocks = range(first_test, first_test - (-num_test // BLOCK))
    blocks = _provide_blocks([*train_blocks, *test_blocks], seed, folder)
    X_train, y_train = _join([blocks[number] for number in train_blocks], num_train)
    X_test, y_test = _join([blocks[number] for number in test_blocks], num_test)
    return X_train, y_train, X_test, y_test


def _join(blocks, count):
    images = [np.empty((0, 32, 32, 3), np.uint8), *(images for images, _ in blocks)]
    labels = [np.empty(0, np.int64), *(labels for _, labels in blocks)]
    return np.concatenate(images)[:count], np.concatenate(labels)[:count]


def _provide_blocks(numbers, seed, folder):
    """Return {number: (images, labels)}; what can't be read is drawn, and stored if possible."""
    blocks = {number: _read_block(folder, seed, number) for number in numbers}
    missing = [number for number in numbers if blocks[number] is None]
    if not missing:
        return blocks
    bar = ProgressBar("Drawing pictures", len(missing) * BLOCK)
    if len(missing) > 2:  # for less, starting processes takes longer than drawing
        _draw_in_processes(missing, seed, folder, bar)
    for number in missing:
        blocks[number] = _read_block(folder, seed, number)
        if blocks[number] is None:
            blocks[number] = _draw_block(folder, seed, number)
            bar.add(BLOCK)
    bar.finish()
    return blocks


def _block_path(folder, seed, number):
    return Path(folder) / f"stand-in-{stand_in.EDITION}-{seed}" / f"{number:03d}.npz"


def _read_block(folder, seed, number):
    """Return (images, labels) of one file of the cache, or None if it is missing or damaged."""
    try:
        with _block_path(folder, seed, number).open("rb") as stream:
            arrays = np.load(stream, allow_pickle=False)
            images, labels = arrays["images"], arrays["labels"]
    except Exception:  # no file, or a damaged one, which fails in a dozen ways
        return None
    if (images.shape, images.dtype) != ((BLOCK, 32, 32, 3), np.uint8):
        return None
    if (labels.shape, labels.dtype) != ((BLOCK,), np.int64):
        return None
    return images, labels


def _draw_block(folder, seed, number):
    """Draw one block, store it whole or not at all, and return it, stored or not."""
    images, labels = stand_in.draw(BLOCK, seed, start=number * BLOCK)
    path = _block_path(folder, seed, number)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, images=images, labels=labels)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError:
        pass  # a full disk or a read-only folder: the pictures are drawn again next time
    return images, labels


def _draw_in_processes(numbers, seed, folder, bar):
    """Let several processes fill the cache. What they leave undone is left to the caller.

    Plain interpreters are started, which import this package and nothing else: that works alike in
    notebooks, in scripts without a main guard, and on systems that can't fork.
    """
    count = min(_usable_cores(), 8, len(numbers))
    if count < 2 or not sys.executable or not _writable(Path(folder)):
        return
    command = [sys.executable, "-m", __name__, str(folder), str(seed)]
    workers = []
    try:
        for first in range(count):
            own = [str(number) for number in numbers[first::count]]
            worker = subprocess.Popen(
                command + own,
                cwd=Path(__file__).resolve().parents[__name__.count(".")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            workers.append(worker)
        _watch(workers, [_block_path(folder, seed, number) for number in numbers], bar)
    except OSError:
        pass  # no process can be started here
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _watch(workers, paths, bar):
    """Advance the bar by each file that appears, until all processes have ended."""
    waiting, before = set(paths), {path: _changed(path) for path in paths}
    running = True
    while running:
        running = any(worker.poll() is None for worker in workers)
        ready = {path for path in waiting if _changed(path) != before[path]}
        waiting -= ready
        bar.add(BLOCK * len(ready))
        if running:
            time.sleep(0.05)


def _changed(path):
    """Return when a file was written; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _usable_cores():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ProgressBar:
    """A line of text that fills up: Drawing pictures [######......] 3000 of 6000."""

    def __init__(self, title, total, file=None):
        self.title, self.total, self.done = title, total, 0
        self.file = sys.stdout if file is None else file
        self._show()

    def add(self, count):
        """Count some more as done."""
        if count:
            self.done += count
            self._show()

    def finish(self):
        """End the line."""
        print(file=self.file, flush=True)

    def _show(self):
        filled = 30 * self.done // self.total
        line = f"\r{self.title} [{'#' * filled}{'.' * (30 - filled)}] {self.done} of {self.total}"
        print(line, end="", file=self.file, flush=True)


if __name__ == "__main__":  # a process that fills the cache: folder, seed, numbers of blocks
    for block in sys.argv[3:]:
        _draw_block(sys.argv[1], int(sys.argv[2]), int(block))
