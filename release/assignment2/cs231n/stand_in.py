# Built by "autograder build" from assignments/cs231n/stand_in.py; instructors edit that one.
"""Draw small pictures of ten kinds of things, as many as you like.

    images, labels = draw(500)            # (500, 32, 32, 3) bytes and 500 numbers from 0 to 9
    CLASSES[labels[0]]                    # what the first picture shows

A picture comes about as a photograph does, and the functions below stand in that order:

    scene        a sky, a ground, and a horizon between them
    clutter      things that stand about and mean nothing
    object       what the label names: a balloon, a boat, a butterfly, ...
    degradation  haze, light from one side, something that stands in front
    camera       faded colours, exposure, contrast, blur, noise, rounding to whole numbers

A hundred pictures, a chunk, are drawn at once: numpy is fast on large arrays. All chance in a chunk
comes from the seed and the chunk's number, so any part of the endless series of pictures can be
drawn alone, in any order, in several processes.

Shapes are *signed distances*: functions that are negative inside a shape, positive outside, and
grow by 1 for each unit of length. They make smooth edges easy (see `Canvas.paint`); the smaller of
two is their union and the larger one their intersection.

The same seed gives the same bytes on every computer. Additions, products, quotients and square
roots are rounded alike everywhere; sines and exponentials are not, so there are none.

Shapes of arrays: pictures (N, 3, 32, 32), colours (N, 3, 1, 1), masks and distances (N, 32, 32),
one number a picture (N, 1, 1).
"""

import functools
import hashlib

import numpy as np

__all__ = ["CLASSES", "EDITION", "draw"]

CLASSES = (
    "balloon", "boat", "butterfly", "car", "fish", "flower", "house", "mushroom", "owl", "tree",
)  # fmt: skip
EDITION = 1  # counts up whenever the same seed begins to give other pictures

SIDE = 32
CHUNK = 100
_steps = (np.arange(SIDE, dtype=np.float32) + 0.5) / (SIDE / 2) - 1
ACROSS = _steps[None, None, :]  # -1 at the left to 1 at the right
DOWN = _steps[None, :, None]  # -1 at the top to 1 at the bottom


def draw(count, seed=231, start=0, progress=None):
    """Draw pictures number start, start + 1, ... of the series that belongs to a seed.

    Inputs:
    - count: How many pictures.
    - seed: A whole number from 0 on, as large as you like. Each gives a series of its own.
    - start: Number of the first picture.
    - progress: Optional function; called as progress(done) with the number of pictures so far.

    Returns a tuple of:
    - images: Array of bytes of shape (count, 32, 32, 3): red, green and blue from 0 to 255.
    - labels: Array of int64 of shape (count,): places in CLASSES.
    """
    if count < 0 or seed < 0 or start < 0:
        raise ValueError("count, seed and start can't be negative")
    images = np.empty((count, SIDE, SIDE, 3), dtype=np.uint8)
    labels = np.empty(count, dtype=np.int64)
    done = 0
    while done < count:
        chunk, skip = divmod(start + done, CHUNK)
        chunk_images, chunk_labels = draw_chunk(seed, chunk)
        take = min(CHUNK - skip, count - done)
        images[done : done + take] = chunk_images[skip : skip + take]
        labels[done : done + take] = chunk_labels[skip : skip + take]
        done += take
        if progress is not None:
            progress(done)
    return images, labels


def draw_chunk(seed, chunk):
    """Draw 100 pictures, as (images, labels)."""
    dice = Dice("stand-in", EDITION, int(seed), int(chunk))
    labels = dice.below(len(CLASSES), CHUNK)
    image, colors = draw_scene(dice, labels)
    add_clutter(image, dice, colors)
    backdrop = image.copy()
    coverage = draw_objects(image, dice, labels)
    image = degrade(image, backdrop, coverage, dice)
    put_something_in_front(image, dice, colors)
    return photograph(image, dice, labels), labels


# --------------------------------------------------------------------------- chance


