"""The progress of a run in one line: the time left, and the figures so far."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from after202.measure.rig import Observer
from after202.plan import estimate
from after202.plan.catalogue import Catalogue
from after202.records.trial import Episode, Trial
from after202.records.trial_record import TrialRecord


@contextmanager
def progress(
    console: Console,
    left: Sequence[Trial],
    known: Catalogue,
    side_by_side: int = 1,
    *,
    verbose: bool = False,
) -> Iterator[Observer]:
    """Show a line while trials run; leave one for each that is not valid, or for all if verbose."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        total_s = estimate.expected_s(left, known, side_by_side)
        task = bar.add_task("services", total=total_s, left=_left(total_s))
        begun: list[Trial] = []
        sums = Sums()

        def begins(trial: Trial) -> None:
            begun.append(trial)
            of = max(len(left), len(begun))  # `left` lacks blocks that are run again
            label = known[trial.arm.strategy].label
            bar.update(task, description=f"{len(begun)}/{of} {label}{sums}")

        def ended(record: TrialRecord) -> None:
            at_once = side_by_side if isinstance(record.trial, Episode) else 1
            bar.advance(task, estimate.trial_s(record.trial, known) / at_once)
            state = bar.tasks[task]
            bar.update(task, left=_left(total_s - state.completed))
            sums.add(record)
            if verbose or not record.valid:
                bar.console.print(figures(record), markup=False, highlight=False)

        yield Observer(begins, ended)
        bar.update(task, completed=total_s, left="done")


@dataclass
class Sums:
    """What the finished trials come to."""

    accepted: int = 0
    scheduled: int = 0
    rejected: int = 0

    def add(self, record: TrialRecord) -> None:
        """Count a finished trial."""
        self.rejected += not record.valid
        if record.load is not None:
            self.accepted += record.load.counts.accepted
            self.scheduled += record.load.counts.scheduled

    def __str__(self) -> str:
        """Return the sums, as they follow the trial's name; nothing before there are any."""
        if not self.scheduled and not self.rejected:
            return ""
        rejected = f", {self.rejected} not valid" if self.rejected else ""
        return f", {self.accepted:,} of {self.scheduled:,} accepted{rejected}"


def _left(seconds: float) -> str:
    return f"{max(seconds, 0):.0f} s left"


def figures(record: TrialRecord) -> str:
    """Return a one-line summary of a finished trial."""
    if record.load is None or not record.valid:
        return f"{record.trial.id}: not valid: {'; '.join(record.reasons)}"
    counts = record.load.counts
    if record.strike is not None:
        proof = "proven" if record.strike.proven else "NOT PROVEN"
        return (
            f"{record.trial.id}: {counts.accepted}/{counts.scheduled} accepted, fault {proof},"
            f" {record.strike.in_flight} steps in flight,"
            f" {'all settled' if record.drained else 'not all settled'}"
        )
    slip = record.gates.get("slip_p99_ms", 0.0)
    cpu_s = sum(usage.cpu_s for usage in record.usage.values())
    return (
        f"{record.trial.id}: {counts.accepted}/{counts.scheduled} accepted,"
        f" {'all ended' if record.drained else 'not all ended'},"
        f" {cpu_s:.2f} CPU-s, slip p99 {slip:.1f} ms"
    )
