"""The history of a trial with legs becomes one history for each, which share nothing."""

import numpy as np
import pandas as pd

from after202.analyse.jobs import legs
from after202.analyse.jobs.events import none
from after202.analyse.jobs.executions import Executions
from after202.analyse.jobs.history import History
from after202.kernel.model import Example, Offer
from after202.records.experiment import Arm, Arrivals, Outcome, Role, Stream
from after202.records.planned import Stage
from after202.records.trial import Comparison
from after202.records.trial_record import Counts, LegRecord, Load, TrialRecord, Usage

EXAMPLE = Example(method="POST", path="/x")
OFFERS = [
    Offer(steps=steps, ordered=False, example=EXAMPLE) for steps in (("a",), ("b", "c"), ("d",))
]
LEG_US, REST_US = 1_500_000, 300_000
TURNS_US = tuple(number * (LEG_US + REST_US) for number in range(3))
TRIAL = Comparison(
    id="007-signup-inline", block=0, arm=Arm(strategy="inline", workload="signup", rate_per_s=4),
    seed=1, arrivals=Arrivals.POISSON, warm_up_s=0.5, window_s=1.0, drain_s=2, slots=1,
    then=(
        Stage(workload="process", rate_per_s=3, for_s=1.5),
        Stage(workload="wait", rate_per_s=2, for_s=1.5),
    ),
)  # fmt: skip
# Due in the first leg, the second, the second again, and the third, after a ping in the second.
DUE_US = [100, TURNS_US[1], TURNS_US[1] + 100, TURNS_US[1] + LEG_US - 1, TURNS_US[2] + 5]
STREAMS = [Stream.JOBS, Stream.BYSTANDER, Stream.JOBS, Stream.JOBS, Stream.JOBS]
NOBODYS = 4


def told() -> History:
    """Return a trial's history: four jobs that were asked for, and one that was not."""
    usages = [{str(Role.API): Usage(cpu_s=float(n), peak_memory_bytes=1)} for n in range(3)]
    found = [LegRecord(offer=o, usage=u, services={}) for o, u in zip(OFFERS, usages, strict=True)]
    load = Load(
        load_start_us=0, window_start_us=500_000, window_end_us=TURNS_US[2] + LEG_US,
        load_end_us=TURNS_US[2] + LEG_US, turns_us=TURNS_US, dropped=0, cpu_s=8.0,
        counts=Counts(scheduled=4, sent=4, answered=4, accepted=4), recording_cpu_s=0.4,
    )  # fmt: skip
    record = TrialRecord(
        trial=TRIAL, valid=True, started_at="", load=load, offer=OFFERS[0], legs=tuple(found)
    )
    requests = pd.DataFrame(
        {"due_us": DUE_US, "slip_us": 1, "response_us": 2, "stream": STREAMS}
        | {"outcome": Outcome.ACCEPTED}
    )
    executed = pd.DataFrame({"starts": range(10, 15)})
    return History(
        record, requests, Executions(executed, np.zeros((2, 2), np.int64)), none(),
        job_ids=np.array([b"0", b"1", b"2", b"3", b"x"], "S16"),
        held=np.array([2, -1, 3], np.int32), failed=np.array([NOBODYS], np.int32),
        canary_events=2, torn_tails=1,
    )  # fmt: skip


def test_each_leg_has_its_own_requests_jobs_and_places() -> None:
    """What the queue held, or kept as failed, is renumbered; nobody's work is the first leg's."""
    first, second, third = legs.split(told())
    assert [list(leg.executions.jobs["starts"]) for leg in (first, second, third)] == [
        [10, 14], [11, 12], [13],
    ]  # fmt: skip
    assert [list(leg.job_ids) for leg in (first, second, third)] == [
        [b"0", b"x"], [b"1", b"2"], [b"3"],
    ]  # fmt: skip
    assert [len(leg.requests) for leg in (first, second, third)] == [1, 3, 1]
    assert [list(leg.held) for leg in (first, second, third)] == [[], [1], [0]]
    assert [list(leg.failed) for leg in (first, second, third)] == [[1], [], []]
    assert [(leg.canary_events, leg.torn_tails) for leg in (first, second, third)] == [
        (2, 1), (0, 0), (0, 0),
    ]  # fmt: skip


def test_each_leg_has_its_own_window_steps_and_usage() -> None:
    """And its share of what the generator took; the id stays, because one stack ran them all."""
    found = list(legs.split(told()))
    for number, leg in enumerate(found):
        record, start_us = leg.record, TURNS_US[number]
        assert record.trial == TRIAL.legs[number]
        assert record.trial.id == TRIAL.id
        assert record.load is not None
        assert record.load.window_start_us == start_us + 500_000
        assert record.load.window_end_us == record.load.load_end_us == start_us + LEG_US
        assert record.usage[Role.API].cpu_s == number
        assert record.load.request_cpu_s == 2.0
    assert [leg.steps for leg in found] == [1, 2, 1]
    assert [leg.record.load.counts.sent for leg in found if leg.record.load] == [1, 2, 1]
    assert [leg.record.trial.name for leg in found] == [
        "007-signup-inline", "007-signup-inline (process)", "007-signup-inline (wait)",
    ]  # fmt: skip


def test_without_legs_a_history_stays_as_it_is() -> None:
    """Also where nothing was measured."""
    whole = told()
    plain = whole.of(TRIAL.legs[0])
    assert list(legs.split(plain)) == [plain]
    nothing = whole.doubted(["x"])
    assert list(legs.split(nothing)) == [nothing]
