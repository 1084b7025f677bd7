"""Each chart's title states what its tables say, and the opposite if they say the opposite."""

import math
from collections import Counter

import pandas as pd
import pytest

from after202.charts import (
    bystander,
    completion_classes,
    completion_ecdf,
    cost,
    fault_matrix,
    job_by_job,
    load,
    noise,
    settings,
    speed,
    trade_off,
    where_time_goes,
)
from after202.charts.chart import Chart
from after202.charts.strips import Strip
from tests.charts.made_up import fates, limits, made_up, ratios, strip, times, used

SOON, LATE = (1.0, 30.0), (20.0, 40.0)
FAST, SAFE = "background_tasks", "celery_queue"
SIGNUP = "Mail after sign-up"


def drawn(chart: Chart | None) -> str:
    """Return the title of a chart that must be there."""
    assert chart is not None
    assert chart.alt.startswith(chart.title)
    return plain(chart.title)


def plain(text: str) -> str:
    """Return a text with usual spaces, and an x for the sign of multiplication."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MULTIPLICATION SIGN}", "x")


def trade(fast_done: int, safe_done: int) -> str:
    """Return the title where the strategies that answer soon and late finish so many of 10."""
    done = {(FAST, "A3"): (fast_done, 10), (SAFE, "A3"): (safe_done, 10)}
    tables = made_up(latency=times({FAST: SOON, SAFE: LATE}), completion=fates(done))
    return drawn(trade_off.draw(tables))


def test_who_answers_soonest_and_keeps_less_pays_for_it() -> None:
    """The title has the share, and by how much the safe one is later."""
    title = trade(7, 10)
    assert "BackgroundTasks answers soonest but finished as little as 70 % of" in title
    assert "Celery finished all, and answers 20x as late or later" in title


def test_who_answers_soonest_and_keeps_all_is_both() -> None:
    """It does not matter what the other one keeps."""
    assert trade(10, 7) == "BackgroundTasks answers soonest and finished all work after a kill"
    assert trade(10, 10) == trade(10, 7)


def test_nobody_may_keep_all() -> None:
    """Then there is nobody to advise."""
    assert trade(7, 8).startswith("Nobody finished all accepted work after a kill; Background")


def test_without_times_or_without_a_kill_there_is_no_trade_off() -> None:
    """A strategy whose jobs were not seen is no evidence either."""
    done = {(FAST, "A3"): (7, 10)}
    both = {"latency": times({FAST: SOON}), "completion": fates(done)}
    assert trade_off.draw(made_up(**both)) is not None
    unseen = fates(done, class_of_rest="unseen")
    for missing in ({"latency": times({})}, {"completion": fates({})}, {"completion": unseen}):
        assert trade_off.draw(made_up(**{**both, **missing})) is None


@pytest.mark.parametrize(
    ("answers", "title"),
    [
        (
            {FAST: SOON, SAFE: LATE},
            "BackgroundTasks answers soonest, in 1.0 ms; Celery takes 20 ms, 20x",
        ),
        (
            {FAST: LATE, SAFE: SOON},
            "Celery answers soonest, in 1.0 ms; BackgroundTasks takes 20 ms, 20x",
        ),
        (
            {FAST: SOON, SAFE: (1.05, 30.0)},
            "all strategies answer in about 1.0 ms; the work is done after 30 ms",
        ),
        (
            {FAST: SOON, SAFE: (1.0, 300.0)},
            (
                "all strategies answer in about 1.0 ms; the work is done after 30 ms"
                " (BackgroundTasks) to 300 ms (Celery)"
            ),
        ),
        (
            {FAST: SOON},
            "BackgroundTasks answers in about 1.0 ms; the work is done after 30 ms",
        ),
        (
            {FAST: SOON, SAFE: (math.inf, math.inf)},
            "BackgroundTasks answers soonest, in 1.0 ms; Celery does not answer the median request",
        ),
    ],
)
def test_speed_names_the_soonest_and_the_last(
    answers: dict[str, tuple[float, float]], title: str
) -> None:
    """Ties are named together; what never ends is no number."""
    found = drawn(speed.draw(made_up(latency=times(answers))))
    assert found == f"{SIGNUP}: {title}"


def test_figures_of_one_trial_are_called_so() -> None:
    """They are no estimate; from two trials on, they are."""
    for trials, marked in ((1, True), (2, False)):
        tables = made_up(
            latency=times({FAST: SOON, SAFE: LATE}, trials=trials),
            resources=used({FAST: (2, 60), SAFE: (20, 60)}, trials),
        )
        for chart in (speed.draw(tables), cost.draw(tables)):
            assert drawn(chart).endswith("(one trial each)") == marked


def killed(*strips: Strip) -> str:
    """Return the title of a chart of these episodes."""
    return drawn(job_by_job.draw(made_up(strips=strips)))


def test_a_kill_that_took_jobs_is_told_from_one_that_took_none() -> None:
    """Each way of not being done has its word, and a refused request is no loss."""
    kept = strip(SAFE, "A3", "once", "once", "refused", "unknown")
    lost = strip(FAST, "A3", "once", "lost", "lost", "stranded")
    assert killed(kept, lost) == (
        "When the API is killed, Celery loses nothing, BackgroundTasks loses 2 and leaves 1 stuck"
    )
    assert killed(kept) == "When the API is killed, Celery finishes what it accepted"
    both = killed(kept, strip(FAST, "A3", "once", "duplicated"))
    assert both == "When the API is killed, every strategy finishes what it accepted"


def test_each_fault_has_its_own_sentence() -> None:
    """The API first, then the worker."""
    worker = strip(SAFE, "W2", "once", "failed_visibly")
    assert killed(worker, strip(SAFE, "A3", "once")) == (
        "When the API is killed, Celery finishes what it accepted."
        " When a worker is killed, Celery leaves 1 failed"
    )


def test_a_fault_is_named_within_a_sentence_by_its_first_words() -> None:
    """What is done to make it, after the colon, is for the list of faults."""
    told = {"D1": "The database crashes: KILL, and a start that recovers."}
    tables = made_up(strips=[strip(SAFE, "D1", "once")], faults=told)
    assert drawn(job_by_job.draw(tables)) == (
        "When the database crashes, Celery finishes what it accepted"
    )


def bought(default: int, hardened: int, twice: int = 0) -> str:
    """Return the title where so many of 10 jobs were done with each variant."""
    frames = [
        fates({(SAFE, "W2"): (default, 10)}),
        fates({(SAFE, "W2"): (hardened, 10)}, "hardened", duplicated=twice),
    ]
    return drawn(settings.draw(made_up(completion=pd.concat(frames, ignore_index=True))))


def test_settings_buy_something_or_nothing() -> None:
    """With their price, which is work done twice."""
    assert bought(6, 10, 3) == (
        "Hardened Celery left nothing undone and did 3 twice, default Celery 4 of 10"
    )
    assert bought(6, 9) == "Hardened Celery left 1 of 10 undone, default Celery 4 of 10"
    assert bought(6, 6) == "No settings of Celery left less undone than the default's 4 of 10"
    assert bought(9, 6) == "No settings of Celery left less undone than the default's 1 of 10"
    assert bought(10, 10) == "All accepted work was done with every variant's settings"
    assert bought(10, 6) == "Default Celery left nothing undone"


def test_variants_are_compared_under_the_faults_that_both_met() -> None:
    """A fault that only one of them met says nothing of the other."""
    frames = [
        fates({(SAFE, "W2"): (6, 10), (SAFE, "R2"): (0, 10)}),
        fates({(SAFE, "W2"): (9, 10)}, "hardened"),
    ]
    found = settings.draw(made_up(completion=pd.concat(frames, ignore_index=True)))
    assert drawn(found) == "Hardened Celery left 1 of 10 undone, default Celery 4 of 10"
    assert settings.draw(made_up(completion=frames[0])) is None


def test_cost_names_the_cheapest_and_the_dearest() -> None:
    """Of CPU time and of memory apart."""
    found = drawn(cost.draw(made_up(resources=used({FAST: (2, 300), SAFE: (20, 60)}))))
    assert found == (
        "Celery takes 20 ms of CPU time a job, 10x the 2.0 ms of BackgroundTasks;"
        " BackgroundTasks takes 300 MiB of memory, 5.0x the 60 MiB of Celery"
    )
    alike = drawn(cost.draw(made_up(resources=used({FAST: (2, 60), SAFE: (2.1, 61)}))))
    assert alike == ("All take about 2.0 ms of CPU time a job; all take about 60 MiB of memory")


def test_load_names_who_reaches_the_limit_first() -> None:
    """By what was measured; by an estimate where nothing was, and it says so."""
    of = {FAST: 300.0, SAFE: 30.0}
    assert drawn(load.draw(made_up(capacity=limits(of)))) == (
        f"{SIGNUP}: Celery reaches its limit first, at 30 jobs a second;"
        " BackgroundTasks keeps up to 300, 10x"
    )
    turned = drawn(load.draw(made_up(capacity=limits({FAST: 30.0, SAFE: 300.0}))))
    assert turned.startswith(f"{SIGNUP}: BackgroundTasks reaches its limit first, at 30")
    same = drawn(load.draw(made_up(capacity=limits({FAST: 30.0, SAFE: 31.0}))))
    assert same.startswith(f"{SIGNUP}: every strategy keeps its level of service up to about 30")
    only_cpu = drawn(load.draw(made_up(resources=used({FAST: (2, 60), SAFE: (20, 60)}))))
    assert only_cpu == (
        f"{SIGNUP}: by CPU time, Celery fills one core at about 50 jobs a second,"
        " BackgroundTasks at 500"
    )
    kept = drawn(load.draw(made_up(capacity=limits({FAST: None}))))
    assert kept == f"{SIGNUP}: no limit was reached; BackgroundTasks keeps over 40 per s"


@pytest.mark.parametrize(
    ("copy", "said"),
    [
        ((1.01, "same"), "BackgroundTasks measured twice is the same within 1.0 %; strategies"),
        ((1.4, "different"), "Trust no difference here: BackgroundTasks differs from its own copy"),
        ((1.2, "cannot tell"), "BackgroundTasks measured twice came out 20 % apart, too few"),
        (None, "Strategies differ by up to 2.6x; no copy of BackgroundTasks shows how much"),
    ],
)
def test_noise_says_whether_differences_can_be_trusted(
    copy: tuple[float, str] | None, said: str
) -> None:
    """The A/A test has three answers, and may be missing."""
    found = drawn(noise.draw(made_up(verdicts=ratios({SAFE: 2.6}, copy))))
    assert found.startswith(said)


def test_a_ratio_below_one_is_as_far_from_it_as_its_inverse() -> None:
    """A strategy may be sooner than the baseline."""
    title = drawn(noise.draw(made_up(verdicts=ratios({SAFE: 0.25}))))
    assert title.endswith("strategies differ by up to 4.0x")


def test_the_wait_before_the_work_is_the_most_or_little() -> None:
    """It is the share of the time until done."""
    waits = where_time_goes.Row(("Celery", ""), 1, 8, 10)
    soon = where_time_goes.Row(("RQ", ""), 1, 0.5, 10)
    assert where_time_goes.title([waits, soon]).startswith("With Celery, 80")
    assert where_time_goes.title([soon]).startswith("Work begins soon after the request")


def test_other_requests_wait_or_do_not() -> None:
    """The endpoint that does no work is asked beside each strategy."""
    of = (("RQ", 1), ("Inline", 9))
    quick, slow = (bystander.Row((name, ""), ms, ms, None) for name, ms in of)
    assert "wait 9.0 ms beside Inline" in plain(bystander.title([quick, slow]))
    assert bystander.title([quick, quick]).startswith("Other requests are answered in about 1.0")


def test_all_jobs_were_done_once_or_some_were_not() -> None:
    """When nothing goes wrong."""
    once, not_all = Counter(done=10), Counter(done=8, lost=1, late=1)
    name = ("RQ", "")
    assert completion_classes.title([(name, once)]).endswith("all 10 accepted jobs were done once")
    assert "2 of 10 accepted jobs were not" in completion_classes.title([(name, not_all)])


def test_the_slowest_tenth_is_a_number_or_never() -> None:
    """A tenth that is never done has no ratio."""
    ended = [1.0] * 80 + [7.0] * 20
    assert "7.0x the median with RQ" in plain(completion_ecdf.title([("RQ", ended)]))
    never = [1.0] * 80 + [math.inf] * 20
    assert "is never done" in completion_ecdf.title([("RQ", ended), ("Celery", never)])


def test_the_matrix_counts_cells_in_which_all_was_done() -> None:
    """Work that is done twice or late is done."""
    cells = {(0, 0): Counter(done=3, twice=1, late=1), (0, 1): Counter(done=3, stuck=1)}
    found = fault_matrix.Matrix([("RQ", "")], [("A3", ""), ("W2", "")], cells)
    assert "in 1 of 2 pairs" in fault_matrix.title(found)
    whole = fault_matrix.Matrix([("RQ", "")], [("A3", "")], {(0, 0): cells[0, 0]})
    assert "in 1 of 1 pairs" in fault_matrix.title(whole)
