"""What a late generator does to a trial, and to a probe."""

from pathlib import Path
from typing import Any, cast

import pytest

from after202.measure.load.generator import scheduled
from after202.measure.trial import TrialRun
from after202.records.experiment import Arm, Arrivals, Trial
from after202.records.trial import Counts, Load
from loadtests.recorder import Recorder

LATE_NS, ON_TIME_NS = 10_000_000, 100_000


@pytest.mark.parametrize("is_probe", [False, True])
@pytest.mark.parametrize("slip_ns", [LATE_NS, ON_TIME_NS])
def test_a_late_generator_rejects_a_trial_and_is_told_of_a_probe(
    tmp_path: Path, is_probe: bool, slip_ns: int
) -> None:
    """A probe is judged by times that count from due; what was never sent rejects either."""
    trial = Trial(
        id="one", block=0, arm=Arm(strategy="inline", workload="login", rate_per_s=20), seed=1,
        arrivals=Arrivals.POISSON, warm_up_s=0, window_s=2, drain_s=1, bystander_per_s=0, slots=1,
        is_probe=is_probe,
    )  # fmt: skip
    carried_out = TrialRun(trial, cast("Any", None), tmp_path, None, cast("Any", None))
    number, recorder = scheduled(trial), Recorder()
    for due_ns in range(0, number * 1000, 1000):
        recorder.record(0, "", (due_ns, due_ns + slip_ns, due_ns + slip_ns), 202, 0)
    recorder.write(tmp_path, 0)
    carried_out._seen.load = load(number, sent=number)
    late = slip_ns == LATE_NS
    assert any("late" in why for why in carried_out._reasons()) == (late and not is_probe)
    assert carried_out._seen.late == late
    carried_out._seen.load = load(number, sent=number - 1)
    assert any("never sent" in why for why in carried_out._reasons())


def load(number: int, sent: int) -> Load:
    """Return what a generator says of so many requests."""
    return Load(
        load_start_us=0, window_start_us=0, window_end_us=2_000_000, load_end_us=2_000_000,
        counts=Counts(scheduled=number, sent=sent, answered=sent, accepted=sent),
        dropped=number - sent, cpu_s=0, recording_cpu_s=0,
    )  # fmt: skip
