"""What a pressure trial shows, on histories by hand whose answers are known."""

import math
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from after202 import charts
from after202.analyse import tables
from after202.analyse.findings import checks
from after202.analyse.findings.comparisons import table
from after202.analyse.findings.judged import HOLDS
from after202.analyse.run import Run, read
from after202.analyse.trials.pressed import backlog, recovered_after_s
from after202.analyse.trials.pressure import PressureSummary, done_per_s
from after202.kernel.ledger import JOINED, EventKind
from after202.kernel.model import Example, Offer
from after202.records.experiment import Arm, Arrivals, Outcome
from after202.records.folder import RunFolder
from after202.records.parts import BurstPlan
from after202.records.planned import Stage
from after202.records.profile import Profile
from after202.records.request_log import Requests
from after202.records.requests import OUTCOMES
from after202.records.trial import Pressure, Shape
from after202.records.trial_record import Counts, Load, TrialRecord
from after202.report import sections
from after202.report.blocks import Drawing, Fold
from after202.report.facts import Facts
from after202.report.facts.tables import of
from after202.report.sections import Reported, written
from after202.report.sections.folded import pressure as section
from tests.analyse.run_folder import event_record, write_run
from tests.report.made_up import MadeUp

START_NS = 10**12
OFFER = Offer(steps=("one",), ordered=False, example=Example(method="POST", path="/x"))
PROFILE = Profile(description="x", pressure=(BurstPlan(shape="burst", workload="empty"),))
ACCEPTED, REFUSED = (OUTCOMES.index(one) for one in (Outcome.ACCEPTED, Outcome.REFUSED))
# When each request is due, answered, started and done, in seconds of the load; None is never.
Job = tuple[float, float, float | None, float | None]


def planned(shape: Shape) -> Pressure:
    """Return a trial with two seconds of pressure; an overload has one before and four after."""
    calm = Stage(workload="empty", rate_per_s=1, for_s=1)
    after = Stage(workload="empty", rate_per_s=1, for_s=4)
    return Pressure(
        id="000", block=0, arm=Arm(strategy="inline", workload="empty", rate_per_s=10),
        seed=1, arrivals=Arrivals.CONSTANT, warm_up_s=0, window_s=7, drain_s=5, slots=1,
        shape=shape, number=1, before=calm if shape == "overload" else None,
        pressed=Stage(workload="wait", rate_per_s=10, for_s=2),
        after=None if shape in {"burst", "prefill"} else after,
    )  # fmt: skip


def stored(
    path: Path,
    jobs: Sequence[Job],
    shape: Shape,
    refused: int = 0,
    *,
    late: bool = False,
    worker_s: float | None = None,
) -> RunFolder:
    """Write a run of one trial with these jobs, the first of which are refused."""
    trial = planned(shape)
    path.mkdir(exist_ok=True)
    run = write_run(path, [], PROFILE)
    folder = run.trial(trial.id)
    folder.empty()
    requests, events = Requests(), b""
    for number, (due_s, answered_s, started_s, done_s) in enumerate(jobs):
        job_id = uuid4()
        due, answered = (START_NS + int(s * 1e9) for s in (due_s, answered_s))
        outcome = REFUSED if number < refused else ACCEPTED
        requests.record(0, str(job_id), (due, due, answered), 202, outcome)
        for kind, at_s in ((EventKind.START, started_s), (EventKind.END, done_s)):
            if at_s is not None:
                events += event_record(kind, 0, job_id, START_NS + int(at_s * 1e9))
    requests.write(folder.path, 0)
    (folder.ledger / JOINED).write_bytes(events)
    count = len(jobs)
    counts = Counts(scheduled=count, sent=count, answered=count, accepted=count - refused)
    start_us = START_NS // 1000
    load = Load(
        load_start_us=start_us, window_start_us=start_us, window_end_us=start_us + 7 * 10**6,
        load_end_us=start_us + 7 * 10**6, counts=counts, dropped=0, cpu_s=1, recording_cpu_s=0,
    )  # fmt: skip
    record = TrialRecord(
        trial=trial, valid=True, started_at="", offer=OFFER, load=load, late=late,
        worker_started_us=None if worker_s is None else start_us + int(worker_s * 1e6),
    )  # fmt: skip
    folder.store(record)
    run.write(run.read().model_copy(update={"planned": (trial,)}))
    return run


def sentence(found: list[PressureSummary]) -> str:
    """Return what is said of an arm."""
    return section.sentence(found, MadeUp().facts().names)


