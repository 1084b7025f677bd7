"""What is charged to jobs, and what is only shown beside it."""

import csv
from pathlib import Path

from after202 import report
from after202.records.folder import RunFolder
from tests.analyse.run_folder import JOBS, TrialHistory, write_run

TRIALS = 6


def resources(folder: RunFolder) -> dict[str, dict[str, str]]:
    """Return the rows of resources.csv by their role."""
    report.write(folder)
    with (folder.tables / "resources.csv").open() as file:
        return {row["role"]: row for row in csv.DictReader(file)}


def per_1000(cpu_s: float) -> str:
    """Return CPU-seconds per 1,000 jobs, as the table has them."""
    return f"{cpu_s / JOBS * 1000:.6g}"


def test_the_cpu_time_of_a_role_has_an_interval(tmp_path: Path) -> None:
    """From six trials on, as every other estimate."""
    taken_s = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    trials = [TrialHistory("inline", block=n, cpu_s=cpu_s) for n, cpu_s in enumerate(taken_s)]
    row = resources(write_run(tmp_path, trials))["api"]
    assert row["cpu_s_per_1000_jobs"] == per_1000(0.45)
    assert row["low_cpu_s_per_1000_jobs"] == per_1000(0.2)
    assert row["high_cpu_s_per_1000_jobs"] == per_1000(0.7)


def test_one_trial_has_no_interval(tmp_path: Path) -> None:
    """Nothing is known of how it would scatter."""
    row = resources(write_run(tmp_path, [TrialHistory("inline")]))["api"]
    assert row["low_cpu_s_per_1000_jobs"] == row["high_cpu_s_per_1000_jobs"] == ""


def test_services_stand_beside_the_total(tmp_path: Path) -> None:
    """Mails that a job sends are the same for all strategies, and charged to none."""
    taken_s = {"mail": 0.8, "database": 0.1}
    rows = resources(write_run(tmp_path, [TrialHistory("inline", services_cpu_s=taken_s)]))
    assert rows["mail"]["cpu_s_per_1000_jobs"] == per_1000(0.8)
    assert rows["database"]["peak_rss_bytes"] == str(2**21)
    assert rows["total"]["cpu_s_per_1000_jobs"] == rows["api"]["cpu_s_per_1000_jobs"]


def test_nothing_is_charged_where_others_than_jobs_were_asked_for(tmp_path: Path) -> None:
    """Requests to /ping take CPU time as well, and the report says why there is no figure."""
    folder = write_run(tmp_path, [TrialHistory("inline", bystander_per_s=5)])
    assert resources(folder) == {}
    assert "no CPU time is charged to jobs" in folder.page("REPORT.md").read_text()
    assert not (folder.charts / "cost.svg").exists()
