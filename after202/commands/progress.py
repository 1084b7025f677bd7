"""The progress bar of a run: the current trial, the time left, and a line per finished trial."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from after202.measure.trial import Observer
from after202.plan import estimate
from after202.plan.catalogue import Catalogue
from after202.records.trial import Episode, Trial, TrialRecord


@contextmanager
def progress(
    console: Console, left: Sequence[Trial], known: Catalogue, side_by_side: int = 1
) -> Iterator[Observer]:
    """Show a progress bar while trials run, and leave a line for each finished trial."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        total_s = estimate.expected_s(left, known, side_by_side)
        task = bar.add_task("services", total=total_s, left=_left(total_s))
        begun: list[Trial] = []

        def begins(trial: Trial) -> None:
            begun.append(trial)
            of = max(len(left), len(begun))  # `left` lacks blocks that are run again
            bar.update(task, description=f"{len(begun)}/{of} {trial.id}")

        def ended(record: TrialRecord) -> None:
            at_once = side_by_side if isinstance(record.trial, Episode) else 1
            bar.advance(task, estimate.trial_s(record.trial, known) / at_once)
            state = bar.tasks[task]
            bar.update(task, left=_left(total_s - state.completed))
            bar.console.print(figures(record), markup=False, highlight=False)

        yield Observer(begins, ended)
        bar.update(task, completed=total_s, left="done")


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
