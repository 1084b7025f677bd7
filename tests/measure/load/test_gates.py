"""What a late generator does to a comparison, and to a probe."""

from pathlib import Path

import pytest

from after202.measure.courses.course import Course
from after202.measure.load import gates
from after202.measure.load.generator import scheduled
from after202.measure.trial import course_of
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import TrialFolder
from after202.records.request_log import Requests
from after202.records.trial import Comparison, Probe, Trial
from after202.records.trial_record import Counts, Load, TrialRecord

LATE_NS, ON_TIME_NS = 10_000_000, 100_000


@pytest.mark.parametrize("kind", [Comparison, Probe])
@pytest.mark.parametrize("slip_ns", [LATE_NS, ON_TIME_NS])
def test_a_late_generator_rejects_a_trial_and_is_told_of_a_probe(
    tmp_path: Path, kind: type[Comparison | Probe], slip_ns: int
) -> None:
    """A probe is judged by times that count from due; what was never sent rejects either."""
    trial = kind(
        id="one", block=0, arm=Arm(strategy="inline", workload="login", rate_per_s=20), seed=1,
        arrivals=Arrivals.POISSON, warm_up_s=0, window_s=2, drain_s=1, bystander_per_s=0, slots=1,
    )  # fmt: skip
    number, rows = scheduled(trial), Requests()
    for due_ns in range(0, number * 1000, 1000):
        rows.record(0, "", (due_ns, due_ns + slip_ns, due_ns + slip_ns), 202, 0)
    rows.write(tmp_path, 0)
    course, folder = course_of(trial), TrialFolder(tmp_path)
    late = slip_ns == LATE_NS
    measured = judged(course, trial, folder, load(number, sent=number))
    assert any("late" in why for why in measured.reasons) == (late and kind is Comparison)
    assert measured.late == late
    cut_short = judged(course, trial, folder, load(number, sent=number - 1))
    assert any("never sent" in why for why in cut_short.reasons)


def judged(course: Course, trial: Trial, folder: TrialFolder, seen: Load) -> TrialRecord:
    """Return the record of a trial with this load, as its course judges it."""
    record = TrialRecord(trial=trial, valid=False, started_at="", load=seen)
    record = record.model_copy(update=course.gates(record, folder))
    return record.model_copy(update={"reasons": tuple(course.judge(record))})


def load(number: int, sent: int) -> Load:
    """Return what a generator says of so many requests."""
    return Load(
        load_start_us=0, window_start_us=0, window_end_us=2_000_000, load_end_us=2_000_000,
        counts=Counts(scheduled=number, sent=sent, answered=sent, accepted=sent),
        dropped=number - sent, cpu_s=0, recording_cpu_s=0,
    )  # fmt: skip


def test_a_trial_that_others_took_processors_from_says_how_much() -> None:
    """Up to a tenth is allowed, and what is not known is no reason."""
    assert gates.crowded(None) == gates.crowded(0.1) == []
    (found,) = gates.crowded(0.234)
    assert found.startswith("others took 23% of the processors under test, over 10%")


@pytest.mark.parametrize("kind", [Comparison, Probe])
@pytest.mark.parametrize(("share", "is_rejected"), [(0.5, True), (0.05, False), (None, False)])
def test_both_kinds_of_times_are_rejected_if_others_took_processors(
    kind: type[Comparison | Probe], share: float | None, is_rejected: bool
) -> None:
    """A comparison's times are slowed down by others, and so are a probe's."""
    trial = kind(
        id="one", block=0, arm=Arm(strategy="inline", workload="login", rate_per_s=20), seed=1,
        arrivals=Arrivals.POISSON, warm_up_s=0, window_s=2, drain_s=1, bystander_per_s=0, slots=1,
    )  # fmt: skip
    number = scheduled(trial)
    record = TrialRecord(
        trial=trial, valid=False, started_at="", load=load(number, sent=number),
        others_share=share, gates={"slip_p50_ms": 0.1, "slip_p99_ms": 0.1},
    )  # fmt: skip
    reasons = course_of(trial).judge(record)
    assert any("others took" in why for why in reasons) == is_rejected
    assert bool(reasons) == is_rejected