class Dice:
    """Random numbers that follow from a few names, such as a seed and the number of a chunk.

    All are made from one kind of throw, evenly spread fractions, which numpy keeps the same for
    ever.
    """

    def __init__(self, *names):
        digest = hashlib.sha256("/".join(str(name) for name in names).encode()).digest()
        self._stream = np.random.RandomState(np.frombuffer(digest, dtype="<u4"))

    def fractions(self, *shape):
        """Return float64 numbers in [0, 1)."""
        return self._stream.random_sample(shape)

    def uniform(self, low, high, n):
        """Return one number from low to high for each of n pictures."""
        return (low + (high - low) * self.fractions(n, 1, 1)).astype(np.float32)

    def normal(self, *shape):
        """Return numbers around 0 with deviation 1: a sum of four fractions looks normal."""
        a, b, c, d = self.fractions(4, *shape)
        return ((a + b + c + d - 2) * 1.7320508).astype(np.float32)

    def below(self, limit, n):
        """Return n whole numbers from 0 to limit - 1."""
        return (self.fractions(n) * limit).astype(np.int64)

    def happens(self, probability, n):
        """Return 1 for each picture where it happens, else 0."""
        return (self.fractions(n, 1, 1) < probability).astype(np.float32)

    def sign(self, n):
        """Return -1 or 1 for each picture."""
        return 2 * self.happens(0.5, n) - 1

    def any_color(self, n):
        """Return colours of any kind, from grey to vivid."""
        return hsv(self.uniform(0, 1, n), self.uniform(0, 0.8, n), self.uniform(0.15, 1, n))

    def color(self, n, hue, spread, saturation, value, typical=0.34):
        """Return colours: with probability `typical` near the given ones, else of any kind.

        `saturation` and `value` are ranges.
        """
        hue = hue + spread * self.normal(n, 1, 1)
        near = hsv(hue, self.uniform(*saturation, n), self.uniform(*value, n))
        return np.where(self.happens(typical, n)[:, None] == 1, near, self.any_color(n))


def hsv(hue, saturation, value):
    """Turn hue (0 red, 1/3 green, 2/3 blue, 1 red again), saturation and value into colours."""
    turn = 6 * (hue - np.floor(hue))  # (N, 1, 1)
    turn = np.stack([turn + 5, turn + 3, turn + 1], axis=1) % 6  # (N, 3, 1, 1)
    drop = np.clip(np.minimum(turn, 4 - turn), 0, 1)
    return value[:, None] * (1 - saturation[:, None] * drop)


def paint_pot(red, green, blue):
    """Return one fixed colour for all pictures."""
    return np.array([red, green, blue], dtype=np.float32).reshape(1, 3, 1, 1)


BLACK = paint_pot(0.05, 0.05, 0.06)
WHITE = paint_pot(0.97, 0.97, 0.97)
WOOD = paint_pot(0.36, 0.23, 0.12)


@functools.cache
def texture_book():
    """Return 96 cloudy fields of shape (64, 64), seamless, with a border of 32 more.

    Coarse noise is doubled in size and finer noise is added, five times: big shapes are strong and
    small ones weak, as in nature.
    """
    dice = Dice("textures")
    field = dice.normal(96, 2, 2)
    for octave in range(5):
        field = doubled(field)
        field += dice.normal(*field.shape) * np.float32(0.8 * 0.86**octave)
    return with_border(field)


@functools.cache
def noise_book():
    """Return 96 fields of noise without any shape, like `texture_book`."""
    return with_border(Dice("noise").normal(96, 64, 64))


def doubled(field):
    """Return fields (M, side, side) smoothly enlarged to twice the side."""
    for axis in (1, 2):
        before, after = np.roll(field, 1, axis), np.roll(field, -1, axis)
        pair = np.stack([0.25 * before + 0.75 * field, 0.75 * field + 0.25 * after], axis=axis + 1)
        shape = list(field.shape)
        shape[axis] *= 2
        field = pair.reshape(shape)
    return field


def with_border(field):
    """Repeat the first 32 rows and columns behind the last ones, so that any crop lies inside."""
    field = np.concatenate([field, field[:, :SIDE]], axis=1)
    return np.concatenate([field, field[:, :, :SIDE]], axis=2)


def crops(book, dice, n):
    """Return n random windows of shape (32, 32), each as it is or negative."""
    windows = np.lib.stride_tricks.sliding_window_view(book, (SIDE, SIDE), axis=(1, 2))
    crop = windows[dice.below(len(book), n), dice.below(64, n), dice.below(64, n)]
    return crop * dice.sign(n)


# --------------------------------------------------------------------------- shapes


def ellipse(u, v, x, y, width, height):
    """Distance to an ellipse around (x, y) with these half axes."""
    a, b = (u - x) / width, (v - y) / height
    return (np.sqrt(a * a + b * b) - 1) * np.minimum(width, height, dtype=np.float32)


def box(u, v, x, y, width, height):
    """Distance to a box around (x, y), that wide and high to each side."""
    return np.maximum(np.abs(u - x) - width, np.abs(v - y) - height)


