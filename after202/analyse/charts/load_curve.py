"""How response and completion times grow with the offered load, from the search for capacity.

Each mark is a valid probe, at the quantile that the level of service limits; the dashed line is
that limit. Dots kept the level, crosses missed it. Values above three times the limit are drawn at
the top, including probes with too many jobs that were never done. The line joins the median of the
probes at each rate. At the bottom, each dot is the share of the probes at a rate that kept the
level, and the line is the response curve through them. The capacity is where it crosses a half; the
shaded band is the 95 % interval of the capacity, within this session.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.probe import Capacity

HEIGHT = 8.6
# Points at which a response curve is drawn.
POINTS = 200
ABOVE = 3.0


def draw(run: Run) -> Figure | None:
    """Draw response, completion and the share that kept the level, a line per strategy."""
    level = run.record.profile.level
    if level is None or not run.capacities:
        return None
    figure = style.figure(0, height=HEIGHT)
    above, below, share = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    workload = run.capacities[0].arm.workload
    response = f"{workload}: response time, p{level.response_quantile * 100:g}"
    completion = f"{workload}: completion time, p{level.completion_quantile * 100:g}"
    _panel(above, run, "response_ms", level.response_ms)
    _panel(below, run, "completion_ms", level.completion_ms)
    style.plain(above, response)
    style.plain(below, completion)
    _shares(share, run)
    style.plain(share, "share of probes that kept the level", "offered load, requests/s")
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


def _shares(axes: Axes, run: Run) -> None:
    colours = style.colours_of([found.arm.label for found in run.capacities])
    for found in run.capacities:
        colour = colours[found.arm.label]
        probes = [probe for probe in found.probes if probe.met is not None]
        rates = np.array([probe.rate_per_s for probe in probes])
        kept = np.array([probe.met for probe in probes], float)
        each = np.unique(rates)
        shares = [kept[rates == rate].mean() for rate in each]
        axes.scatter(each, shares, color=colour, s=12, alpha=0.7)
        if found.curve:
            along = np.geomspace(rates.min(), rates.max(), POINTS)
            axes.plot(along, found.curve.kept_at(along), color=colour, linewidth=1)
    axes.axhline(0.5, color="#444444", linestyle="--", linewidth=1)


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
    if found.curve:
        low, high = found.curve.low_per_s, found.curve.high_per_s
        axes.axvspan(low, high, color=colour, alpha=0.15, linewidth=0)
