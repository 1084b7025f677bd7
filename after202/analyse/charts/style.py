"""What the charts share: colours, sizes, and how an arm's trials are drawn."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from after202.analyse import marks
from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.analyse.trials.pressure import PressureSummary
from after202.records.experiment import Condition

# Okabe and Ito's palette, which colour-blind readers can distinguish too.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A7A7A", "#F0E442")
WIDTH, ROW = 9.0, 0.42
FAINT = "#d9d9d9"
NO_VALID_TRIAL = "no valid trial"
# Ratios of the largest to the smallest value: an axis above WIDE is logarithmic, and one above
# VERY_WIDE has fewer ticks.
WIDE, VERY_WIDE = 5, 500
APART = 0.17
MEDIAN, HIGH = 0.5, 0.9


def colours(run: Run) -> dict[str, str]:
    """Return a colour per arm label; the baseline's copies share the baseline's colour."""
    return colours_of(run.labels())


def colours_of(labels: Sequence[str]) -> dict[str, str]:
    """Return a colour per label, independent of their order."""
    plain = sorted({label.split("#")[0] for label in labels})
    chosen = {label: PALETTE[i % len(PALETTE)] for i, label in enumerate(plain)}
    return {label: chosen[label.split("#")[0]] for label in labels}


def figure(rows: int, panels: int = 1, height: float | None = None) -> Figure:
    """Return an empty figure with room for `rows` rows in each of `panels` panels."""
    tall = height if height is not None else panels * (rows * ROW + 1.1) + 0.4
    return Figure(figsize=(WIDTH, tall), layout="constrained")


def plain(axes: Axes, title: str = "", unit: str = "") -> None:
    """Remove decoration that carries no information; set a title and a unit if given."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    if title:
        axes.set_title(title, loc="left", fontsize=11)
    if unit:
        axes.set_xlabel(unit)


def rows_of(axes: Axes, labels: Sequence[str]) -> None:
    """Put one arm on each row, the first at the top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)


def say_no_trial(axes: Axes, row: int) -> None:
    """Write on an arm's row that none of its trials was valid."""
    axes.text(0.01, row, NO_VALID_TRIAL, transform=axes.get_yaxis_transform(), va="center")


def say_marks(figure: Figure, run: Run) -> None:
    """Write below a figure what the mark of arms with one trial means, if there are any."""
    if marks.legend(run):
        figure.supxlabel(marks.legend(run), x=0.99, ha="right", fontsize=8)


def say_never(axes: Axes, row: float, never: int, trials: int, quantile: float) -> None:
    """Write at the right end that a quantile is infinite in some of an arm's trials."""
    text = f"p{quantile * 100:g}: never in {never} of {trials}"
    place = axes.get_yaxis_transform()
    axes.text(0.99, row, text, transform=place, va="center", ha="right", fontsize=7)


def draw_arms(axes: Axes, run: Run, condition: Condition, metric: str) -> list[float]:
    """Draw a metric's p50 (filled) and p90 (open) of every arm; return the values drawn."""
    arms, colour_of = run.arms(condition), colours(run)
    rows_of(axes, [marks.label(run, arm) for arm in arms])
    drawn: list[float] = []
    for row, arm in enumerate(arms):
        trials = run.of(arm)
        if not any((metric, MEDIAN) in trial.quantiles_ms for trial in trials):
            say_no_trial(axes, row)
            continue
        for quantile, shift in ((MEDIAN, -APART), (HIGH, APART)):
            found = [trial.quantiles_ms.get((metric, quantile)) for trial in trials]
            values = [value for value in found if value is not None]
            ended = [value for value in values if np.isfinite(value)]
            if len(ended) < len(values):
                say_never(axes, row + shift, len(values) - len(ended), len(values), quantile)
            if ended:
                drawn += ended
                filled = quantile == MEDIAN
                _draw_estimate(axes, row + shift, values, colour_of[arm.label], filled=filled)
    return drawn


def _draw_estimate(
    axes: Axes, row: float, values: Sequence[float], colour: str, *, filled: bool
) -> None:
    """Draw each trial as a dot, and the estimate with its interval on top."""
    spread = np.linspace(-0.08, 0.08, len(values)) if len(values) > 1 else [0.0]
    axes.scatter(values, row + np.asarray(spread), s=9, color=colour, alpha=0.35, linewidths=0)
    found = estimate(values)
    if found.low is not None and found.high is not None and np.isfinite(found.high):
        axes.plot([found.low, found.high], [row, row], color=colour, linewidth=2.2)
    face = colour if filled else "white"
    if np.isfinite(found.value):
        axes.plot([found.value], [row], "o", markersize=7, color=colour, markerfacecolor=face)


def logarithmic(axes: Axes, values: Sequence[float], *, vertical: bool = False) -> None:
    """Use a logarithmic axis with plain numbers if the values span more than a factor of 5."""
    positive = [value for value in values if value > 0]
    if positive and max(positive) > WIDE * min(positive):
        subs = (1, 2, 5) if max(positive) < VERY_WIDE * min(positive) else (1,)
        (axes.set_yscale if vertical else axes.set_xscale)("log")
        axis = axes.yaxis if vertical else axes.xaxis
        axis.set_major_locator(LogLocator(subs=subs))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def pressures(run: Run, shape: str) -> dict[str, list[PressureSummary]]:
    """Return the valid pressure trials of a shape, by what was put under pressure and by what."""
    groups: dict[str, list[PressureSummary]] = {}
    for one in sorted(run.pressures, key=lambda each: each.planned.arm.label):
        if one.valid and one.planned.shape == shape:
            groups.setdefault(one.planned.title, []).append(one)
    return groups


def legend_of(figure: Figure, found: Iterable[PressureSummary], markers: str = "") -> None:
    """Put a legend of the arms above a figure; with markers, one for each arm."""
    labels = sorted({one.planned.arm.label for one in found})
    colours = colours_of(labels)
    handles = [
        Line2D(
            [], [], color=colours[label], label=label,
            marker=markers[number % len(markers)] if markers else "",
            linestyle="" if markers else "-",
        )
        for number, label in enumerate(labels)
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, fontsize=8)
