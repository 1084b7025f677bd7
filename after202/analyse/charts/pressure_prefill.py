"""A queue that was filled while no worker ran: jobs not done yet, from the start of the worker on.

Each line is one trial. It begins at all of the jobs and ends at none, unless work was not done.
Where it is level first, the worker was still starting.
"""

from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.pressure import PressureSummary

PANEL_HEIGHT = 3.0


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and number of jobs."""
    groups = style.pressures(run, "prefill")
    if not groups:
        return None
    figure = style.figure(0, height=PANEL_HEIGHT * len(groups) + 0.5)
    grid = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    for axes, (title, found) in zip(grid, groups.items(), strict=True):
        colours = style.colours_of([one.planned.arm.label for one in found])
        for one in found:
            at_s, left = _since_start(one)
            axes.plot(at_s, left, color=colours[one.planned.arm.label], linewidth=1.4, alpha=0.8)
        style.plain(axes, title, "s since the worker started")
        axes.set_ylabel("jobs not done")
        axes.set_ylim(bottom=0)
    style.legend_of(figure, [one for found in groups.values() for one in found])
    return figure


def _since_start(one: PressureSummary) -> tuple[list[float], list[int]]:
    """Return the backlog after the worker's start, in seconds since then."""
    curves = one.curves
    both = zip(curves.at_s, curves.backlog, strict=True)
    kept = [(at_s - curves.worker_s, left) for at_s, left in both if at_s >= curves.worker_s]
    return [at_s for at_s, _ in kept], [left for _, left in kept]
