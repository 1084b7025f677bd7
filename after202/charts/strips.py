"""One episode's jobs by when they were due, for the chart that shows them one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.parquet as pq

from after202.analyse.run import Run
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.recovery import STARTED, STRUCK
from after202.kernel.model import DOCUMENTED

BACK = (STARTED, "thawed", "answers")
Interval = tuple[float, float]


@dataclass(frozen=True)
class Strip:
    """An episode: when each job was due (s since the fault), with its class; `downs` of the part.

    `more` is how many other episodes of the kind there were.
    """

    fault: str
    strategy: str
    jobs: tuple[tuple[float, str], ...]
    downs: tuple[Interval, ...] = ()
    more: int = 0

    def count(self, *classes: str) -> int:
        """Count the jobs in some classes."""
        return sum(name in classes for _, name in self.jobs)


def of_run(run: Run) -> Iterator[Strip]:
    """Yield the first known episode of each strategy, as documented, and fault."""
    found: dict[tuple[str, str, str], list[EpisodeSummary]] = {}
    for episode in run.episodes:
        arm, planned = episode.record.trial.arm, episode.planned
        if arm.variant == DOCUMENTED and episode.known and episode.timeline.marks:
            key = planned.fault, arm.strategy, planned.durability
            found.setdefault(key, []).append(episode)
    seen: set[tuple[str, str]] = set()
    for (fault, strategy, _), episodes in found.items():
        if (fault, strategy) not in seen:
            seen.add((fault, strategy))
            jobs = tuple(_jobs(run, episodes[0]))
            yield Strip(fault, strategy, jobs, tuple(downs(episodes[0])), len(episodes) - 1)


def _jobs(run: Run, episode: EpisodeSummary) -> Iterator[tuple[float, str]]:
    marks = episode.record.strike.marks if episode.record.strike else ()
    struck_ns = next((mark.at_us * 1000 for mark in marks if mark.what == STRUCK), 0)
    columns = ["due_ns", "outcome_class"]
    mine = [("trial", "=", episode.record.trial.id)]
    rows = pq.read_table(run.folder.tables / "jobs.parquet", columns=columns, filters=mine)
    for row in sorted(rows.to_pylist(), key=lambda row: row["due_ns"]):
        if row["due_ns"] >= 0:
            yield (row["due_ns"] - struck_ns) / 1e9, row["outcome_class"]


def downs(episode: EpisodeSummary) -> Iterator[Interval]:
    """Yield the intervals (s) in which the part that was hit was down or frozen."""
    since: float | None = None
    for at_s, what in episode.timeline.marks:
        if what.endswith(STRUCK) and since is None:
            since = at_s
        elif since is not None and what.split(" ", 1)[1] in BACK:
            yield since, at_s
            since = None
