"""Make pictures of weights and of computations.

visualize_grid lays many small pictures out in one, such as the first-layer weights of a network.
draw_graph draws a computation as boxes, with arrows for what flows between them.
"""

import numpy as np

__all__ = ["draw_graph", "visualize_grid"]


def visualize_grid(Xs, ubound=255.0, padding=1):
    """Lay pictures out in a grid that is as square as possible.

    Each picture is stretched by itself: its smallest value becomes 0, its largest ubound. So
    pictures of weights, which have no natural range, all become visible; how strong they are can't
    be compared.

    Inputs:
    - Xs: Array of shape (N, H, W, C): N pictures.
    - ubound: What the largest value of each picture becomes.
    - padding: Width in pixels of the black lines between the pictures.

    Returns:
    - grid: Array of floats of shape (rows * (H + padding) - padding,
      columns * (W + padding) - padding, C); the pictures stand row by row.
    """
    N, H, W, C = Xs.shape
    columns = int(np.ceil(np.sqrt(N)))
    rows = -(-N // columns)
    grid = np.zeros((rows * (H + padding) - padding, columns * (W + padding) - padding, C))
    for i, picture in enumerate(Xs):
        top, left = i // columns * (H + padding), i % columns * (W + padding)
        low, high = picture.min(), picture.max()
        scale = ubound / (high - low) if high > low else 0.0
        grid[top : top + H, left : left + W] = (picture - low) * scale
    return grid


def draw_graph(axes, nodes, edges, size=0.28):
    """Draw a computation as boxes with arrows between them; values flow along the arrows.

    Above an arrow stands what flows along it; below it, in red, what comes back.

    Inputs:
    - axes: Where to draw, such as plt.gca().
    - nodes: Dictionary {text: (x, y)} of the boxes and their centres.
    - edges: List of (from, to, text) or (from, to, text, text of the way back).
    - size: Half the height of a box.
    """
    for start, end, text, *back in edges:
        (x0, y0), (x1, y1) = nodes[start], nodes[end]
        arrow = {"arrowstyle": "->", "color": "0.3", "shrinkA": 24, "shrinkB": 24}
        axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        axes.text(x, y + size / 3, text, ha="center", va="bottom", fontsize=9)
        if back:
            axes.text(
                x, y - size / 3, back[0], ha="center", va="top", fontsize=9, color="firebrick"
            )
    for text, (x, y) in nodes.items():
        box = {"boxstyle": "round,pad=0.35", "facecolor": "aliceblue", "edgecolor": "steelblue"}
        axes.text(x, y, text, ha="center", va="center", bbox=box)
    xs, ys = zip(*nodes.values(), strict=True)
    axes.set_xlim(min(xs) - 0.6, max(xs) + 0.6)
    axes.set_ylim(min(ys) - 2 * size, max(ys) + 2 * size)
    axes.axis("off")
