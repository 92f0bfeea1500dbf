"""Cases: what may lie in a submission's folder."""

import os
import shutil
import socket
import stat
import zipfile

import numpy as np
from case_folders import HERE, case

COLUMNS = "tinypkg/columns.py"
NO_COLUMNS = {"sum_columns": "MISSING: sum_columns was not in what you handed in."}
NO_LABELS = {"labels": "MISSING: labels.npz was not handed in."}


def left_out(reason, **more):
    """Return the expected result where tinypkg/columns.py can't be taken."""
    notes = [f"{COLUMNS} was left out: {reason}.", f"{COLUMNS} was not handed in."]
    return case(expect=NO_COLUMNS, notes=notes, **more)


@case(notes=["tinypkg/columns.py was not handed in."], expect=NO_COLUMNS, quick=True)
def missing_module(folder):
    """One module was not handed in."""
    (folder / COLUMNS).unlink()


@case(
    expect=dict.fromkeys(("scale_rows", "center_rows", "centered_scaled"), "MISSING")
    | NO_COLUMNS
    | NO_LABELS
    | {"count_positive_check": "MISSING"},
    notes=["was not handed in"] * 4,
    written=False,
    quick=True,
)
def nothing(folder):
    """An empty folder."""
    shutil.rmtree(folder)
    folder.mkdir()


@case(notes=["Not asked for, and not looked at: .git/config, essay.docx, lesson.pdf."])
def extra_files(folder):
    """What else people hand in is named, and left where it is."""
    (folder / ".git").mkdir()
    for name in (".git/config", "essay.docx", "lesson.pdf", "tinypkg/rows.pyc"):
        (folder / name).write_text("?")


@case(notes=["Not asked for, and not looked at: numpy.py, random.py, tinypkg.py."], quick=True)
def shadow_modules(folder):
    """Modules beside the notebook that shadow numpy, the library or the course's own."""
    for name in ("numpy.py", "random.py", "tinypkg.py"):
        (folder / name).write_text('raise RuntimeError("shadow")')


@case(quick=True)
def changed_given_files(folder):
    """Given modules are the course's, whatever was handed in."""
    for name in ("__init__.py", "checks.py"):
        (folder / "tinypkg" / name).write_text('raise RuntimeError("mine")')


@case(notes=["Not asked for, and not looked at: tinypkg/numpy/__init__.py."])
def shadow_package(folder):
    """A package inside the package."""
    (folder / "tinypkg" / "numpy").mkdir()
    (folder / "tinypkg" / "numpy" / "__init__.py").write_text('raise RuntimeError("shadow")')


@left_out("it is a link; hand in the file itself", quick=True)
def link_inside(folder):
    """A link to a file that was handed in."""
    (folder / COLUMNS).rename(folder / "mine.py")
    (folder / COLUMNS).symlink_to("../mine.py")
    (folder / "mine.py").rename(folder / "tinypkg" / "checks.py")


OUTSIDE = ["tinypkg/columns.py is a link that leads out of the folder, to"]


@left_out("it is a link; hand in the file itself", flags=OUTSIDE, quick=True)
def link_to_an_absolute_path(folder):
    """A link to a file of the machine."""
    (folder / COLUMNS).unlink()
    (folder / COLUMNS).symlink_to("/etc/passwd")


@left_out("it is a link; hand in the file itself", flags=OUTSIDE)
def link_to_another_student(folder):
    """A link with `..` to what somebody else handed in."""
    (folder / COLUMNS).unlink()
    (folder / COLUMNS).symlink_to("../../../perfect/tiny/tinypkg/columns.py")


@case(
    expect=dict.fromkeys(("scale_rows", "center_rows", "centered_scaled"), "MISSING") | NO_COLUMNS,
    notes=[
        *(f"tinypkg/{name}.py was left out: tinypkg is a link" for name in ("rows", "columns")),
        "Not asked for, and not looked at: tinypkg.",
        *(f"tinypkg/{name}.py was not handed in." for name in ("rows", "columns")),
    ],
    flags=["tinypkg is a link that leads out of the folder, to "],
)
def link_for_a_folder(folder):
    """The package is a link to the package of somebody else."""
    shutil.rmtree(folder / "tinypkg")
    (folder / "tinypkg").symlink_to(HERE / "perfect" / "tinypkg")


@left_out("it is a link; hand in the file itself")
def link_to_itself(folder):
    """A link that never arrives."""
    (folder / COLUMNS).unlink()
    (folder / COLUMNS).symlink_to("columns.py")


@case(
    notes=["Not asked for, and not looked at: everything."],
    flags=["everything is a link that leads out of the folder, to /."],
)
def link_to_the_root(folder):
    """Links are listed and not followed."""
    (folder / "everything").symlink_to("/")


@left_out("it is not a plain file", quick=True)
def pipe(folder):
    """To open a pipe would wait for ever."""
    (folder / COLUMNS).unlink()
    os.mkfifo(folder / COLUMNS)


