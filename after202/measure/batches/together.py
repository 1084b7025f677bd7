"""Carries out a batch: one trial alone, a block that takes turns, or episodes side by side."""

from after202.hosts import cpus
from after202.measure.batches import side_by_side
from after202.measure.load.rotation import Rotation
from after202.measure.trial import Trials
from after202.plan.agenda import Batch
from after202.records.trial import Trial
from after202.records.trial_record import TrialRecord


def carry_out(batch: Batch, trials: Trials) -> None:
    """Carry out every trial of the batch, and store each one as soon as it has ended."""
    services = trials.rig.services
    everywhere = cpus.anywhere(services.cpus)
    block = Rotation(batch.trials, services.stopping)

    def one(trial: Trial) -> TrialRecord:
        if batch.anywhere:
            return trials.carry_out(trial, Rotation([trial], services.stopping), everywhere)
        return trials.carry_out(trial, block, cpus.laid_out(services.cpus, trial.arm.layout))

    if len(batch.trials) == 1:
        trials.store(one(batch.trials[0]))
    else:
        stopping = services.stopping
        side_by_side.carry_out(batch.trials, batch.at_once, one, trials.store, stopping)
