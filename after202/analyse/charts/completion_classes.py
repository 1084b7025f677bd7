"""What became of the accepted jobs: the share in each outcome class, over all trials."""

from collections import Counter

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from after202.analyse.charts import style
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run

COLOURS = {
    OutcomeClass.ONCE: "#009E73",
    OutcomeClass.LATE: "#56B4E9",
    OutcomeClass.DUPLICATED: "#E69F00",
    OutcomeClass.FAILED_VISIBLY: "#CC79A7",
    OutcomeClass.STRANDED: "#7A7A7A",
    OutcomeClass.LOST: "#D55E00",
    OutcomeClass.UNSEEN: "#333333",
}


def draw(run: Run) -> Figure | None:
    """Draw a bar per strategy."""
    labels = run.labels()
    if not labels:
        return None
    counts = {label: Counter[str]() for label in labels}
    for trial in run.comparisons:
        counts[trial.record.trial.arm.label].update(trial.classes)
    figure = style.figure(len(labels))
    axes = figure.subplots()
    style.rows_of(axes, labels)
    for row, label in enumerate(labels):
        _bar(axes, row, counts[label])
    style.plain(axes, "Accepted jobs by outcome", "% of accepted jobs")
    axes.set_xlim(0, 112)
    handles = [Patch(color=colour) for colour in COLOURS.values()]
    names = [str(name).replace("_", " ") for name in COLOURS]
    figure.legend(handles, names, loc="outside lower center", ncols=len(COLOURS), frameon=False)
    return figure


def _bar(axes: Axes, row: int, counts: Counter[str]) -> None:
    total = sum(counts[name] for name in COLOURS)
    left = 0.0
    for name, colour in COLOURS.items():
        share = 100 * counts[name] / total if total else 0.0
        axes.barh(row, share, left=left, color=colour, height=0.6)
        left += share
    text = f" {total:,} jobs" if total else " none accepted"
    axes.text(left, row, text, va="center", fontsize=8)
