"""Draws album covers: geometric art as PNG, decided by the album's name alone."""

import hashlib
import math
import struct
import zlib
from random import Random

SIZE = 240


def png(album):
    """Returns the PNG cover of an album: rings, a grid or waves in five colours."""
    random = Random("cover/" + album)
    hue = random.random()
    palette = [_colour(hue, 0.55, 0.18)]
    palette += [_colour(hue + step, 0.62, light) for step, light in
                ((0.03, 0.42), (0.10, 0.62), (0.45, 0.55), (0.52, 0.82))]
    style = hashlib.sha256(album.encode()).digest()[0] % 3
    pixel = (_rings, _quarters, _waves)[style](random)
    rows = b"".join(
        b"\0" + bytes(pixel(x, y) for x in range(SIZE)) for y in range(SIZE)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", b"".join(palette))
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _rings(random):
    """Concentric rings around a point off the centre, cut by a horizon."""
    centre_x, centre_y = SIZE * (0.3 + 0.4 * random.random()), SIZE * (0.3 + 0.3 * random.random())
    width, horizon = 12 + int(random.random() * 14), SIZE * (0.62 + 0.2 * random.random())

    def pixel(x, y):
        ring = int(math.hypot(x - centre_x, y - centre_y) // width)
        if y > horizon:
            return 0 if (y - int(horizon)) // 8 % 2 == 0 else 1
        return (4, 3, 2, 1)[ring] if ring < 4 else (ring % 2)
    return pixel


def _quarters(random):
    """A grid of quarter circles, each turned by chance."""
    cells = 4 + int(random.random() * 3)
    side = SIZE // cells + 1
    turned = [[int(random.random() * 4) for _ in range(cells)] for _ in range(cells)]
    inks = [[(1 + int(random.random() * 4), int(random.random() * 2)) for _ in range(cells)]
            for _ in range(cells)]

    def pixel(x, y):
        column, row = x // side, y // side
        corner = turned[row][column]
        inside_x = x % side if corner % 2 == 0 else side - 1 - x % side
        inside_y = y % side if corner < 2 else side - 1 - y % side
        ink, ground = inks[row][column]
        distance = math.hypot(inside_x, inside_y)
        return ink if distance < side else (ground if ink != ground else 0)
    return pixel


def _waves(random):
    """Layered waves below a disc."""
    layers = [(SIZE * (0.45 + 0.14 * index), 8 + 14 * random.random(),
               0.6 + random.random(), math.tau * random.random()) for index in range(4)]
    sun_x, radius = SIZE * (0.25 + 0.5 * random.random()), SIZE * (0.12 + 0.1 * random.random())

    def pixel(x, y):
        ink = 3 if math.hypot(x - sun_x, y - SIZE * 0.28) < radius else 4
        for index, (level, height, frequency, phase) in enumerate(layers):
            if y > level + height * math.sin(math.tau * frequency * x / SIZE + phase):
                ink = (2, 1, 0, 1)[index]
        return ink
    return pixel


def _colour(hue, saturation, lightness):
    """HSL to three bytes of RGB."""
    def channel(offset):
        k = (offset + hue * 12) % 12
        spread = saturation * min(lightness, 1 - lightness)
        return round(255 * (lightness - spread * max(-1, min(k - 3, 9 - k, 1))))
    return bytes((channel(0), channel(8), channel(4)))


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
