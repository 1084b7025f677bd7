"""An overload and the rest after it: accepted requests whose job was not done yet, over time.

Each line is one trial; shading marks the overload. A request counts from its due time, so what
waits for its answer is part of the backlog. The offered load is a multiple of each strategy's own
capacity unless the profile gives one rate for all; it stands above each panel.
"""

from collections.abc import Sequence

from after202.analyse.trials.pressure import PressureSummary
from after202.charts import palette, pressed, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.pressed import Group
from after202.charts.tables import Tables


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    return pressed.chart(
        "overload",
        groups(tables),
        title,
        told="Jobs not done",
        each=lambda of: f"at most {_most(of)}, {_last(of)} at the end",
        paint=_paint,
    )


def _most(of: Sequence[PressureSummary]) -> int:
    return max(max(one.curves.backlog) for one in of)


def _last(of: Sequence[PressureSummary]) -> int:
    return max(one.curves.backlog[-1] for one in of)


def groups(tables: Tables) -> list[Group]:
    """Return the trials of each arm whose backlog was followed."""
    return [group for group in pressed.groups(tables, "overload") if group[1][0].curves.at_s]


def title(found: Sequence[Group]) -> str:
    """Say how many worked off what an overload left."""
    clear = [label for label, of in found if _last(of) == 0]
    if len(clear) == len(found):
        return "After an overload, every strategy works off its backlog"
    return f"After an overload, {len(clear)} of {len(found)} strategies work off their backlog"


def _paint(canvas: Canvas, found: Sequence[Group]) -> None:
    unit = "s since the overload began; jobs not done"
    titles = [f"{label}, {of[0].planned.pressed.rate_per_s:.3g}/s" for label, of in found]
    for axes, (_, of) in zip(small.panels(canvas, titles, unit), found, strict=True):
        axes.axvspan(0, of[0].planned.pressed.for_s, color=palette.LOST, alpha=0.14, linewidth=0)
        for one in of:
            axes.plot(one.curves.at_s, one.curves.backlog, color=palette.INK, linewidth=1.6)
        most, end = max(_most(of), 1), max(one.curves.at_s[-1] for one in of)
        axes.set(xlim=(min(of[0].curves.at_s), end), ylim=(0, 1.08 * most))
        small.ticks(axes, scale.linear(end, 5), scale.linear(most, 4))
