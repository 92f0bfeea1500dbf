"""Draw stand-in.png: twelve pictures of each of the ten classes.

Run it as `python data/draw_picture.py`. The picture has 256 colours, which halves the file.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "assignments"))

from cs231n import stand_in  # noqa: E402 - found through the line above

COLUMNS, CELL, GAP, MARGIN = 12, 64, 4, 92


def main():
    """Write the picture beside this file."""
    images, labels = stand_in.draw(400)
    rows, step = len(stand_in.CLASSES), CELL + GAP
    width, height = MARGIN + COLUMNS * step, rows * step
    mosaic = np.full((height, width, 3), 255, dtype=np.uint8)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    for label, name in enumerate(stand_in.CLASSES):
        top = label * step
        for column, index in enumerate(np.flatnonzero(labels == label)[:COLUMNS]):
            left = MARGIN + column * step
            doubled = images[index].repeat(2, axis=0).repeat(2, axis=1)
            mosaic[top : top + CELL, left : left + CELL] = doubled
        figure.text((MARGIN - 8) / width, 1 - (top + 32) / height, name, ha="right", va="center")
    figure.figimage(mosaic)
    canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    drawn.quantize(256, kmeans=3).save(HERE / "stand-in.png", optimize=True)


if __name__ == "__main__":
    main()