def seen(run: RunFolder) -> PressureSummary:
    """Return the only trial of a run."""
    (one,) = read(run).pressures
    return one


# Twenty requests from 1.0 s to 2.9 s; one slot does one every 0.2 s, from 1.0 s to 5.0 s.
QUEUE: list[Job] = [(1 + 0.1 * n, 1.01 + 0.1 * n, 1 + 0.2 * n, 1.2 + 0.2 * n) for n in range(20)]


def test_an_overload_leaves_a_backlog_that_is_gone_when_its_work_is_done(tmp_path: Path) -> None:
    """20 come in 2 s and 10 are done by then; the last is done 2 s after the overload."""
    one = seen(stored(tmp_path, QUEUE, "overload"))
    assert one.figures["backlog_at_end"] == pytest.approx(10, abs=1)
    assert one.figures["recovery_s"] == pytest.approx(2, abs=0.11)
    assert one.figures["accepted_share"] == 1
    assert one.figures["response_p50_ms"] == pytest.approx(10, abs=0.01)
    assert one.curves.at_s[0] == -1
    assert "needed 2" in sentence([one])
    assert "had" in sentence([one])
    assert sentence([one]).endswith("(one trial)")


def test_a_prefill_is_timed_from_the_start_of_its_worker(tmp_path: Path) -> None:
    """20 jobs come until 1.9 s; the worker starts at 3 s and does one each 0.2 s from 4 s on."""
    filled = [(0.1 * n, 0.1 * n + 0.01, 4 + 0.2 * n, 4.2 + 0.2 * n) for n in range(20)]
    run = stored(tmp_path, filled, "prefill", worker_s=3)
    one = seen(run)
    assert one.figures["begun_s"] == pytest.approx(1)
    assert one.figures["drained_s"] == pytest.approx(5)
    assert one.figures["done_per_s"] == pytest.approx(5)
    assert sentence([one]).startswith("Inline accepted all requests, and had done them 5 s after")
    found = read(run)
    drawn = charts.draw_all(charts.of_run(found, tables.frames(found, table([]))))
    assert "pressure_prefill" in {chart.name for chart in drawn}
    (row,) = tables.pressure(found).query("figure == 'drained_s'").to_dict("records")
    assert (row["shape"], row["pressed_jobs"], row["median"]) == ("prefill", 20, pytest.approx(5))

    undone = seen(
        stored(tmp_path / "b", [*filled[:-1], (1.9, 1.91, None, None)], "prefill", worker_s=3)
    )
    assert math.isinf(undone.figures["drained_s"])
    assert "never did all of them once its worker had started" in sentence([undone])


def test_a_job_that_is_lost_is_a_recovery_that_never_comes(tmp_path: Path) -> None:
    """Infinite in the table, and said with the time in which it would have been seen."""
    run = stored(tmp_path, [*QUEUE[:-1], (2.9, 2.91, None, None)], "overload")
    one = seen(run)
    assert math.isinf(one.figures["recovery_s"])
    assert math.isinf(one.figures["all_done_s"])
    assert "did not recover within 9 s" in sentence([one])
    assert "1 lost" in sentence([one])
    table = tables.pressure(read(run)).set_index("figure")
    assert np.isinf(table["median"]["recovery_s"])
    assert checks.check(run).exit_code == HOLDS


def test_refused_requests_are_infinitely_late_and_no_backlog(tmp_path: Path) -> None:
    """Ten of twenty were refused at once: the median answer never came, and half waits."""
    refused = [(due_s, answered_s, None, None) for due_s, answered_s, _, _ in QUEUE[:12]]
    one = seen(stored(tmp_path, [*refused, *QUEUE[12:]], "overload", refused=12))
    assert one.figures["refused_share"] == pytest.approx(0.6)
    assert math.isinf(one.figures["response_p50_ms"])
    assert one.figures["backlog_peak"] <= 8
    assert "accepted 40% of the requests" in sentence([one])


def test_jobs_of_a_burst_are_counted_by_the_second_and_by_their_order(tmp_path: Path) -> None:
    """First come, first served is 1, last come is -1; 19 gaps of 0.2 s are 5 jobs/s."""
    burst = [(0.05 * n, 0.05 * n + 0.01, 1.0, 2 + 0.2 * n) for n in range(20)]
    run = stored(tmp_path / "a", burst, "burst")
    assert seen(run).figures["order_tau"] == pytest.approx(1)
    assert seen(run).figures["done_per_s"] == pytest.approx(5)
    assert done_per_s(run.trial("000")) == pytest.approx(5)
    turned = [(due, answered, 1.0, 2 + 0.2 * (20 - n)) for n, (due, answered, _, _) in
              enumerate(burst)]  # fmt: skip
    assert seen(stored(tmp_path / "b", turned, "burst")).figures["order_tau"] == pytest.approx(-1)


