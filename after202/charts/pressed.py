"""What the charts of pressure share: the valid trials of a shape, by what was done and to whom."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from after202.analyse.trials.pressure import PressureSummary
from after202.charts import arms
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.tables import Tables
from after202.records.experiment import Arm

Of = TypeVar("Of")
Key = tuple[Arm, str]
Group = tuple[str, list[PressureSummary]]


def groups(tables: Tables, shape: str) -> list[Group]:
    """Return the trials of each arm with its name, and with the work if that differs."""
    found: dict[Key, list[PressureSummary]] = {}
    for one in tables.run.pressures if tables.run else ():
        if one.valid and one.planned.shape == shape:
            found.setdefault((one.planned.arm, one.planned.title), []).append(one)
    works = dict.fromkeys(title for _, title in found)
    named = []
    for work in works:
        for arm in arms.ordered(tables, (arm for arm, title in found if title == work)):
            said = f" ({tables.work(arm.workload)})" if len(works) > 1 else ""
            named.append((f"{arms.label(tables, arm)}{said}", found[arm, work]))
    return named


def chart(  # noqa: PLR0913 - what differs between the charts
    shape: str,
    found: Sequence[tuple[str, Of]],
    title: Callable[[Sequence[tuple[str, Of]]], str],
    *,
    told: str,
    each: Callable[[Of], str],
    paint: Callable[[Canvas, Sequence[tuple[str, Of]]], None],
) -> Chart | None:
    """Draw what was found of each arm; None if there is nothing. The alt text tells of each."""
    if not found:
        return None
    said = title(found)
    one_by_one = "; ".join(f"{label} {each(of)}" for label, of in found)
    text = f"{said}. {told}: {one_by_one}."
    return drawn(f"pressure_{shape}", said, text, lambda canvas: paint(canvas, found))


def finite(values: Sequence[float]) -> list[float]:
    """Return the times of what ended."""
    return [value for value in values if math.isfinite(value)]
