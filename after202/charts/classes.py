"""What became of accepted jobs, as charts of shares show it: a colour, a hatch and a word each."""

from collections import Counter
from collections.abc import Iterable, Mapping

from after202.charts import palette
from after202.charts.legend import Entry
from after202.charts.marks import MARK

KINDS = {
    "done": Entry("done once", colour=palette.DONE),
    "late": Entry("done late", colour=palette.DONE, hatched=True),
    "twice": Entry("done twice", colour=palette.TWICE, hatched=True),
    "failed": Entry("failed, on record", colour=palette.STUCK),
    "stuck": Entry("stuck", colour=palette.STUCK, hatched=True),
    "lost": Entry("lost", colour=palette.LOST),
    "unknown": Entry("not seen", colour=palette.MUTED, hatched=True),
}
ACCEPTED = ("once", "late", "duplicated", "failed_visibly", "stranded", "lost", "unseen")


def counted(classes: Mapping[str, int]) -> Counter[str]:
    """Count accepted jobs by what a chart shows of them."""
    found: Counter[str] = Counter()
    for name in ACCEPTED:
        found["late" if name == "late" else MARK[name]] += classes.get(name, 0)
    return found


def entries(every: Iterable[Counter[str]]) -> list[Entry]:
    """Return the legend of those that occur."""
    total = sum(every, Counter[str]())
    return [look for kind, look in KINDS.items() if total[kind]]