def triangle(u, v, first, second, third):
    """Distance to a triangle with these corners, named clockwise as they are seen."""
    corners = (first, second, third)
    sides = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        sides.append((v - y0) * (-(x1 - x0) / length) + (u - x0) * ((y1 - y0) / length))
    return intersection(*sides)


def intersection(*distances):
    """Distance to what the shapes have in common."""
    return functools.reduce(np.maximum, distances)


def union(*distances):
    """Distance to the shapes taken together."""
    return functools.reduce(np.minimum, distances)


class Canvas:
    """N pictures on which one thing each is painted, at its own place, size and angle.

    (u, v) are coordinates of the thing: about -1..1 to the right and down, whatever its pose.
    `covered` gathers how much of each pixel was painted over.
    """

    def __init__(self, image, dice, places, sizes, slope=None):
        n = len(image)
        self.image, self.n = image, n
        self.covered = np.zeros((n, SIDE, SIDE), dtype=np.float32)
        dx = ACROSS - dice.uniform(-places, places, n)
        dy = DOWN - dice.uniform(-places, places, n)
        size = dice.uniform(*sizes, n)
        cos, sin = direction(dice, n, slope)
        stretch = 1 + 0.1 * dice.normal(n, 1, 1)
        self.u = dx * (cos / (size * stretch)) + dy * (sin / (size * stretch))
        self.v = dy * (cos * stretch / size) - dx * (sin * stretch / size)
        self.pixels = size * (SIDE / 2)  # how many pixels one unit is long

    def paint(self, distance, color, strength=None):
        """Fill a shape, with an edge one pixel wide in which the colour fades."""
        mask = np.clip(0.5 - distance * self.pixels, 0, 1)
        if strength is not None:
            mask *= strength
        np.maximum(self.covered, mask, out=self.covered)
        change = color - self.image
        change *= mask[:, None]
        self.image += change


def direction(dice, n, slope):
    """Return (cos, sin) of an angle whose tangent is at most `slope`, or of any angle."""
    if slope is None:
        x, y = dice.uniform(-1, 1, n), dice.uniform(-1, 1, n) + np.float32(1e-6)
    else:
        x, y = np.ones((n, 1, 1), dtype=np.float32), dice.uniform(-slope, slope, n)
    length = np.sqrt(x * x + y * y)
    return x / length, y / length


def striped(first, second, where):
    """Return pictures of the first colour, and of the second where `where` is 1."""
    return first + where[:, None] * (second - first)


# --------------------------------------------------------------------------- scene

SCENES = {  # hue, saturation, value of the sky and of the ground; height of the horizon (1: bottom)
    "open sky": (0.57, 0.45, 0.88, 0.55, 0.25, 0.93, 1.00),
    "sea": (0.56, 0.35, 0.85, 0.57, 0.60, 0.45, -0.05),
    "meadow": (0.30, 0.45, 0.55, 0.27, 0.62, 0.42, -0.35),
    "street": (0.58, 0.12, 0.72, 0.08, 0.06, 0.40, 0.10),
    "under water": (0.53, 0.65, 0.62, 0.56, 0.75, 0.32, 0.45),
    "forest floor": (0.26, 0.40, 0.36, 0.09, 0.50, 0.30, 0.30),
    "village": (0.56, 0.30, 0.88, 0.25, 0.50, 0.48, 0.25),
    "night": (0.65, 0.45, 0.20, 0.62, 0.35, 0.12, 0.50),
    "dusk": (0.07, 0.40, 0.85, 0.05, 0.40, 0.35, 0.25),
    "sand": (0.10, 0.22, 0.82, 0.09, 0.35, 0.58, 0.30),
}
HOMES = {  # where each thing is mostly seen
    "balloon": ("open sky", "open sky", "dusk"),
    "boat": ("sea", "sea", "dusk"),
    "butterfly": ("meadow", "forest floor", "meadow"),
    "car": ("street", "street", "sand"),
    "fish": ("under water", "under water", "under water"),
    "flower": ("meadow", "meadow", "village"),
    "house": ("village", "village", "dusk"),
    "mushroom": ("forest floor", "forest floor", "sand"),
    "owl": ("night", "night", "forest floor"),
    "tree": ("village", "open sky", "meadow"),
}
AT_HOME = 0.71  # how often a thing is in one of its home scenes
CONTRAST = {  # of its photographs: far things are pale, near ones are not
    "balloon": 0.75,
    "boat": 0.68,
    "butterfly": 1.14,
    "car": 1.34,
    "fish": 0.86,
    "flower": 1.07,
    "house": 1.24,
    "mushroom": 1.0,
    "owl": 0.93,
    "tree": 1.0,
}

