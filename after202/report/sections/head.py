"""What was run, when, and on what."""

from after202.analyse.run import Run
from after202.records.experiment import Layout
from after202.records.run import BROKER
from after202.report.blocks import Section, Text
from after202.report.sections import Reported

PLACE = 0


def section(reported: Reported) -> Section:
    """Return the first paragraph."""
    record = reported.run.record
    profile = record.profile
    return Section(
        "",
        (
            Text(
                f"{profile.description} Run {record.run}, begun {record.started_at},"
                f" {record.ended}. Seed {profile.seed}, baseline {profile.baseline},"
                f" {slots(reported.run)} (in-process strategies have no such limit),"
                f" {record.stack} stack ({record.stack_reason}), broker: {record.options[BROKER]}."
                f"{layouts(reported.run)}"
            ),
        ),
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


def slots(run: Run) -> str:
    """State the slots of every queue, and those of a queue with more than one worker."""
    number = run.record.profile.slots
    more = [
        f"{strategy} {number * count}, with {count} workers"
        for strategy, count in run.record.workers.items()
        if count > 1
    ]
    return "; ".join([f"{number} slots for every queue", *more])
