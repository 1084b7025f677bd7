"""The marks: each has a shape of its own beside its colour, so that no meaning is in colour alone."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Rectangle

from after202.report.charts import palette

HATCH = "////"
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
    "lost": "lost", "refused": "refused", "unknown": "unknown",
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
    xs: Sequence[float],
    ys: Sequence[float],
    size: float = 11,
    **look: Any,  # noqa: ANN401 - any look
) -> PathCollection:
    """Draw marks of one meaning; `size` is their width in pixels."""
    shape, face, edge = LOOKS[mark]
    width = min(2.2, size / 5) if face == palette.GROUND else min(0.9, size / 10)
    found = axes.scatter(
        xs, ys, size**2, marker=shape, facecolor=face, edgecolor=edge, linewidths=width,
        **{"zorder": 4, "clip_on": False, **look},
    )  # fmt: skip
    if mark == "stuck":
        half = MarkerStyle("o", fillstyle="right")
        axes.scatter(
            xs, ys, size**2, marker=half, facecolor=edge, edgecolor="none",
            **{"zorder": 4.1, "clip_on": False, **look},
        )  # fmt: skip
    return found


def bar(
    axes: Axes, across: tuple[float, float], y: float, height: float, colour: str, *, hatch: bool
) -> Rectangle:
    """Draw a bar from a value across its width, around its middle; hatched as a second cue."""
    left, width = across
    patch = Rectangle(
        (left, y - height / 2), width, height, facecolor=colour, edgecolor=palette.GROUND,
        linewidth=1, hatch=HATCH if hatch else None, zorder=3,
    )  # fmt: skip
    axes.add_patch(patch)
    return patch


def band(axes: Axes, start: float, end: float, y: float, height: float) -> None:
    """Shade a span of a row: the part was down."""
    look = {"facecolor": palette.LOST, "alpha": 0.14, "linewidth": 0, "zorder": 1}
    axes.add_patch(Rectangle((start, y - height / 2), end - start, height, **look))