_scenes = np.array(list(SCENES.values()), dtype=np.float32)  # (10, 7)
_contrasts = np.array([CONTRAST[name] for name in CLASSES], dtype=np.float32)  # (10,)
_numbers = {scene: number for number, scene in enumerate(SCENES)}
_homes = np.array([[_numbers[scene] for scene in HOMES[name]] for name in CLASSES])  # (10, 3)


def draw_scene(dice, labels):
    """Return pictures of places, and the colours of their skies and grounds."""
    n = len(labels)
    home = _homes[labels, dice.below(3, n)]
    scene = np.where(dice.happens(AT_HOME, n)[:, 0, 0] == 1, home, dice.below(len(SCENES), n))
    values = _scenes[scene][:, :, None, None]  # (N, 7, 1, 1)
    sky, ground = vary(dice, values[:, 0:3]), vary(dice, values[:, 3:6])
    zenith = np.clip(sky * (1 + 0.19 * dice.normal(n, 1, 1, 1)), 0, 1)
    image = zenith + (sky - zenith) * ((DOWN + 1) / 2)[:, None]

    horizon = values[:, 6] + 0.3 * dice.normal(n, 1, 1)
    below = DOWN - horizon - 0.12 * dice.normal(n, 1, 1) * ACROSS
    below = np.clip(0.5 + below / dice.uniform(0.03, 0.25, n), 0, 1)
    land = ground * (1 - 0.3 * np.clip(DOWN, 0, 1))[:, None]
    return add_texture(image + below[:, None] * (land - image), dice), (sky, ground)


def vary(dice, values):
    """Return colours near the given hue, saturation and value, of shape (N, 3, 1, 1)."""
    hue, saturation, value = (values[:, part] for part in range(3))
    n = len(hue)
    saturation = np.clip(saturation + 0.11 * dice.normal(n, 1, 1), 0, 1)
    value = np.clip(value + 0.12 * dice.normal(n, 1, 1), 0.03, 1)
    return hsv(hue + 0.03 * dice.normal(n, 1, 1), saturation, value)


def add_texture(image, dice):
    """Lay clouds of light and dark over the scene, and fainter clouds of one colour."""
    n = len(image)
    strength = dice.uniform(0.03, 0.17, n)
    tint = hsv(dice.uniform(0, 1, n), np.float32([[[0.5]]]), np.float32([[[0.35]]]))
    image *= (1 + 1.2 * strength * crops(texture_book(), dice, n))[:, None]
    image += (strength * crops(texture_book(), dice, n))[:, None] * tint
    return image


def add_clutter(image, dice, colors):
    """Paint up to three plain shapes, mostly in shades of the sky or the ground."""
    n = len(image)
    shapes = (
        lambda u, v: ellipse(u, v, 0, 0, 1.0, 0.7),
        lambda u, v: box(u, v, 0, 0, 0.9, 0.55),
        lambda u, v: triangle(u, v, (0.0, -0.9), (0.85, 0.7), (-0.85, 0.7)),
    )
    for shape in shapes:
        canvas = Canvas(image, dice, places=1.2, sizes=(0.09, 0.43))
        distance = shape(canvas.u, canvas.v)
        color = scenery_color(dice, colors[0] if shape is shapes[0] else colors[1], n)
        canvas.paint(distance, color, strength=dice.happens(0.6, n))


def scenery_color(dice, color, n):
    """Return shades of a colour of the scene, or, less often, any colours."""
    shade = np.clip(color * dice.uniform(0.45, 1.5, n)[:, None], 0, 1)
    return np.where(dice.happens(0.6, n)[:, None] == 1, shade, dice.any_color(n))


# --------------------------------------------------------------------------- objects


def draw_balloon(canvas, dice):
    u, v, n = canvas.u, canvas.v, canvas.n
    first = dice.color(n, hue=0.0, spread=0.05, saturation=(0.6, 0.95), value=(0.6, 1))
    second = dice.color(n, hue=0.13, spread=0.04, saturation=(0.3, 0.9), value=(0.8, 1))
    height = (v + 0.25) / 0.7
    meridian = u / np.sqrt(np.maximum(1 - height * height, 0.15)) + 1  # 0..2 around the front
    stripe = np.floor(meridian * np.floor(dice.uniform(3, 6, n))) % 2
    hull = union(
        ellipse(u, v, 0, -0.27, 0.62, 0.64),
        triangle(u, v, (-0.5, 0.02), (0.5, 0.02), (0.0, 0.72)),
    )
    canvas.paint(hull, striped(first, second, stripe))
    canvas.paint(box(u, v, 0, 0.82, 0.16, 0.13), WOOD)


