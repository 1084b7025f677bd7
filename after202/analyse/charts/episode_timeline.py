"""One episode of the same fault for each strategy: jobs accepted, ended and in flight over time.

Time is counted from the moment the fault struck. Shading marks when the part that was hit was down
or frozen. If the lines do not meet at the end, some jobs were not done when the drain closed; that
alone does not mean that they were lost.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.episode import EpisodeSummary, horizons
from after202.analyse.trials.recovery import STARTED, STRUCK

# The most telling faults first; the first one that the run has is drawn.
PREFERRED = ("W2", "A3", "W8", "R2", "W7", "R1", "A2", "A1")
WIDTH, HEIGHT, COLUMNS = 3.2, 2.1, 3
BACK = (STARTED, "thawed", "answers")
ACCEPTED, ENDED, FLYING = "#0072B2", "#009E73", "#E69F00"


def draw(run: Run) -> Figure | None:
    """Draw a panel per strategy and variant."""
    there = {e.planned.fault for e in run.episodes if e.known and e.timeline.marks}
    fault = next((name for name in PREFERRED if name in there), None)
    if fault is None:
        return None
    chosen: dict[str, EpisodeSummary] = {}
    for episode in run.episodes:
        trial = episode.record.trial
        if episode.planned.fault == fault and episode.known:
            chosen.setdefault(trial.arm.label, episode)
    columns = min(COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = Figure(figsize=(WIDTH * COLUMNS, HEIGHT * rows + 0.7), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes in panels.flat[len(chosen) :]:
        axes.set_visible(False)
    for axes, (label, episode) in zip(panels.flat, sorted(chosen.items()), strict=False):
        _panel(axes, f"{label}, {fault}", episode)
    figure.suptitle(horizons(list(chosen.values())), fontsize=7)
    handles, names = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    return figure


def _panel(axes: Axes, title: str, episode: EpisodeSummary) -> None:
    accepted, ended = np.asarray(episode.timeline.accepted_s), np.asarray(episode.timeline.ended_s)
    times = np.sort(np.concatenate([accepted, ended]))
    so_far, done = np.searchsorted(accepted, times, "right"), np.searchsorted(ended, times, "right")
    axes.step(times, so_far, where="post", color=ACCEPTED, label="accepted")
    axes.step(times, done, where="post", color=ENDED, label="ended")
    axes.fill_between(
        times, so_far - done, step="post", color=FLYING, alpha=0.5, linewidth=0, label="in flight"
    )
    for start_s, end_s in _downs(episode):
        axes.axvspan(start_s, end_s, color="#D55E00", alpha=0.2, linewidth=0)
    style.plain(axes, title, "s since the fault")
    axes.title.set_fontsize(8)


def _downs(episode: EpisodeSummary) -> list[tuple[float, float]]:
    """Return the intervals (s) in which the part that was hit was down or frozen."""
    downs: list[tuple[float, float]] = []
    since: float | None = None
    for at_s, what in episode.timeline.marks:
        if what.endswith(STRUCK) and since is None:
            since = at_s
        elif since is not None and what.split(" ", 1)[1] in BACK:
            downs.append((since, at_s))
            since = None
    return downs
