"""Names beside points: each where it covers neither a mark nor another name."""

from collections.abc import Sequence
from dataclasses import dataclass

from after202.charts.canvas import Canvas

Box = tuple[float, float, float, float]
TALL = 15
# Where a name may stand, best first: its alignment and its distance (px) from the point.
OFFSETS = (
    ("left", 13.0, 4.5), ("right", -13.0, 4.5), ("center", 0.0, -13.0), ("center", 0.0, 23.0),
    ("left", 10.0, -11.0), ("right", -10.0, -11.0), ("left", 10.0, 20.0), ("right", -10.0, 20.0),
    ("center", 0.0, -29.0), ("center", 0.0, 39.0), ("left", 10.0, 36.0), ("right", -10.0, 36.0),
    ("left", 10.0, 52.0), ("right", -10.0, 52.0), ("left", 10.0, -27.0), ("right", -10.0, -27.0),
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A point (px) with its name."""

    x: float
    y: float
    name: str


def around(x: float, y: float, size: float) -> Box:
    """Return the box of a mark."""
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2


def names(canvas: Canvas, points: Sequence[Point], taken: Sequence[Box], within: Box) -> None:
    """Write each point's name in the best place that is free; the best of all if none is."""
    boxes = list(taken)
    for point in sorted(points, key=lambda p: (p.y, p.x)):
        wide = canvas.wide_as([point.name], weight="bold")
        places = [(offset, _box(point, offset, wide)) for offset in OFFSETS]
        free = [place for place in places if _is_free(place[1], boxes, within)]
        (align, across, down), box = (free or places)[0]
        canvas.text(point.x + across, point.y + down, point.name, weight="bold", ha=align)
        boxes.append(box)


def _box(point: Point, offset: tuple[str, float, float], wide: float) -> Box:
    align, across, down = offset
    left = point.x + across - {"left": 0.0, "center": wide / 2, "right": wide}[align]
    return left - 2, point.y + down - TALL + 3, left + wide + 2, point.y + down + 4


def _is_free(box: Box, taken: Sequence[Box], within: Box) -> bool:
    left, top, right, bottom = box
    inside = left >= within[0] and top >= within[1] and right <= within[2] and bottom <= within[3]
    return inside and not any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in taken
    )
