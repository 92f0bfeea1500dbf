# Built by "autograder build" from assignments/cs231n/vis_utils.py; instructors edit that one.
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


def draw_graph(axes, nodes, edges, gap=0.09):
    """Draw a computation as boxes with arrows between them; values flow along the arrows.

    Above an arrow, or to the right of an upright one, stands what flows along it; on its other
    side, in red, what comes back.

    Inputs:
    - axes: Where to draw, such as plt.gca().
    - nodes: Dictionary {text: (x, y)} of the boxes and their centres.
    - edges: List of (from, to, text) or (from, to, text, text of the way back).
    - gap: Distance of the texts from their arrows.
    """
    box = {"boxstyle": "round,pad=0.4", "facecolor": "aliceblue", "edgecolor": "steelblue"}
    drawn = {
        name: axes.text(x, y, name, ha="center", va="center", bbox=box)
        for name, (x, y) in nodes.items()
    }
    for start, end, *texts in edges:
        arrow = {"arrowstyle": "->", "patchA": drawn[start].get_bbox_patch()}
        arrow |= {"patchB": drawn[end].get_bbox_patch(), "color": "0.3", "shrinkA": 0, "shrinkB": 2}
        axes.annotate("", nodes[end], nodes[start], arrowprops=arrow)
        (x0, y0), (x1, y1) = nodes[start], nodes[end]
        for text, side, color in zip(texts, (1, -1), ("black", "firebrick"), strict=False):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            if x0 == x1:
                place = {"ha": "left" if side > 0 else "right", "va": "center"}
                axes.text(x + side * gap, y, text, fontsize=9, color=color, **place)
            else:
                place = {"ha": "center", "va": "bottom" if side > 0 else "top"}
                axes.text(x, y + side * gap, text, fontsize=9, color=color, **place)
    xs, ys = zip(*nodes.values(), strict=True)
    axes.set_xlim(min(xs) - 0.6, max(xs) + 0.6)
    axes.set_ylim(min(ys) - 0.5, max(ys) + 0.5)
    axes.axis("off")