def draw_boat(canvas, dice):
    u, v, n = canvas.u * dice.sign(canvas.n), canvas.v, canvas.n
    hull = dice.color(n, hue=0.05, spread=0.05, saturation=(0.4, 0.9), value=(0.25, 0.7))
    sail = dice.color(n, hue=0.1, spread=0.1, saturation=(0, 0.15), value=(0.85, 1), typical=0.53)
    jib = dice.color(n, hue=0.0, spread=0.3, saturation=(0, 0.9), value=(0.6, 1))
    canvas.paint(box(u, v, -0.02, -0.1, 0.035, 0.7), WOOD)
    canvas.paint(triangle(u, v, (0.05, -0.85), (0.72, 0.35), (0.05, 0.35)), sail)
    canvas.paint(triangle(u, v, (-0.08, -0.6), (-0.08, 0.35), (-0.55, 0.35)), jib)
    flare = np.abs(u) - (0.85 - (v - 0.42) * 0.9)  # narrower towards the keel
    canvas.paint(np.maximum(np.abs(v - 0.6) - 0.18, flare), hull)


def draw_butterfly(canvas, dice):
    v, n = canvas.v, canvas.n
    wing = dice.color(n, hue=0.08, spread=0.04, saturation=(0.7, 1), value=(0.7, 1))
    spot = dice.color(n, hue=0.6, spread=0.3, saturation=(0.3, 0.9), value=(0.2, 0.9))
    u = np.abs(canvas.u)  # left and right are alike
    spread = u / dice.uniform(0.75, 1.15, n)
    for x, y, length, width, cos, sin in (
        (0.45, -0.32, 0.50, 0.34, 0.796, -0.605),
        (0.36, 0.38, 0.36, 0.28, 0.825, 0.565),
    ):
        along = (spread - x) * cos + (v - y) * sin
        aside = (v - y) * cos - (spread - x) * sin
        canvas.paint(ellipse(along, aside, 0, 0, length, width), 0.35 * wing)
        canvas.paint(ellipse(along, aside, -0.02, 0, 0.82 * length, 0.76 * width), wing)
        canvas.paint(ellipse(along, aside, 0.12, 0, 0.33 * length, 0.38 * width), spot)
    canvas.paint(ellipse(u, v, 0, 0.02, 0.085, 0.55), BLACK)


def draw_car(canvas, dice):
    u, v, n = canvas.u * dice.sign(canvas.n), canvas.v, canvas.n
    body = dice.color(n, hue=0.99, spread=0.04, saturation=(0.7, 0.95), value=(0.5, 0.95))
    glass = dice.color(n, 0.55, spread=0.05, saturation=(0.1, 0.4), value=(0.5, 0.9), typical=0.8)
    cabin = np.abs(u + 0.05 - dice.uniform(-0.1, 0.1, n))  # from the middle of the cabin
    canvas.paint(np.maximum(np.abs(v + 0.12) - 0.27, cabin - (0.55 + 0.45 * v)), body)
    window = np.abs(cabin - 0.25) - (0.2 + 0.22 * v)
    canvas.paint(np.maximum(np.abs(v + 0.14) - 0.17, window), glass)
    height = 0.24 + dice.uniform(0, 0.07, n)
    canvas.paint(np.maximum(np.abs(v - 0.25) - height, np.abs(u) - 0.93), 0.92 * body)
    for x in (-0.52, 0.52):
        canvas.paint(ellipse(u, v, x, 0.5, 0.23, 0.23), BLACK)
        canvas.paint(ellipse(u, v, x, 0.5, 0.1, 0.1), 0.72 * WHITE)
    canvas.paint(ellipse(u, v, 0.86, 0.2, 0.08, 0.08), paint_pot(1, 0.95, 0.6))


