"""An overload and the rest after it: accepted requests whose job was not done yet, over time.

Each line is one trial; shading marks the overload. A request counts from its due time, so what
waits for its answer is part of the backlog. Each panel has a scale of its own, because the offered
load is a multiple of each strategy's own capacity unless the profile gives one rate for all.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.pressure import PressureSummary

WIDTH, HEIGHT, COLUMNS = 3.2, 2.3, 3
SHADE = "#D55E00"


def draw(run: Run) -> Figure | None:
    """Draw a panel per arm and workload."""
    groups = style.pressures(run, "overload")
    panels: dict[tuple[str, str], list[PressureSummary]] = {}
    for found in groups.values():
        for one in found:
            arm = one.planned.arm
            panels.setdefault((arm.workload, arm.label), []).append(one)
    if not panels:
        return None
    rows = -(-len(panels) // COLUMNS)
    figure = Figure(figsize=(WIDTH * COLUMNS, HEIGHT * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    colours = style.colours_of([label for _, label in panels])
    for axes, ((workload, label), found) in zip(grid.flat, panels.items(), strict=False):
        _panel(axes, found, colours[label])
        rate_per_s = found[0].planned.pressed.rate_per_s
        style.plain(axes, f"{label}\n{workload}, {rate_per_s:.3g}/s", "s since the overload began")
        axes.title.set_fontsize(8)
        axes.set_ylabel("jobs not done")
    return figure


def _panel(axes: Axes, found: list[PressureSummary], colour: str) -> None:
    axes.axvspan(0, found[0].planned.pressed.for_s, color=SHADE, alpha=0.15, linewidth=0)
    for one in found:
        axes.plot(one.curves.at_s, one.curves.backlog, color=colour, linewidth=1.2, alpha=0.8)
    axes.set_ylim(bottom=0)
