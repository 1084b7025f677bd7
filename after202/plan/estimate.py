"""Estimates how long a run takes."""

from collections.abc import Sequence

from after202.plan import comparisons, episodes, pressures
from after202.plan.catalogue import Catalogue
from after202.records.profile import Profile
from after202.records.trial import Episode, Pressure, Trial

# Seconds that a trial takes besides its load: start, drain, stop. Medians of runs on two cores.
IN_PROCESS_S, QUEUE_S = 2.5, 4.0
# Once per run: starting the services, and measuring what recording costs.
RUN_S = 6.0
# Between two turns.
TURN_S = 0.2
# An episode's drain, and what side by side with seven others it takes longer in all: the mean of
# the profile `faults` on two cores.
EPISODE_S = 22.0
# In addition, the process of each slot takes this long to start.
SLOT_S = 0.15
# A capacity that bursts will show; how long an overload takes hardly depends on it.
GUESS_PER_S = 10.0
# So does each API process after the first, and its supervisor.
API_PROCESS_S = 1.0
# How long a job of these workloads occupies its slot; jobs of the others take milliseconds.
OCCUPIED_S = {"wait": 0.1, "slow": 0.5}


def planned_at_first(profile: Profile, catalogue: Catalogue) -> list[Trial]:
    """Return the trials that are known before anything is measured: episodes come last."""
    compared = comparisons.comparisons(profile, catalogue)
    alone: list[Trial] = [*compared, *pressures.pressures(profile, catalogue, len(compared))]
    return [*alone, *episodes.episodes(profile, catalogue, len(alone))]


def foreseen(profile: Profile, catalogue: Catalogue, planned: Sequence[Trial]) -> list[Trial]:
    """Return the planned trials, and those at a share or a multiple of the capacity.

    The capacity is assumed to be the search's first rate; probes are not included.
    """
    guess_per_s = profile.capacity.start_per_s if profile.capacity else GUESS_PER_S
    ahead = [*planned, *comparisons.shares(profile, catalogue, planned, lambda _: guess_per_s)]
    return [*ahead, *pressures.overloads(profile, catalogue, ahead, lambda _: guess_per_s)]


def trial_s(trial: Trial, catalogue: Catalogue) -> float:
    """Return the expected duration of a trial, in seconds."""
    outside_s = IN_PROCESS_S
    if catalogue.has_queue(trial.arm.strategy):
        outside_s = QUEUE_S + SLOT_S * trial.slots
    outside_s += API_PROCESS_S * (trial.arm.api_processes - 1)
    drain_s = EPISODE_S if isinstance(trial, Episode) else backlog_s(trial, catalogue)
    turns_s = (trial.goes - 1) * TURN_S
    return trial.rest_s + trial.load_s + outside_s + drain_s + turns_s


def backlog_s(trial: Trial, catalogue: Catalogue) -> float:
    """Return how long the backlog at the end of the load takes, in seconds: at most the drain.

    A queue takes, for each job, the CPU time of a message on one core, or the job's time in a slot
    divided by the slots, whichever is longer. Nothing is done while a queue is filled first.
    """
    facts = catalogue[trial.arm.strategy]
    if not facts.worker:
        return 0.0
    needed_s = 0.0
    for stage in trial.stages:
        job_s = max(facts.message_cpu_s, OCCUPIED_S.get(stage.workload, 0.0) / trial.slots)
        needed_s += stage.rate_per_s * stage.for_s * job_s
    filled_first = isinstance(trial, Pressure) and trial.shape == "prefill"
    return min(max(needed_s - (0.0 if filled_first else trial.load_s), 0.0), trial.drain_s)


def expected_s(trials: Sequence[Trial], catalogue: Catalogue, side_by_side: int = 1) -> float:
    """Return the expected duration of the trials, in seconds; `side_by_side` episodes overlap."""
    alone_s = sum(trial_s(t, catalogue) for t in trials if not isinstance(t, Episode))
    together_s = sum(trial_s(t, catalogue) for t in trials if isinstance(t, Episode))
    return RUN_S + alone_s + together_s / side_by_side
