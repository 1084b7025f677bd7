"""A queue that was filled while no worker ran: jobs not done yet, from the start of the worker on.

Each line is one trial. It begins at all of the jobs and ends at none, unless work was not done.
Where it is level first, the worker was still starting.
"""

from collections.abc import Sequence

from after202.analyse.trials.pressure import PressureSummary
from after202.charts import palette, pressed, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.pressed import Group
from after202.charts.tables import Tables
from after202.charts.wording import ms

ALIKE = 1.15


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    return pressed.chart(
        "prefill",
        groups(tables),
        title,
        told="Jobs not done",
        each=lambda of: f"{_left(of)} after {ms(1000 * _took(of))}",
        paint=_paint,
    )


def groups(tables: Tables) -> list[Group]:
    """Return the trials of each arm, from its worker's start on."""
    return [group for group in pressed.groups(tables, "prefill") if all(map(_since, group[1]))]


def title(found: Sequence[Group]) -> str:
    """Say who is through a filled queue first, and who last, or that some never are."""
    through = [(label, of) for label, of in found if _left(of) == 0]
    if len(through) < len(found):
        return f"{len(through)} of {len(found)} strategies get through a queue that was filled"
    first, last = (choose(through, key=lambda group: _took(group[1])) for choose in (min, max))
    low, high = _took(first[1]), _took(last[1])
    if high <= ALIKE * low:
        return f"A queue that was filled is empty {ms(1000 * high)} after the worker's start"
    return (
        f"{first[0]} is through a queue that was filled after {ms(1000 * low)}, {last[0]} after"
        f" {ms(1000 * high)}"
    )


def _left(of: Sequence[PressureSummary]) -> int:
    return max(one.curves.backlog[-1] for one in of)


def _took(of: Sequence[PressureSummary]) -> float:
    """Return when the last job that was done was done, in seconds since the worker's start."""
    return max(_end(_since(one)) for one in of)


def _end(points: Sequence[tuple[float, int]]) -> float:
    least = min(left for _, left in points)
    return min(at_s for at_s, left in points if left == least)


def _since(one: PressureSummary) -> list[tuple[float, int]]:
    """Return the backlog from the worker's start on, by seconds since then."""
    curves = one.curves
    both = zip(curves.at_s, curves.backlog, strict=True)
    return [(at_s - curves.worker_s, left) for at_s, left in both if at_s >= curves.worker_s]


def _paint(canvas: Canvas, found: Sequence[Group]) -> None:
    titles = [label for label, _ in found]
    unit = "s since the worker started; jobs not done"
    for axes, (_, of) in zip(small.panels(canvas, titles, unit), found, strict=True):
        lines = [_since(one) for one in of]
        for points in lines:
            at_s, left = zip(*points, strict=True)
            axes.plot(at_s, left, color=palette.INK, linewidth=1.6)
        most = max(left for points in lines for _, left in points)
        end = max(at_s for points in lines for at_s, _ in points)
        axes.set(xlim=(0, end), ylim=(0, 1.08 * max(most, 1)))
        small.ticks(axes, scale.linear(end, 5), scale.linear(max(most, 1), 4))
