"""From stored events to verdicts and pages, on run folders with known answers."""

import csv
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq
import pytest

from after202 import report
from after202.analyse.findings.checks import check
from after202.kernel.ledger import JOINED
from after202.records.experiment import Layout
from after202.records.folder import RunFolder
from tests.analyse import run_folder
from tests.analyse.run_folder import JOBS, PROFILE, TrialHistory, store_again, write_run

P50 = ("response", "0.5")
WOBBLE = (1.0, 1.002, 0.998, 1.001, 0.999, 1.003)


def side_by_side(ratio: float) -> list[TrialHistory]:
    """Return six blocks of the baseline, its copy, and a strategy so many times slower."""
    return [
        history
        for block, wobble in enumerate(WOBBLE)
        for history in (
            TrialHistory("background_tasks", block, 2 * wobble),
            TrialHistory("background_tasks", block, 2 / wobble, copy_number=2),
            TrialHistory("inline", block, 2 * ratio * wobble**2),
        )
    ]


def table(folder: RunFolder, name: str) -> list[dict[str, str]]:
    """Return a table's rows."""
    with (folder.tables / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(2.0, "slower"), (0.5, "faster"), (1.0, "no measurable difference")],
)
def test_a_known_ratio_is_found_and_the_control_reads_same(
    tmp_path: Path, ratio: float, verdict: str
) -> None:
    """The verdict, the ratio and its interval; completion, equal in all, shows no difference."""
    folder = write_run(tmp_path, side_by_side(ratio))
    report.write(folder)
    rows = {(r["strategy"], r["metric"], r["quantile"]): r for r in table(folder, "verdicts")}
    found = rows["inline", "response", "0.5"]
    assert found["verdict"] == verdict
    assert float(found["low"]) <= float(found["ratio"]) <= float(found["high"])
    assert float(found["ratio"]) == pytest.approx(ratio, rel=0.01)
    assert rows["inline", "completion", "0.5"]["verdict"] == "no measurable difference"
    assert rows["background_tasks#2", "response", "0.5"]["verdict"] == "same"
    if verdict == "slower":
        page = folder.page("REPORT.md").read_text()
        assert "| Inline; Login, 5/s | answers, p50 | +2.0 ms; 2.0 to 2.0 |" in page


@pytest.mark.parametrize(
    ("copies_ms", "said"),
    [
        ((2.0, 2.01, 1.99, 2.0, 2.02, 1.98), "same"),
        ((3.0, 3.1, 2.9, 3.2, 3.0, 3.1), "different"),
        ((1.0, 4.0, 1.5, 3.0, 2.0, 2.5), "cannot tell"),
    ],
)
def test_a_control_that_shows_nothing_is_not_called_the_same(
    tmp_path: Path, copies_ms: tuple[float, ...], said: str
) -> None:
    """Two copies of the baseline, alike, unlike, and too scattered to tell."""
    histories = [
        history
        for block, ms in enumerate(copies_ms)
        for history in (
            TrialHistory("background_tasks", block, 2.0),
            TrialHistory("background_tasks", block, ms, copy_number=2),
        )
    ]
    folder = write_run(tmp_path, histories)
    report.write(folder)
    (row,) = [
        row for row in table(folder, "verdicts")
        if (row["metric"], row["quantile"]) == ("response", "0.5")
    ]  # fmt: skip
    assert row["verdict"] == said
    assert said in folder.page("REPORT.md").read_text()


def test_estimates_are_over_trials_with_the_columns_that_others_rely_on(tmp_path: Path) -> None:
    """Latency in ms, six trials, an interval; every table has its header."""
    folder = write_run(tmp_path, side_by_side(2.0))
    report.write(folder)
    rows = {(r["strategy"], r["metric"], r["quantile"]): r for r in table(folder, "latency")}
    row = rows["inline", "completion", "0.5"]
    assert float(row["estimate_ms"]) == pytest.approx(20)
    assert row["trials"] == "6"
    assert row["low_ms"]
    assert list(row) == [
        "strategy", "variant", "workload", "rate_per_s", "metric", "quantile", "estimate_ms",
        "low_ms", "high_ms", "trials", "unfinished", "note",
        "own_share", "api_processes", "slots_varied", "layout",
    ]  # fmt: skip
    names = {path.name for path in folder.tables.iterdir()}
    assert names >= {"jobs.parquet", "capacity.csv", "claims.csv", "resources.csv"}
    assert {path.suffix for path in folder.charts.iterdir()} == {".svg", ".png"}
    cost = [r for r in table(folder, "resources") if r["role"] == "total"]
    assert {float(r["cpu_s_per_1000_jobs"]) for r in cost} == {0.4 / JOBS * 1000}


