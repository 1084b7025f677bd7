"""Whether the ledger survives kills, and whether lost and repeated work is counted exactly."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.ledger import SUFFIX, LedgerFile, read, writer_of
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from after202.validate.result import Context, Figure, Result, at_most
from after202.validate.storm import PROCESSES, THREADS, noted
from after202.validate.trials import measured

KILLS, AT_ONCE, LONGEST_LIFE_S, BORN_S = 60, 2, 0.3, 30.0
SEED = 202
QUESTION = "Does the ledger survive kills, and is lost and repeated work counted exactly?"
# A job with one of these numbers is forgotten, or done twice.
KNOWN: dict[str, tuple[OutcomeClass, Callable[[int], bool]]] = {
    "_lossy": (OutcomeClass.LOST, lambda number: number % 4 == 0),
    "_duplicating": (OutcomeClass.DUPLICATED, lambda number: number % 3 == 0),
}


@dataclass(frozen=True)
class Left:
    """What a killed process left: its file, and the last number that each thread noted."""

    file: LedgerFile
    noted: list[int]

    def numbers(self, thread: int) -> list[int]:
        """Return the numbers that a thread recorded, in the file's order."""
        return [event.job_id.int for event in self.file.events if event.step == thread]


def check(context: Context) -> Result:
    """Kill writers at random moments; then run strategies that lose jobs or do them twice."""
    figures = judge_storm(storm(context))
    run = measured("validate-ledger", _profile(), context)
    return Result("ledger", QUESTION, (*figures, *judge_known(run)))


def storm(context: Context) -> list[Left]:
    """Kill one writer after the other at random phases; return what each process left."""
    random = Random(SEED)  # noqa: S311 - phases that can be repeated are the point
    folder = context.folder / "storm"
    for number in range(0, KILLS, AT_ONCE):
        writers = [_writer(folder / str(number + i), context) for i in range(AT_ONCE)]
        for writer in writers:
            time.sleep(random.uniform(0, LONGEST_LIFE_S))
            writer.kill()
    files = sorted(folder.glob(f"*/*{SUFFIX}"))
    return [Left(read(path), noted(path.parent, writer_of(path).pid)) for path in files]


def _writer(folder: Path, context: Context) -> Child:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "after202.validate.storm", str(folder)]
    writer = Child(Launch("storm", command, context.folder / "storm.log"))

    def all_write() -> bool:
        return len(list(folder.glob(f"*{SUFFIX}"))) == PROCESSES

    until("the first event of each process", all_write, BORN_S, [writer])
    return writer


def judge_storm(left: list[Left]) -> list[Figure]:
    """Require that no event is lost whose recording returned.

    The numbers of each thread must go from 1 to at least the last that it noted. A file may have a
    torn end, and no other damage.
    """
    gaps = lost = 0
    for one in left:
        for thread in range(THREADS):
            numbers = one.numbers(thread)
            gaps += numbers != list(range(1, len(numbers) + 1))
            lost += max(0, one.noted[thread] - len(numbers))
    events = sum(len(one.file.events) for one in left)
    torn = sum(one.file.torn_tail_bytes > 0 for one in left)
    killed = KILLS * PROCESSES
    return [
        Figure("killed processes", str(len(left)), str(killed), len(left) == killed),
        Figure("events", f"{events:,}; {torn} files with a torn end", "some", events > killed),
        at_most("events written and lost", lost, 0),
        at_most("damaged records", sum(one.file.corrupt_records for one in left), 0),
        at_most("threads with a gap", gaps, 0),
    ]


def _profile() -> Profile:
    comparison = ComparisonPlan(
        workload="login", rate_per_s=50, blocks=1, warm_up_s=0, window_s=2, drain_s=3
    )
    return Profile(
        description="Strategies that lose work or do it twice, in a known way.",
        baseline="inline",
        strategies=("inline", *KNOWN),
        comparison=(comparison,),
        mail_delay_ms=0,
        repeats=0,
    )


def judge_known(run: Run) -> list[Figure]:
    """Compare the counts of lost and duplicated jobs with those that the strategies cause."""
    figures = []
    for trial in run.comparisons:
        strategy = trial.record.trial.arm.strategy
        bad, is_bad = KNOWN.get(strategy, (OutcomeClass.LOST, lambda _: False))
        right = {bad: sum(is_bad(number) for number in range(1, trial.accepted + 1))}
        right[OutcomeClass.ONCE] = trial.accepted - right[bad]
        found = {name: trial.classes.get(name, 0) for name in right}
        text = ", ".join(f"{count} {name}" for name, count in found.items())
        goal = ", ".join(f"{count} {name}" for name, count in right.items())
        figures.append(Figure(strategy, text, goal, found == right and trial.accepted > 0))
    return figures
