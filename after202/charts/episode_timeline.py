"""One episode of the same fault for each strategy: jobs accepted and ended over time.

Time is counted from the moment the fault struck; the shaded span is the time until the part that
was hit was back. Lines that do not meet at the end are of jobs that were not done when the drain
closed; that alone does not mean that they were lost.
"""

from collections.abc import Sequence

import numpy as np

from after202.analyse.trials.episode import EpisodeSummary
from after202.charts import arms, palette, scale, small, strips
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.job_by_job import when
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import opening

EXPERT = True
# The most telling faults first; the first one that the run has is drawn.
PREFERRED = ("W2", "A3", "W8", "R2", "W7", "R1", "A2", "A1")
ENTRIES = (Entry("accepted", colour=palette.ANSWER), Entry("ended (dashed)", colour=palette.DONE))
DASHES = (0, (3, 1.5))
Row = tuple[str, EpisodeSummary]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per strategy and variant."""
    episodes = (
        [e for e in tables.run.episodes if e.known and e.timeline.marks] if tables.run else []
    )
    there = {episode.planned.fault for episode in episodes}
    fault = next((name for name in PREFERRED if name in there), None)
    if fault is None:
        return None
    chosen: dict[object, EpisodeSummary] = {}
    for episode in episodes:
        if episode.planned.fault == fault:
            chosen.setdefault(episode.record.trial.arm, episode)
    found = [(arms.label(tables, a), chosen[a]) for a in arms.ordered(tables, chosen)]  # type: ignore[arg-type]
    said = title(found, when(tables, fault))
    text = f"{said}. Not done: " + "; ".join(f"{label} {_undone(e)}" for label, e in found) + "."
    return drawn("episode_timeline", said, text, lambda canvas: _paint(canvas, found))


def _undone(episode: EpisodeSummary) -> str:
    accepted, ended = len(episode.timeline.accepted_s), len(episode.timeline.ended_s)
    return f"{accepted - ended} of {accepted}"


def title(found: Sequence[Row], what: str) -> str:
    """Say how many strategies' ended jobs catch up with the accepted ones."""
    whole = sum(len(e.timeline.accepted_s) == len(e.timeline.ended_s) for _, e in found)
    return opening(f"when {what}, the work catches up in {whole} of {len(found)} variants")


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    titles = [label for label, _ in found]
    unit = "s since the fault; number of jobs"
    moments = [t for _, e in found for t in (*e.timeline.accepted_s, *e.timeline.ended_s)]
    low, high = min(moments, default=0), max(moments, default=1)
    most = max(len(e.timeline.accepted_s) for _, e in found) or 1
    step = max(round((high - low) / 4), 1)
    across = np.arange(np.ceil(low / step) * step, high + 0.01, step)
    for axes, (_, episode) in zip(small.panels(canvas, titles, unit, ENTRIES), found, strict=True):
        for start, end in strips.downs(episode):
            axes.axvspan(start, min(end, high), color=palette.LOST, alpha=0.14, linewidth=0)
        lines = (("accepted_s", palette.ANSWER, "-"), ("ended_s", palette.DONE, DASHES))
        for name, colour, style in lines:
            at = np.asarray(getattr(episode.timeline, name))
            axes.step(
                at,
                np.arange(1, len(at) + 1),
                where="post",
                color=colour,
                linestyle=style,
                linewidth=2,
            )
        axes.set(xlim=(low, high), ylim=(0, 1.08 * most))
        small.ticks(axes, across.tolist(), scale.linear(most, 4))