def test_what_a_profile_overrides_stands_by_every_figure(tmp_path: Path) -> None:
    """The overridden baseline is found as such, compared, and named so in tables and in words."""
    given = {"worker_prefetch_multiplier": 1}
    varied = {"overrides": tuple(given.items())}
    histories = [
        replace(one, varied=varied if one.strategy == "background_tasks" else {})
        for one in side_by_side(2.0)
    ]
    overridden = {"background_tasks": {"documented": given}}
    profile = PROFILE.model_copy(update={"variant": overridden})
    folder = write_run(tmp_path, histories, profile)
    report.write(folder)
    said = "background_tasks (worker_prefetch_multiplier = 1)"
    text = (tmp_path / "REPORT.md").read_text()
    assert "| Background tasks, default (worker_prefetch_multiplier = 1) |" in text
    names = {row["strategy"] for row in table(folder, "verdicts")}
    assert names == {"inline", f"{said}#2"}
    variants = {row["strategy"]: row["variant"] for row in table(folder, "latency")}
    assert variants["background_tasks"] == "documented (worker_prefetch_multiplier = 1)"
    assert variants["inline"] == "documented"


def test_layouts_and_rates_of_their_own_are_never_pooled(tmp_path: Path) -> None:
    """Each layout has its own row and verdict; arms at their own rates have rows and no verdict."""
    apart, own = {"layout": Layout.WORKER_APART}, {"own_share": 0.5}
    histories = [
        TrialHistory(name, block=block, response_ms=ms, varied=varied, rate_per_s=rate_per_s)
        for block in range(6)
        for varied, slow_ms, rate_per_s in (({}, 4, 5), (apart, 6, 5), (own, 8, 7))
        for name, ms in (("background_tasks", 2), ("gather", slow_ms))
    ]
    folder = write_run(tmp_path, histories)
    report.write(folder)
    medians = [r for r in table(folder, "latency") if (r["metric"], r["quantile"]) == P50]
    mine = [r for r in medians if r["strategy"] == "gather"]
    assert {(r["layout"], r["own_share"], r["estimate_ms"]) for r in mine} == {
        ("shared-core", "", "4"), ("worker-apart", "", "6"), ("shared-core", "0.5", "8"),
    }  # fmt: skip
    judged = [r for r in table(folder, "verdicts") if (r["metric"], r["quantile"]) == P50]
    assert {r["layout"]: r["ratio"] for r in judged} == {"shared-core": "2", "worker-apart": "3"}
    assert len(judged) == 2
    text = (folder.path / "REPORT.md").read_text()
    assert "Login, 5/s, worker apart" in text
    assert "Login, 50 % of its own capacity" in text


def test_every_job_is_in_the_table_of_jobs_and_checking_writes_nothing(tmp_path: Path) -> None:
    """A row per job, of numbers and plain texts; what checks a run leaves its folder alone."""
    folder = write_run(tmp_path, [TrialHistory("inline"), TrialHistory("gather")])
    assert check(folder).exit_code == 0
    assert not folder.tables.exists()
    report.write(folder)
    jobs = pq.read_table(folder.tables / "jobs.parquet").to_pylist()
    assert [job["trial"] for job in jobs] == ["000"] * JOBS + ["001"] * JOBS
    assert len({job["job_id"] for job in jobs}) == 2 * JOBS
    assert {job["outcome_class"] for job in jobs} == {"once"}
    assert {job["last_end_ns"] - job["due_ns"] for job in jobs} == {20_000_000}


