"""How response and completion times grow with the offered load, from the search for capacity.

Each mark is a valid probe, at the quantile that the level of service limits; the dashed line is
that limit. Dots kept the level, crosses missed it. Values above three times the limit are drawn at
the top, including probes with too many jobs that were never done. The line joins the median of the
probes at each rate. The shaded band is the interval of the capacity.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.probe import Capacity

HEIGHT = 6.4
ABOVE = 3.0


def draw(run: Run) -> Figure | None:
    """Draw response above completion, a line per strategy."""
    level = run.record.profile.level
    if level is None or not run.capacities:
        return None
    figure = style.figure(0, height=HEIGHT)
    above, below = figure.subplots(2, 1, sharex=True)
    workload = run.capacities[0].arm.workload
    response = f"{workload}: response time, p{level.response_quantile * 100:g}"
    completion = f"{workload}: completion time, p{level.completion_quantile * 100:g}"
    _panel(above, run, "response_ms", level.response_ms)
    _panel(below, run, "completion_ms", level.completion_ms)
    style.plain(above, response)
    style.plain(below, completion, "offered load, requests/s")
    handles, names = above.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=5, frameon=False, fontsize=8)
    return figure


def _panel(axes: Axes, run: Run, metric: str, limit_ms: float) -> None:
    colours = style.colours_of([found.arm.label for found in run.capacities])
    for found in run.capacities:
        _curve(axes, found, metric, limit_ms, colours[found.arm.label])
    axes.axhline(limit_ms, color="#444444", linestyle="--", linewidth=1)
    probes = [probe for found in run.capacities for probe in found.probes]
    style.logarithmic(axes, [probe.rate_per_s for probe in probes])
    shown = [min(getattr(probe, metric), ABOVE * limit_ms) for probe in probes]
    style.logarithmic(axes, [limit_ms, *shown], vertical=True)
    axes.set_ylabel("ms")


def _curve(axes: Axes, found: Capacity, metric: str, limit_ms: float, colour: str) -> None:
    probes = [probe for probe in found.probes if probe.met is not None]
    rates = np.array([probe.rate_per_s for probe in probes])
    times = np.minimum([getattr(probe, metric) for probe in probes], ABOVE * limit_ms)
    each = np.unique(rates)
    medians = [np.median(times[rates == rate]) for rate in each]
    axes.plot(each, medians, color=colour, linewidth=1, alpha=0.6)
    for marker, kept in (("o", True), ("x", False)):
        chosen = [number for number, probe in enumerate(probes) if probe.met is kept]
        label = found.arm.label if kept else None
        axes.scatter(
            np.take(rates, chosen),
            np.take(times, chosen),
            color=colour,
            marker=marker,
            s=20,
            label=label,
        )
    if found.low_per_s and found.high_per_s:
        axes.axvspan(found.low_per_s, found.high_per_s, color=colour, alpha=0.15, linewidth=0)
