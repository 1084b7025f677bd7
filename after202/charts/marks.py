"""The marks: each has a shape of its own, so that no meaning is in colour alone."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Rectangle

from after202.charts import palette

HATCH = "////"
Span = tuple[float, float]
# A colour, and whether hatching is its second cue.
Fill = tuple[str, bool]
# A mark's shape, face and edge; the half disc of what is stuck is drawn over its own circle.
LOOKS: dict[str, tuple[str, str, str]] = {
    "answer": ("o", palette.GROUND, palette.ANSWER),
    "done": ("o", palette.DONE, palette.DONE),
    "later": ("D", palette.INK, palette.INK),
    "lost": ("X", palette.LOST, palette.GROUND),
    "stuck": ("o", palette.GROUND, palette.STUCK),
    "failed": ("s", palette.GROUND, palette.STUCK),
    "twice": ("P", palette.TWICE, palette.GROUND),
    "refused": (".", palette.MUTED, "none"),
    "unknown": ("o", palette.GROUND, palette.MUTED),
    "control": ("o", palette.GROUND, palette.ANSWER),
    "other": ("D", palette.GROUND, palette.INK),
}
# Classes of outcome by the mark that stands for them.
MARK = {
    "once": "done", "late": "done", "recovered": "done", "executed_though_refused": "done",
    "duplicated": "twice", "failed_visibly": "failed", "stranded": "stuck", "unseen": "unknown",
    "lost": "lost", "refused": "refused", "orphaned": "refused", "unknown": "unknown",
}  # fmt: skip
SAID = {
    "done": "done", "twice": "done twice", "failed": "failed, on record", "stuck": "stuck",
    "lost": "lost", "refused": "refused", "unknown": "no answer",
}  # fmt: skip
COLOUR = {
    "done": palette.DONE, "twice": palette.TWICE, "failed": palette.STUCK, "stuck": palette.STUCK,
    "lost": palette.LOST, "refused": palette.MUTED, "unknown": palette.MUTED,
}  # fmt: skip


def put(
    axes: Axes,
    mark: str,
    points: Sequence[tuple[float, float]],
    size: float = 11,
    zorder: float = 4,
) -> PathCollection:
    """Draw marks of one meaning at points; `size` is their width in pixels."""
    shape, face, edge = LOOKS[mark]
    width = min(2.2, size / 5) if face == palette.GROUND else min(0.9, size / 10)
    xs, ys = zip(*points, strict=True)
    look: dict[str, Any] = {"s": size**2, "zorder": zorder, "clip_on": False}
    found = axes.scatter(
        xs, ys, marker=shape, facecolor=face, edgecolor=edge, linewidths=width, **look
    )
    if mark == "stuck":
        half = MarkerStyle("o", fillstyle="right")
        axes.scatter(xs, ys, marker=half, facecolor=edge, edgecolor="none", **look)
    return found


def bar(axes: Axes, across: Span, y: float, height: float, fill: Fill) -> Rectangle:
    """Draw a bar from a value across its width, around its middle."""
    left, width = across
    colour, hatched = fill
    patch = Rectangle(
        (left, y - height / 2), width, height, facecolor=colour, edgecolor=palette.GROUND,
        linewidth=1, hatch=HATCH if hatched else None, zorder=3,
    )  # fmt: skip
    axes.add_patch(patch)
    return patch


def band(axes: Axes, span: Span, y: float, height: float) -> None:
    """Shade a row from one value to another: the part was down."""
    start, end = span
    corner = (start, y - height / 2)
    axes.add_patch(
        Rectangle(corner, end - start, height, facecolor=palette.LOST, alpha=0.14, linewidth=0)
    )