def draw_fish(canvas, dice):
    u, v, n = canvas.u * dice.sign(canvas.n), canvas.v, canvas.n
    scales = dice.color(n, hue=0.09, spread=0.03, saturation=(0.7, 1), value=(0.8, 1))
    band = dice.color(n, hue=0.1, spread=0.3, saturation=(0, 0.6), value=(0.7, 1))
    canvas.paint(triangle(u, v, (0.35, 0.0), (0.92, -0.5), (0.92, 0.5)), 0.8 * scales)
    canvas.paint(triangle(u, v, (0.2, -0.72), (0.3, -0.25), (-0.25, -0.25)), 0.75 * scales)
    bands = ((np.abs(u + 0.02) < 0.09) | (np.abs(u - 0.32) < 0.07)) * dice.happens(0.7, n)
    body = ellipse(u, v, -0.12, 0, 0.62, dice.uniform(0.34, 0.5, n))
    canvas.paint(body, striped(scales, band, bands))
    canvas.paint(ellipse(u, v, -0.5, -0.1, 0.12, 0.12), WHITE)
    canvas.paint(ellipse(u, v, -0.52, -0.1, 0.06, 0.06), BLACK)


def draw_flower(canvas, dice):
    u, v, n = canvas.u, canvas.v + 0.18, canvas.n
    petals = dice.color(n, hue=0.9, spread=0.06, saturation=(0.35, 0.9), value=(0.8, 1))
    middle = dice.color(n, 0.13, spread=0.03, saturation=(0.7, 1), value=(0.75, 1), typical=0.75)
    green = hsv(dice.uniform(0.24, 0.36, n), dice.uniform(0.5, 0.9, n), dice.uniform(0.3, 0.65, n))
    canvas.paint(box(u, v, 0, 0.75, 0.06, 0.5), green)
    canvas.paint(ellipse(u, v, 0.22, 0.85, 0.24, 0.1), green)
    radius = np.sqrt(u * u + v * v)
    wave = petal_wave(u / np.maximum(radius, 1e-4), v / np.maximum(radius, 1e-4), dice.below(3, n))
    canvas.paint((radius - (0.28 + 0.46 * wave)) * 0.8, petals * (0.72 + 0.28 * wave)[:, None])
    canvas.paint(radius - 0.22, middle)


def petal_wave(cos, sin, kind):
    """Return a wave with 5, 6 or 8 crests (kind 0, 1, 2) around the circle, from 0 to 1.

    Multiplying cos + i sin by itself multiplies its angle; half the angle comes from
    |cos(a / 2)| = sqrt((1 + cos a) / 2).
    """
    cos2, sin2 = cos * cos - sin * sin, 2 * cos * sin
    cos4, sin4 = cos2 * cos2 - sin2 * sin2, 2 * cos2 * sin2
    five, six, eight = (
        cos4 * cos - sin4 * sin,
        cos4 * cos2 - sin4 * sin2,
        cos4 * cos4 - sin4 * sin4,
    )
    crests = np.choose(kind[:, None, None], [five, six, eight])
    return np.sqrt(np.clip((1 + crests) / 2, 0, 1))


def draw_house(canvas, dice):
    u, v, n = canvas.u, canvas.v, canvas.n
    wall = dice.color(n, hue=0.1, spread=0.03, saturation=(0.15, 0.5), value=(0.7, 1))
    roof = dice.color(n, hue=0.01, spread=0.03, saturation=(0.5, 0.85), value=(0.4, 0.75))
    door = dice.color(n, 0.07, spread=0.04, saturation=(0.5, 0.8), value=(0.2, 0.4), typical=0.6)
    pane = dice.color(n, 0.55, spread=0.06, saturation=(0.2, 0.5), value=(0.5, 0.95), typical=0.7)
    width, pitch = dice.uniform(0.55, 0.72, n), dice.uniform(0.5, 0.85, n)
    canvas.paint(box(u, v, 0.42, -0.55, 0.09, 0.25), 0.7 * roof)  # the chimney
    canvas.paint(box(u, v, 0, 0.35, width, 0.5), wall)
    slope = np.abs(u) * (pitch / (width + 0.18)) - 0.1 - pitch - v
    canvas.paint(np.maximum(v + 0.1, slope) * 0.8, roof)
    u = u * dice.sign(n)
    canvas.paint(box(u, v, -0.25, 0.55, 0.14, 0.3), door)
    canvas.paint(box(u, v, 0.25, 0.3, 0.17, 0.16), pane)