def test_what_is_done_per_second_is_done_in_the_turns(tmp_path: Path) -> None:
    """A job each 10 ms is 100 a second, however long nothing fell due between the turns."""
    folder = write_run(
        tmp_path, [TrialHistory("inline"), TrialHistory("background_tasks", turns=4)]
    )
    report.write(folder)
    rates = {row["strategy"]: float(row["estimate_per_s"]) for row in table(folder, "goodput")}
    assert rates == {"inline": pytest.approx(100), "background_tasks": pytest.approx(100)}
    for page in ("REPORT.md", "index.html"):
        assert "Login, 5/s: the trials of a block were up together" in folder.page(page).read_text()


def test_how_steady_the_machine_was_is_that_of_an_arms_trials(tmp_path: Path) -> None:
    """What a strategy's requests take beside another's says nothing."""
    histories = [
        TrialHistory(strategy, block, generator_cpu_s=usual * slow)
        for strategy, usual in (("inline", 1.0), ("gather", 7.0))
        for block, slow in enumerate((1.0, 0.8, 1.0, 1.5, 1.0))
    ]
    folder = write_run(tmp_path, histories)
    report.write(folder)
    for page in ("REPORT.md", "index.html"):
        assert "took the generator 0.80 to 1.50 times as much" in folder.page(page).read_text()
    report.write(write_run(tmp_path / "single", histories[:1]))
    assert "its speed: not known" in (tmp_path / "single" / "REPORT.md").read_text()


def test_five_blocks_are_too_few(tmp_path: Path) -> None:
    """No interval, no verdict."""
    folder = write_run(tmp_path, side_by_side(2.0)[:15])
    report.write(folder)
    assert {row["verdict"] for row in table(folder, "verdicts")} == {"too few blocks"}
    assert {row["low_ms"] for row in table(folder, "latency")} == {""}


def test_a_block_that_was_run_again_lends_no_times(tmp_path: Path) -> None:
    """Its repetition stands in for it, if all of that was valid; its jobs are counted still."""
    histories = [
        TrialHistory("background_tasks", 0, 50.0),
        TrialHistory("inline", 0, valid=False),
        TrialHistory("background_tasks", 1, 2.0, repeats=0),
        TrialHistory("inline", 1, 2.0, repeats=0),
    ]
    folder = write_run(tmp_path, histories)
    run = report.write(folder)
    assert [trial.valid for trial in run.comparisons] == [False, False, True, True]
    assert sum(int(row["once"]) for row in table(folder, "completion")) == 4 * JOBS

    histories[3].valid = False
    again = report.write(write_run(tmp_path / "again", histories))
    assert [trial.valid for trial in again.comparisons] == [True, False, True, False]


def test_all_well_is_exit_code_0(tmp_path: Path) -> None:
    """Every job once, every trial valid."""
    found = check(write_run(tmp_path, [TrialHistory("inline")]))
    assert found.exit_code == 0, found.lines
    assert f"once {JOBS}" in found.lines[0]


def test_a_trial_that_is_not_valid_is_unknown_and_says_why(tmp_path: Path) -> None:
    """Exit code 2, with the reason."""
    found = check(write_run(tmp_path, [TrialHistory("inline", valid=False)]))
    assert found.exit_code == 2
    assert "the generator was late" in found.lines[0]


def test_jobs_can_be_judged_without_their_times(tmp_path: Path) -> None:
    """On a noisy machine every job may be accounted for though its times are of no use."""
    folder = write_run(tmp_path, [TrialHistory("inline", valid=False)])
    assert check(folder, jobs_only=True).exit_code == 0
    foreign = [TrialHistory("inline", valid=False, foreign=[uuid4()])]
    assert check(write_run(tmp_path / "foreign", foreign), jobs_only=True).exit_code == 1


def test_a_trial_that_is_missing_is_unknown(tmp_path: Path) -> None:
    """An interrupted run is not a good one."""
    folder = write_run(tmp_path, [TrialHistory("inline"), TrialHistory("gather")])
    (folder.trial("001").path / "trial.json").unlink()
    found = check(folder)
    assert found.exit_code == 2
    assert any("1 of 2 trials are not stored" in line for line in found.lines)