def test_who_waits_behind_a_backlog_is_told_from_who_overtakes_it(tmp_path: Path) -> None:
    """One quick job waits for all four slow ones; another begins before three of them."""
    slow: list[Job] = [(0.1 * n, 0.1 * n, 1.0 * n, 1.0 * n + 1) for n in range(4)]
    behind = seen(stored(tmp_path / "a", [*slow, (2.5, 2.5, 4.0, 4.1)], "backlog"))
    assert behind.figures["wait_longest_ms"] == pytest.approx(1500)
    assert behind.figures["overtaken_most"] == 0
    ahead = seen(stored(tmp_path / "b", [*slow, (2.5, 2.5, 2.501, 2.6)], "backlog"))
    assert ahead.figures["overtaken_most"] == 1
    assert ahead.curves.waits_s[0] == pytest.approx((2.5, 0.001), abs=1e-6)


def test_a_late_generator_is_said_and_the_trial_counts(tmp_path: Path) -> None:
    """Times count from due, so they are upper bounds."""
    run = stored(tmp_path, QUEUE, "overload", late=True)
    assert "the generator was late in 1 of 1" in sentence([seen(run)])
    assert set(tables.pressure(read(run))["late_trials"]) == {1}


def test_what_became_of_jobs_under_pressure_has_a_row_of_its_own(tmp_path: Path) -> None:
    """It is not pooled with the control, in which nothing goes wrong."""
    found = tables.completion(read(stored(tmp_path, QUEUE, "overload")))
    assert found[["fault", "accepted", "once", "lost"]].to_numpy().tolist() == [
        ["overload", 20, 20, 0]
    ]


@pytest.mark.parametrize("shape", ["overload", "burst", "backlog", "prefill"])
def test_every_shape_has_a_chart_and_a_table(tmp_path: Path, shape: Shape) -> None:
    """With one trial, too."""
    jobs = [(due - 1, answered - 1, begun, done) for due, answered, begun, done in QUEUE]
    run: Run = read(stored(tmp_path, [*jobs, (2.5, 2.5, 5.0, 5.1)], shape, worker_s=0))
    given_tables = charts.of_run(run, tables.frames(run, table([])))
    drawn = charts.draw_all(given_tables)
    assert f"pressure_{shape}" in {chart.name for chart in drawn}
    given = Reported(run, (), Facts(of(run, {})), tuple(map(sections.drawing, drawn)))
    blocks = list(section.blocks(given))
    assert any(isinstance(block, Fold) for block in blocks)
    assert [one.name for one in blocks if isinstance(one, Drawing)] == [f"pressure_{shape}"]
    assert "load" in {one.anchor for one in written(given)}
    (chart,) = [one for one in drawn if one.name == f"pressure_{shape}"]
    assert f"{chart.title}." in section.findings(run, given_tables)


def test_a_backlog_counts_what_is_due_and_not_done() -> None:
    """Jobs due at 0 and 1 s; one is done at 2 s, the other never."""
    at_s = np.array([-0.5, 0.5, 1.5, 2.5])
    assert backlog(np.array([0.0, 1.0]), np.array([2.0, np.inf]), at_s).tolist() == [0, 1, 2, 1]


def test_recovery_is_back_at_the_level_before_not_only_at_zero() -> None:
    """Two jobs were in flight before; the backlog is two again 1 s after the end."""
    at_s = np.arange(-1.0, 5.0)
    jobs = np.array([2.0, 5, 9, 2, 1, 0])
    assert recovered_after_s(at_s, jobs, 0, 1) == 1
    assert recovered_after_s(at_s[1:], jobs[1:], 0, 1) == 3
    assert math.isinf(recovered_after_s(at_s, np.array([2.0, 5, 9, 9, 9, 9]), 0, 1))


def test_an_overload_with_nothing_due_after_it_is_read(tmp_path: Path) -> None:
    """The backlog is followed for as long as the load was planned."""
    one = seen(stored(tmp_path, [(1.0, 1.0, 1.0, 1.1)], "overload"))
    assert one.figures["backlog_at_end"] == 0
    assert one.figures["recovery_s"] == 0
