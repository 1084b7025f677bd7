"""Which quantiles a trial has, and how figures that come from one trial are marked."""

import csv
from pathlib import Path

import pytest

from after202 import report
from after202.analyse import marks
from after202.analyse.findings.comparisons import findings
from after202.analyse.run import read
from tests.analyse import run_folder
from tests.analyse.run_folder import TrialHistory, write_run

METRICS = ("response", "completion")


@pytest.mark.parametrize(
    ("requests", "supported"),
    [(1, [0.5]), (29, [0.5]), (30, [0.5, 0.9]), (99, [0.5, 0.9]), (100, [0.5, 0.9, 0.99])],
)
def test_a_quantile_needs_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: int, supported: list[float]
) -> None:
    """With fewer in the window, the trial has none, and so have its tables and its comparisons."""
    monkeypatch.setattr(run_folder, "JOBS", requests + 5)
    histories = [TrialHistory(name, warm_up_jobs=5) for name in ("background_tasks", "inline")]
    run = read(write_run(tmp_path, histories))
    for metric in METRICS:
        found = [quantile for of, quantile in run.comparisons[0].quantiles_ms if of == metric]
        assert found == supported
    compared = {(f.pairing.metric, f.pairing.quantile) for f in findings(run)}
    assert compared == {(metric, quantile) for metric in METRICS for quantile in supported}


def test_a_report_without_a_p90_has_a_p50_and_says_why(tmp_path: Path) -> None:
    """Every table, picture and sentence can do without."""
    few = run_folder.JOBS - 10
    histories = [TrialHistory(name, warm_up_jobs=few) for name in ("background_tasks", "inline")]
    folder = write_run(tmp_path, histories)
    report.write(folder)
    page = folder.page("REPORT.md").read_text()
    assert "| answers | 2.0 | - | 1 |" in page
    assert "a p90 takes 30 requests in a window" in page
    assert (folder.charts / "speed.svg").is_file()
    with (folder.tables / "latency.csv").open() as file:
        assert {row["quantile"] for row in csv.DictReader(file)} == {"0.5"}


@pytest.mark.parametrize(("trials", "marked"), [(1, True), (2, False)])
def test_figures_of_one_trial_are_marked_wherever_they_stand(
    tmp_path: Path, trials: int, *, marked: bool
) -> None:
    """In tables, in the page, in its sentences and in charts."""
    names = ("background_tasks", "inline")
    histories = [TrialHistory(name, block) for block in range(trials) for name in names]
    folder = write_run(tmp_path, histories)
    report.write(folder)
    page = folder.page("REPORT.md").read_text()
    assert (f"| Inline {marks.ONE_TRIAL}; Login, 5/s |" in page) == marked
    assert (marks.LEGEND in page) == marked
    assert ("too few blocks; one trial" in page) == marked
    for name in ("latency", "goodput"):
        with (folder.tables / f"{name}.csv").open() as file:
            assert {row["note"] for row in csv.DictReader(file)} == {"one trial" if marked else ""}
    for name in ("speed", "where_time_goes", "cost", "completion_ecdf"):
        chart = (folder.charts / f"{name}.svg").read_text()
        assert (marks.IN_WORDS in chart) == marked, name
