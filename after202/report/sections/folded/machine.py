"""What was run, the machine, how steady it was, and the version of every library."""

from collections.abc import Iterator
from statistics import median

import numpy as np

from after202.analyse.run import Run
from after202.records.experiment import Layout
from after202.records.run import BROKER, RunRecord
from after202.report.blocks import Fold, Items, Text, joined
from after202.report.sections import Reported

PLACE = 80
QUANTILES = (0.05, 0.95)


def fold(reported: Reported) -> Fold:
    """Return what was run, and the machine and the versions that the figures belong to."""
    run, record = reported.run, reported.run.record
    lines = (
        *(f"{name.replace('_', ' ')}: {value}" for name, value in record.machine.items()),
        f"its speed: {speed(run)}",
        *_clock(run),
        *_steal(run),
        *_processors(record),
        f"versions: {joined(list(record.versions.items()))}",
        *_environments(reported),
        f"commit: {record.git_commit or 'unknown'}",
    )
    return Fold("The run and its machine", (Text(about(reported)), Items(lines)))


def _environments(reported: Reported) -> Iterator[str]:
    """Yield a line for each strategy with an environment of its own: what is in it."""
    for strategy, libraries in reported.run.record.environments.items():
        name = reported.facts.names.strategy(strategy)
        yield f"versions in the environment of {name}: {joined(list(libraries.items()))}"


def about(reported: Reported) -> str:
    """State what was run, when, and how."""
    record, names = reported.run.record, reported.facts.names
    profile = record.profile
    return (
        f"{profile.description} Run {record.run}, begun {record.started_at}, {record.ended}."
        f" Seed {profile.seed}, baseline {names.strategy(profile.baseline)},"
        f" {slots(reported)} (in-process strategies have no such limit), {record.stack} stack"
        f" ({record.stack_reason}), broker: {record.options[BROKER]}.{layouts(reported.run)}"
        f"{_sleep(reported)}"
    )


def _sleep(reported: Reported) -> str:
    """State what the mail server's sleep adds to times; nothing if it adds nothing."""
    run = reported.run
    offers = {t.record.trial.arm.workload: t.record.offer for t in run.comparisons}
    mails = [workload for workload, offer in offers.items() if offer and offer.sends_mail]
    delay_ms = run.record.profile.mail_delay_ms
    if not mails or not delay_ms:
        return ""
    work = ", ".join(map(reported.facts.names.workload, mails))
    return (
        f" The mail server sleeps {delay_ms:g} ms in each job of {work}. Times that may hold this"
        " sleep are compared by their difference alone: it would dilute their ratio."
    )


def layouts(run: Run) -> str:
    """State the layout of what was compared, with a space before it; nothing without comparisons.

    A load whose workers are apart says so wherever its figures stand.
    """
    found = {condition.layout for condition in run.conditions()}
    if not found:
        return ""
    if found == {Layout.SHARED_CORE}:
        return " API, worker and broker share their processors (shared core)."
    if found == {Layout.WORKER_APART}:
        return " The worker has other processors than API and broker (worker apart)."
    return (
        " API, worker and broker share their processors (shared core) unless a load says"
        ' "worker apart".'
    )


def slots(reported: Reported) -> str:
    """State the slots of every queue, and those of a queue with more than one worker."""
    record, names = reported.run.record, reported.facts.names
    number = record.profile.slots
    more = [
        f"{names.strategy(strategy)} {number * count}, with {count} workers"
        for strategy, count in record.workers.items()
        if count > 1
    ]
    return "; ".join([f"{number} slots for every queue", *more])


def _steal(run: Run) -> Iterator[str]:
    """Yield which share of the processors other machines on the same hardware took."""
    found = (t.record.steal_share for t in run.comparisons)
    shares = [share for share in found if share is not None]
    if shares:
        yield (
            "processor time that other machines took (steal):"
            f" {median(shares):.1%} in the median trial, at most {max(shares):.1%}"
        )


def _clock(run: Run) -> Iterator[str]:
    """Yield how much the processors' own speed varied, by a loop that each trial timed."""
    found = (t.record.clock_loop_ms for t in run.comparisons)
    loops_ms = [loop_ms for loop_ms in found if loop_ms is not None]
    if loops_ms:
        usual_ms = median(loops_ms)
        yield (
            f"processor clock: a fixed loop took {min(loops_ms) / usual_ms:.2f} to"
            f" {max(loops_ms) / usual_ms:.2f} times as long as in the median trial"
        )


def _processors(record: RunRecord) -> Iterator[str]:
    """Yield a line for each layout: the processors of each side."""
    for layout, sides in record.cpu_sets.items():
        listed = [(name, ",".join(map(str, cpus))) for name, cpus in sides.items()]
        yield f"processors, {layout}: {joined(listed, '; ')}"


def speed(run: Run) -> str:
    """State how much the CPU time per request varied; the work is the same in every trial."""
    relative = list(_relative_costs(run))
    if not relative:
        return "not known, because no arm has two trials"
    low, high = np.quantile(relative, QUANTILES)
    return (
        f"sending a request took the generator {low:.2f} to {high:.2f} times as much CPU time as in"
        " the median trial of the same arm (nine of ten trials)"
    )


def _relative_costs(run: Run) -> Iterator[float]:
    for arm in run.arms():
        loads = [t.record.load for t in run.comparisons if t.record.trial.arm == arm]
        costs = [load.request_cpu_s for load in loads if load and load.request_cpu_s]
        if len(costs) > 1:
            yield from (cost / median(costs) for cost in costs)
