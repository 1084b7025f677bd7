"""What measuring itself costs."""

import statistics

from after202.analyse.run import Run
from after202.analyse.trials.comparison import ComparisonSummary
from after202.report.blocks import Fold, table
from after202.report.sections import Reported

GOALS = {
    "outside_window_in_process_s": "at most 2.5",
    "outside_window_queue_s": "at most 4",
    "recording_share_of_generator_cpu": "under 0.02",
    "instrumented_to_bare_throughput": "at least 0.97",
}
NAMES = {
    "outside_window_in_process_s": "a trial in process outside its load, s",
    "outside_window_queue_s": "a queue's trial outside its load, s",
    "recording_share_of_generator_cpu": "share of recording in the generator's CPU time",
    "sampling_cpu_s_per_trial": "CPU time of sampling per trial, s",
    "instrumented_to_bare_throughput": "throughput with recording over that without",
}
WORKER = "worker"
PLACE = 70


def fold(reported: Reported) -> Fold | None:
    """Return each overhead with its goal."""
    found = overheads(reported.run)
    if not found:
        return None
    rows = [
        (NAMES.get(name, name.replace("_", " ")), f"{value:.4g}", GOALS.get(name, ""))
        for name, value in found.items()
    ]
    return Fold("What measuring costs", (table(("overhead", "measured", "goal"), rows, 1),))


def overheads(run: Run) -> dict[str, float]:
    """Return medians over the run's trials, plus the overheads already in `run.json`."""
    queue = [trial for trial in run.comparisons if WORKER in trial.record.usage]
    in_process = [t for t in run.comparisons if t.record.usage and WORKER not in t.record.usage]
    found = {
        "outside_window_in_process_s": _outside_s(in_process),
        "outside_window_queue_s": _outside_s(queue),
        "recording_share_of_generator_cpu": _recording_share(run),
        "sampling_cpu_s_per_trial": _sampling_cpu_s(run),
    }
    measured = {name: round(value, 5) for name, value in found.items() if value is not None}
    return {**run.record.overheads, **measured}


def _outside_s(trials: list[ComparisonSummary]) -> float | None:
    """Return the median time of a trial outside its load: start, canary job, drain, stop."""
    found = [
        t.record.timing_s["outside"] - t.record.trial.warm_up_s - t.record.trial.rest_s
        for t in trials
        if "outside" in t.record.timing_s
    ]
    return statistics.median(found) if found else None


def _sampling_cpu_s(run: Run) -> float | None:
    """Return the median CPU time of the sampler, which runs on the generator's processors."""
    found = [t.record.timing_s.get("sampling_cpu") for t in run.comparisons]
    values = [value for value in found if value is not None]
    return statistics.median(values) if values else None


def _recording_share(run: Run) -> float | None:
    loads = [trial.record.load for trial in run.comparisons if trial.record.load]
    shares = [load.recording_cpu_s / load.cpu_s for load in loads if load.cpu_s]
    return statistics.median(shares) if shares else None