@left_out("it is not a plain file")
def device(folder):
    """/dev/zero never ends."""
    (folder / COLUMNS).unlink()
    try:
        os.mknod(folder / COLUMNS, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:  # only root may, and not everywhere
        os.mkfifo(folder / COLUMNS)


@left_out("it is not a plain file")
def socket_for_a_module(folder):
    """A socket can't be opened at all."""
    (folder / COLUMNS).unlink()
    here = os.open(folder / "tinypkg", os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(f"/proc/self/fd/{here}/columns.py")
    os.close(here)


@left_out("it is not a plain file")
def folder_for_a_module(folder):
    """A folder with the name of a file."""
    (folder / COLUMNS).unlink()
    (folder / COLUMNS).mkdir()


@case(
    expect=dict.fromkeys(("scale_rows", "center_rows", "centered_scaled"), "MISSING") | NO_COLUMNS,
    notes=[
        *(
            f"tinypkg/{name}.py was left out: tinypkg is not a folder"
            for name in ("rows", "columns")
        ),
        "Not asked for, and not looked at: tinypkg.",
        *(f"tinypkg/{name}.py was not handed in." for name in ("rows", "columns")),
    ],
)
def file_for_a_folder(folder):
    """A file with the name of the package."""
    shutil.rmtree(folder / "tinypkg")
    (folder / "tinypkg").write_text("package")


@case(
    notes=["tinypkg/Columns.py was taken for tinypkg/columns.py; please keep names as they were."],
    quick=True,
)
def other_case(folder):
    """A file system that doesn't tell A from a."""
    (folder / COLUMNS).rename(folder / "tinypkg" / "Columns.py")


@case(notes=["Not asked for, and not looked at: Lesson.ipynb, tinypkg/COLUMNS.PY."])
def case_clash(folder):
    """Names that differ in their case only; those that were asked for count."""
    (folder / "tinypkg" / "COLUMNS.PY").write_text("raise RuntimeError")
    (folder / "Lesson.ipynb").write_text("{}")


@case(notes=["Not asked for, and not looked at: a\\nb, \\u202egnp.exe, \\udcff\\udcfe.py."])
def names_that_are_no_text(folder):
    """Bytes that are no UTF-8, names that run backwards, names of two lines."""
    (folder / os.fsdecode(b"\xff\xfe.py")).write_text("1")
    (folder / "\u202egnp.exe").write_text("1")
    (folder / "a\nb").write_text("1")


@case(expect={"sum_columns": "ERROR: SyntaxError"})
def latin_1_module(folder):
    """A module in the encoding of another century."""
    text = (folder / COLUMNS).read_text()
    (folder / COLUMNS).write_bytes(text.replace("Functions", "Función").encode("latin-1"))


@case()
def latin_1_module_that_says_so(folder):
    """Python reads it, and so do we."""
    text = (folder / COLUMNS).read_text().replace("Functions", "Función")
    (folder / COLUMNS).write_bytes(b"# -*- coding: latin-1 -*-\n" + text.encode("latin-1"))


@case(expect={"sum_columns": "ERROR: source code string cannot contain null bytes"})
def module_of_zeros(folder):
    """What a full disk leaves behind."""
    (folder / COLUMNS).write_bytes(bytes(1000))


@left_out("it is larger than 20 MB")
def huge_module(folder):
    """Two gigabytes of Python."""
    with (folder / COLUMNS).open("wb") as file:
        file.truncate(2 << 30)


@case(expect={"sum_columns": "TIMEOUT"})
def long_module(folder):
    """Twenty megabytes that take a parser for ever."""
    text = (folder / COLUMNS).read_text()
    (folder / COLUMNS).write_text(text + "x = [" + "[0]," * 4_000_000 + "]\n")


@case(notes=["and many more."])
def hundred_thousand_files(folder):
    """They are not walked to the end."""
    (folder / "many").mkdir()
    for number in range(100_000):
        os.close(os.open(folder / "many" / f"{number}.txt", os.O_CREAT))


@case(notes=["Not asked for, and not looked at: d/d/d/d/d/"])
def deep_folders(folder):
    """Hundreds of folders in each other, with a file at the bottom."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("x", os.O_CREAT, dir_fd=here))
    os.close(here)


@case(expect={"labels": "MEMORY: memory limit"})
def zip_bomb(folder):
    """Weights that say they are a terabyte, in a file that unpacks to a thousand times its size."""
    shape = {"descr": "<f8", "fortran_order": False, "shape": (1 << 37,)}
    with (
        zipfile.ZipFile(folder / "labels.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("weights.npy", "w", force_zip64=True) as file,
    ):
        np.lib.format.write_array_header_1_0(file, shape)
        file.write(bytes(100_000_000))


@case(notes=["Not asked for, and not looked at: everything.zip."], quick=True)
def zip_of_everything(folder):
    """Archives are not unpacked, so that their names and sizes don't matter."""
    with zipfile.ZipFile(folder / "everything.zip", "w") as archive:
        archive.writestr("../../../gradebook.db", "mine")
        archive.writestr("/etc/passwd", "mine")
        archive.writestr("tinypkg/columns.py", "raise RuntimeError")


@case(expect={"labels": "ERROR: EOFError"})
def empty_weights(folder):
    """No byte in it."""
    (folder / "labels.npz").write_bytes(b"")


@case(quick=True)
def late(folder):
    """All right, two days late."""
    (folder / "timestamp.txt").write_text("2025-02-03 12:00:00 UTC")


@case(notes=["timestamp.txt is not a date ('yesterday'); taken as on time."])
def timestamp_that_is_none(folder):
    """Nobody loses a submission by it."""
    (folder / "timestamp.txt").write_text("yesterday")