def test_a_foreign_consumers_work_is_found(tmp_path: Path) -> None:
    """An end that no request asked for makes the trial invalid and the check fail."""
    folder = write_run(tmp_path, [TrialHistory("inline", foreign=[uuid4()])])
    found = check(folder)
    assert found.exit_code == 1
    assert "1 phantom jobs" in found.lines[0]


def test_a_damaged_record_makes_a_trial_invalid(tmp_path: Path) -> None:
    """It was so when it was stored."""
    folder = write_run(tmp_path, [TrialHistory("inline")])
    path = folder.trial("000").ledger / JOINED
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    store_again(folder.trial("000"))
    found = check(folder)
    assert found.exit_code != 0
    assert "1 damaged records" in found.lines[0]


@pytest.mark.parametrize(
    ("looked", "lost", "unseen", "least"),
    [
        ({}, 20, 0, "broken"),
        ({"inspected": False}, 0, 20, "unknown"),
        ({"unread": 1}, 0, 20, "unknown"),
    ],
)
def test_work_that_was_not_done_is_lost_only_where_the_queue_could_be_looked_into(
    tmp_path: Path, looked: dict[str, object], lost: int, unseen: int, least: str
) -> None:
    """Half of the jobs have no events; a message that cannot be read may be any of theirs."""
    folder = write_run(tmp_path, [TrialHistory("rq_queue", fault="W2")])
    trial = folder.trial("000")
    ledger = trial.ledger / JOINED
    ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2])
    trial.store(trial.read().model_copy(update=looked))
    report.write(folder)
    (row,) = table(folder, "completion")
    counted = [int(row[name]) for name in ("accepted", "once", "lost", "unseen")]
    assert counted == [JOBS, 20, lost, unseen]
    assert (row["done_at_least_once"], row["begun_at_most_once"]) == (least, "holds")


def test_pages_escape_what_they_show(tmp_path: Path) -> None:
    """A reason may hold anything that a log does."""
    folder = write_run(tmp_path, [TrialHistory("inline")])
    trial = folder.trial("000")
    trial.store(trial.read().model_copy(update={"valid": False, "reasons": ("<b>x",)}))
    report.write(folder)
    page = folder.page("index.html").read_text()
    assert "&lt;b&gt;x" in page
    assert "<b>x" not in page


def test_what_is_not_valid_is_listed_and_nothing_else_is_called_that(tmp_path: Path) -> None:
    """Also where no trial drifts; and a run whose trials are all valid does not say the words."""
    report.write(write_run(tmp_path / "bad", [TrialHistory("inline", valid=False)]))
    page = (tmp_path / "bad" / "REPORT.md").read_text()
    assert "Not valid:\n\n- 000: the generator was late" in page
    report.write(write_run(tmp_path / "good", [TrialHistory("inline")]))
    assert "Not valid:" not in (tmp_path / "good" / "REPORT.md").read_text()


def test_one_trial_is_said_as_one(tmp_path: Path) -> None:
    """And two as two."""
    one = check(write_run(tmp_path / "one", [TrialHistory("inline")]))
    assert one.lines[-1].startswith("1 trial: 1 hold")
    two = check(write_run(tmp_path / "two", [TrialHistory("inline"), TrialHistory("gather")]))
    assert two.lines[-1].startswith("2 trials: 2 hold")


@pytest.mark.parametrize("delay_ms", [20.0, 0.0])
def test_the_mail_servers_sleep_is_said_beside_times_that_may_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delay_ms: float
) -> None:
    """In the table, and where a comparison has no ratio; not where it does not sleep."""
    offer = run_folder.OFFER.model_copy(update={"sends_mail": True})
    monkeypatch.setattr(run_folder, "OFFER", offer)
    profile = run_folder.PROFILE.model_copy(update={"mail_delay_ms": delay_ms})
    folder = write_run(tmp_path, side_by_side(2.0), profile)
    report.write(folder)
    page = folder.page("REPORT.md").read_text()
    assert ("The mail server sleeps 20 ms in each job of Login" in page) == bool(delay_ms)
    rows = {(r["strategy"], r["metric"]): r for r in table(folder, "verdicts")}
    assert (rows["inline", "completion"]["ratio"] == "") == bool(delay_ms)
    assert rows["inline", "response"]["ratio"]
    assert rows["inline", "completion"]["difference_ms"]
