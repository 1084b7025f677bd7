"""Runs in memory: sessions of one profile with the scatter of real ones, drawn from a seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from after202.analyse.run import Run
from after202.analyse.trials.comparison import ComparisonSummary
from after202.records.folder import RunFolder
from after202.records.run import RunRecord
from after202.records.trial import Comparison
from after202.records.trial_record import Load, TrialRecord
from tests.analyse.run_folder import OFFER, PROFILE, TrialHistory

# Standard deviations of logarithms, as real sessions show: of blocks, and of trials within them.
BLOCK_SD, TRIAL_SD = 0.06, 0.05
# One trial in fifty is disturbed, and takes half as long again.
DISTURBED, BY = 0.02, 1.5
TIMES_MS = {"background_tasks": (2.0, 6.0), "celery_queue": (7.0, 20.0), "inline": (9.0, 9.0)}
METRICS, QUANTILES = ("response", "completion"), (0.5, 0.9)
JOBS = 40


@dataclass(frozen=True)
class Session:
    """How a session differs from the usual one: factors, and jobs lost per trial."""

    blocks: int = 10
    hour: float = 1.0
    slower: float = 1.0
    lost: int = 0

    def run(self, name: str, random: Random) -> Run:
        """Draw the session; `slower` and `lost` are Celery's alone."""
        trials = [
            self._trial(block, strategy, random.gauss(0, TRIAL_SD) + shared, random)
            for block in range(self.blocks)
            for shared in (random.gauss(math.log(self.hour), BLOCK_SD),)
            for strategy in TIMES_MS
        ]
        return run_of(name, trials)

    def _trial(
        self, block: int, strategy: str, log_factor: float, random: Random
    ) -> ComparisonSummary:
        factor = math.exp(log_factor) * (BY if random.random() < DISTURBED else 1)
        factor *= self.slower if strategy == "celery_queue" else 1
        lost = self.lost if strategy == "celery_queue" else 0
        history = TrialHistory(strategy, block)
        planned = history.trial(len(TIMES_MS) * block + list(TIMES_MS).index(strategy))
        assert isinstance(planned, Comparison)
        return summary(planned, factor, self.hour, lost)


def summary(planned: Comparison, factor: float, hour: float, lost: int) -> ComparisonSummary:
    """Return a trial whose times are the usual ones times a factor, on a machine of that speed."""
    usual = dict(zip(METRICS, TIMES_MS[planned.arm.strategy], strict=True))
    record = TrialRecord.model_construct(
        trial=planned, valid=True, offer=OFFER, load=_load(hour), steal_share=None
    )
    return ComparisonSummary(
        record=record,
        reasons=(),
        quantiles_ms={(m, q): usual[m] * factor * (1 + q) for m in METRICS for q in QUANTILES},
        classes={"once": JOBS - lost, **({"lost": lost} if lost else {})},
        sent=JOBS,
        restarted=0,
        goodput_per_s=None,
        drifting=(),
        completion_ms=(),
    )


def _load(hour: float) -> Load:
    """Return a load whose requests took the generator as long as the hour's machine needs."""
    load = TrialHistory("inline", generator_cpu_s=hour)._record(0).load
    assert load is not None
    return load


def run_of(name: str, trials: Sequence[ComparisonSummary]) -> Run:
    """Return a run of these trials."""
    record = RunRecord.model_construct(
        run=name,
        profile_name="drawn",
        profile=PROFILE,
        planned=tuple(one.record.trial for one in trials),
        strategies={},
        stack="none",
        machine={},
        versions={},
        git_commit="",
        started_at="",
        cpu_sets={},
        options={},
    )
    return Run(RunFolder(Path(name)), record, comparisons=tuple(trials))


def halves(run: Run, random: Random) -> tuple[Run, Run]:
    """Return a run as two, each with half of its blocks, drawn at random."""
    blocks = sorted({one.record.trial.block for one in run.comparisons})
    mine = set(random.sample(blocks, len(blocks) // 2))
    drawn = [one for one in run.comparisons if one.record.trial.block in mine]
    others = [one for one in run.comparisons if one.record.trial.block not in mine]
    return run_of("a", drawn), run_of("b", others)
