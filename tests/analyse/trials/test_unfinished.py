"""Nothing that did not end makes anyone look faster: it is infinitely late, wherever it counts."""

import csv
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from after202 import report
from after202.analyse.findings.comparisons import findings
from after202.analyse.findings.finding import Finding
from after202.analyse.run import Run, read
from after202.analyse.statistics.quantiles import quantiles
from after202.records.folder import RunFolder
from tests.analyse.run_folder import JOBS, PROFILE, TrialHistory, write_run

BLOCKS = 10
# More than half of the jobs, and they would have been the slow ones.
MOST = frozenset(range(JOBS // 2 + 4))
BASELINE = "background_tasks"


def two_arms(tmp_path: Path, changed: TrialHistory) -> RunFolder:
    """Write a run of the baseline and of another arm that is 20 % slower, block by block."""
    histories = []
    for block in range(BLOCKS):
        wobble = 1 + block / 100
        histories += [
            TrialHistory(BASELINE, block, response_ms=2 * wobble, completion_ms=20),
            replace(changed, block=block, response_ms=2.4, completion_ms=24 * wobble),
        ]
    return write_run(tmp_path, histories, PROFILE.model_copy(update={"baseline": BASELINE}))


def found(run: Run, metric: str, quantile: float) -> Finding:
    """Return what was found of the other arm."""
    (one,) = [
        f for f in findings(run)
        if (f.pairing.metric, f.pairing.quantile) == (metric, quantile)
    ]  # fmt: skip
    return one


def test_losing_jobs_does_not_make_a_strategy_faster(tmp_path: Path) -> None:
    """As it was, the ratio went by the jobs that were left; now the median job is never done."""
    whole = found(
        read(two_arms(tmp_path / "whole", TrialHistory("celery_queue"))), "completion", 0.5
    )
    run = read(two_arms(tmp_path / "lossy", TrialHistory("celery_queue", lost=MOST)))
    lossy = found(run, "completion", 0.5)
    assert whole.ratio == pytest.approx(1.25, abs=0.05)
    assert (lossy.difference_ms, lossy.ratio) == (math.inf, math.inf)
    assert (whole.verdict, lossy.verdict) == ("slower", "slower")
    assert found(run, "response", 0.5).ratio == pytest.approx(1.15, abs=0.05)


def test_refusing_fast_is_no_fast_answer(tmp_path: Path) -> None:
    """A refusal takes no time, and is not what was asked for."""
    run = read(two_arms(tmp_path, TrialHistory("rq_queue", refused=MOST)))
    for metric in ("response", "completion"):
        assert found(run, metric, 0.5).ratio == math.inf
        assert found(run, metric, 0.5).verdict == "slower"


def test_a_few_unfinished_jobs_are_in_the_tail(tmp_path: Path) -> None:
    """A tenth that is lost is infinitely late at the p90, and hardly moves the median."""
    some = frozenset(range(0, JOBS, 8))
    run = read(two_arms(tmp_path, TrialHistory("celery_queue", lost=some)))
    assert found(run, "completion", 0.9).ratio == math.inf
    assert found(run, "completion", 0.5).ratio == pytest.approx(1.25, abs=0.05)


def test_the_report_says_what_was_not_done(tmp_path: Path) -> None:
    """In every table and picture that has times, and in the words."""
    folder = two_arms(tmp_path, TrialHistory("rq_queue", lost=MOST))
    run = report.write(folder)
    terminal = StringIO()
    console = Console(file=terminal, width=120)
    for line in report.for_terminal(run):
        console.print(line, markup=False)
    shown = terminal.getvalue()
    text = folder.page("REPORT.md").read_text()
    for said in (shown, text):
        assert "never" in said
    assert f"{len(MOST) * BLOCKS} of {JOBS * BLOCKS} requests were refused or" in text
    assert f"in {BLOCKS} of {BLOCKS} trials the drain closed before" in text.replace("\n", " ")
    assert "| Rq; Login, 5/s | is done, p50 | never" in text
    with (folder.tables / "latency.csv").open() as file:
        rows = {(r["strategy"], r["metric"], r["quantile"]): r for r in csv.DictReader(file)}
    lossy = rows["rq_queue", "completion", "0.5"]
    assert (lossy["estimate_ms"], lossy["unfinished"]) == ("inf", str(len(MOST) * BLOCKS))
    assert rows[BASELINE, "completion", "0.5"]["unfinished"] == "0"


def test_cpu_time_is_that_of_jobs_done(tmp_path: Path) -> None:
    """What was spent on jobs that were not done is paid by those that were."""
    folder = two_arms(tmp_path, TrialHistory("rq_queue", lost=MOST))
    report.write(folder)
    with (folder.tables / "resources.csv").open() as file:
        per_job = {
            row["strategy"]: float(row["cpu_s_per_1000_jobs"])
            for row in csv.DictReader(file) if row["role"] == "total"
        }  # fmt: skip
    assert per_job[BASELINE] == pytest.approx(0.4 / JOBS * 1000)
    assert per_job["rq_queue"] == pytest.approx(0.4 / (JOBS - len(MOST)) * 1000, rel=1e-3)


def test_a_strategy_that_does_nothing_is_reported(tmp_path: Path) -> None:
    """No picture and no table fails, and none shows a time."""
    everything = frozenset(range(JOBS))
    folder = two_arms(tmp_path, TrialHistory("rq_queue", refused=everything))
    report.write(folder)
    assert "| Rq; Login, 5/s | answers, p50 | never" in folder.page("REPORT.md").read_text()
    with (folder.tables / "resources.csv").open() as file:
        (total,) = [
            r for r in csv.DictReader(file) if (r["strategy"], r["role"]) == ("rq_queue", "total")
        ]
    assert total["cpu_s_per_1000_jobs"] == "inf"


def test_a_quantile_beside_an_infinite_value_is_infinite() -> None:
    """And one between finite values is what it is without the infinite ones above."""
    values = np.array([1.0, 2.0, 3.0, np.inf])
    assert quantiles(values, (0.0, 1 / 3, 2 / 3, 0.7, 1.0)) == [1, 2, 3, np.inf, np.inf]
    with pytest.raises(ValueError, match="at least one"):
        quantiles(np.array([]), (0.5,))