def draw_mushroom(canvas, dice):
    u, v, n = canvas.u, canvas.v, canvas.n
    cap = dice.color(n, hue=0.0, spread=0.03, saturation=(0.75, 1), value=(0.55, 0.95))
    stem = dice.color(n, 0.11, spread=0.03, saturation=(0.05, 0.3), value=(0.75, 1), typical=0.75)
    dot = dice.color(n, 0.1, spread=0.05, saturation=(0, 0.15), value=(0.85, 1), typical=0.8)
    width = dice.uniform(0.17, 0.27, n) + 0.1 * v  # thicker at the foot
    canvas.paint(np.maximum(np.abs(v - 0.4) - 0.5, np.abs(u) - width), stem)
    dome = np.maximum(ellipse(u, v, 0, 0.08, 0.85, dice.uniform(0.6, 0.85, n)), v - 0.12)
    canvas.paint(dome, cap)
    dots = union(
        ellipse(u, v, -0.38, -0.15, 0.15, 0.13),
        ellipse(u, v, 0.1, -0.35, 0.16, 0.14),
        ellipse(u, v, 0.48, -0.08, 0.12, 0.1),
        ellipse(u, v, -0.05, 0.0, 0.1, 0.08),
    )
    canvas.paint(np.maximum(dots, dome), dot, strength=dice.happens(0.75, n))


def draw_owl(canvas, dice):
    v, n = canvas.v, canvas.n
    plumage = dice.color(n, hue=0.08, spread=0.02, saturation=(0.3, 0.65), value=(0.25, 0.55))
    belly = dice.color(n, hue=0.1, spread=0.02, saturation=(0.15, 0.45), value=(0.6, 0.9))
    iris = dice.color(n, 0.13, spread=0.03, saturation=(0.1, 0.95), value=(0.9, 1), typical=0.7)
    u = np.abs(canvas.u)  # left and right are alike
    canvas.paint(triangle(u, v, (0.18, -0.6), (0.58, -0.95), (0.58, -0.3)), plumage)  # an ear
    canvas.paint(ellipse(u, v, 0, 0.1, 0.62, 0.82), plumage)
    canvas.paint(ellipse(u, v, 0, 0.42, 0.4, 0.45), belly)
    canvas.paint(ellipse(u, v, 0.62, 0.25, 0.15, 0.48), 0.7 * plumage)  # a wing
    canvas.paint(ellipse(u, v, 0.27, -0.27, 0.27, 0.27), iris)
    canvas.paint(ellipse(u, v, 0.25, -0.26, 0.13, 0.14), BLACK)
    canvas.paint(
        triangle(u, v, (-0.1, -0.12), (0.1, -0.12), (0.0, 0.14)), paint_pot(0.95, 0.6, 0.1)
    )


def draw_tree(canvas, dice):
    u, v, n = canvas.u, canvas.v, canvas.n
    leaves = dice.color(
        n, 0.31, spread=0.06, saturation=(0.45, 0.9), value=(0.2, 0.6), typical=0.48
    )
    bark = dice.color(n, 0.07, spread=0.02, saturation=(0.4, 0.7), value=(0.2, 0.45), typical=0.7)
    canvas.paint(box(u, v, 0, 0.62, 0.11, 0.38), bark)
    fir = union(
        triangle(u, v, (0.0, -1.0), (0.5, -0.25), (-0.5, -0.25)),
        triangle(u, v, (0.0, -0.7), (0.62, 0.12), (-0.62, 0.12)),
        triangle(u, v, (0.0, -0.35), (0.74, 0.48), (-0.74, 0.48)),
    )
    oak = union(
        ellipse(u, v, 0, -0.45, 0.48, 0.46),
        ellipse(u, v, -0.38, -0.08, 0.42, 0.38),
        ellipse(u, v, 0.38, -0.05, 0.42, 0.4),
    )
    crown = np.where(dice.happens(0.5, n) == 1, fir, oak)
    light = 0.85 + 0.3 * np.clip(-0.5 * u - 0.4 * v, -0.6, 0.6)  # the sun is up on the left
    canvas.paint(crown, leaves * light[:, None])


ARTISTS = (
    draw_balloon, draw_boat, draw_butterfly, draw_car, draw_fish,
    draw_flower, draw_house, draw_mushroom, draw_owl, draw_tree,
)  # fmt: skip


def draw_objects(image, dice, labels):
    """Paint into each picture what its label names, and return which pixels it covers."""
    covered = np.zeros((len(image), SIDE, SIDE), dtype=np.float32)
    for label, artist in enumerate(ARTISTS):
        members = np.flatnonzero(labels == label)
        canvas = Canvas(image[members], dice, places=0.385, sizes=(0.44, 0.9), slope=0.45)
        artist(canvas, dice)
        image[members], covered[members] = canvas.image, canvas.covered
    return covered


# --------------------------------------------------------------------------- degradation

HAZE = 0.36  # how often an object is seen through haze


def degrade(image, backdrop, covered, dice):
    """Return pictures whose objects have a rough surface, light from one side, and perhaps haze."""
    n = len(image)
    surface = 1 + 0.08 * crops(texture_book(), dice, n)
    light = 1 + dice.uniform(-0.35, 0.35, n) * ACROSS + dice.uniform(-0.35, 0.2, n) * DOWN
    image = image * (surface * light)[:, None]
    visible = covered * (1 - dice.happens(HAZE, n) * dice.uniform(0, 0.45, n))
    image -= backdrop
    image *= visible[:, None]
    image += backdrop
    return image


def put_something_in_front(image, dice, colors):
    """Hide a part of more than half of the pictures behind a stone or a bar."""
    n = len(image)
    canvas = Canvas(image, dice, places=1.17, sizes=(0.12, 0.39))
    stone, bar = (
        ellipse(canvas.u, canvas.v, 0, 0, 1.0, 0.6),
        box(canvas.u, canvas.v, 0, 0, 1.6, 0.22),
    )
    shape = np.where(dice.happens(0.5, n) == 1, stone, bar)
    canvas.paint(shape, scenery_color(dice, colors[1], n), strength=dice.happens(0.55, n))


# --------------------------------------------------------------------------- camera

TINT = paint_pot(0.043, 0.0, -0.011)  # photographs are warmer than our scenes


def photograph(image, dice, labels):
    """Return pictures as bytes of shape (N, 32, 32, 3), as a cheap camera would take them."""
    n = len(image)
    slant = dice.normal(n, 1, 1) * ACROSS + dice.normal(n, 1, 1) * DOWN
    image += (0.065 * slant)[:, None]
    gray = (image[:, :1] + image[:, 1:2] + image[:, 2:]) * np.float32(1 / 3)
    image = gray + 0.6 * (image - gray)
    image = expose(image, dice, _contrasts[labels].reshape(n, 1, 1, 1))
    blur(image, strength=dice.uniform(0, 0.4, n)[:, None])
    image += 0.02 * crops(noise_book(), dice, 3 * n).reshape(n, 3, SIDE, SIDE)
    image *= 255
    np.clip(np.rint(image, out=image), 0, 255, out=image)
    return image.astype(np.uint8).transpose(0, 2, 3, 1)


def expose(image, dice, contrast):
    """Give each picture a brightness and a contrast of its own, near the old ones."""
    n = len(image)
    mean, deviation = statistics(image)
    new_mean = 0.478 + 0.48 * (mean - 0.46) + 0.1 * dice.normal(n, 1, 1, 1)
    contrast = contrast * (0.16 + 0.35 * deviation + 0.064 * dice.normal(n, 1, 1, 1))
    gain = np.clip(contrast, 0.06, 0.37) / (deviation + 0.02)
    cast = 0.04 * dice.normal(n, 3, 1, 1) + TINT
    image -= mean
    image *= gain
    image += new_mean + cast
    return image


def statistics(image):
    """Return each picture's mean and the deviation within its channels, both of shape (N, 1, 1, 1).

    On whole numbers, because their sum is the same in any order, and computers differ in the order.
    """
    whole = np.rint(image * 1024).astype(np.int64)
    pixels = SIDE * SIDE
    mean = whole.sum(axis=(2, 3), keepdims=True) / pixels  # (N, 3, 1, 1)
    square = (whole * whole).sum(axis=(2, 3), keepdims=True) / pixels
    deviation = np.sqrt(square - mean * mean)
    average = [(a[:, :1] + a[:, 1:2] + a[:, 2:]) / (3 * 1024) for a in (mean, deviation)]
    return average[0].astype(np.float32), average[1].astype(np.float32)


def blur(image, strength):
    """Mix each pixel with its neighbours, weights 1 2 1 down and across; in place."""
    down = np.pad(image, ((0, 0), (0, 0), (1, 1), (0, 0)), mode="edge")
    soft = down[:, :, :-2] + 2 * image + down[:, :, 2:]
    across = np.pad(soft, ((0, 0), (0, 0), (0, 0), (1, 1)), mode="edge")
    soft *= 2
    soft += across[..., :-2]
    soft += across[..., 2:]
    soft *= np.float32(1 / 16)
    soft -= image
    soft *= strength
    image += soft
