"""The main job, end to end, in a copy of the project."""

import csv
import json
import signal
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from after202.analyse.run import read
from after202.records.folder import RunFolder
from tests.project import ROOT, Project

pytestmark = pytest.mark.alone

STORED_S = 90.0
THEN = """then = [
    { workload = "process", rate_per_s = 12 },
    { workload = "wait", rate_per_s = 9 },
]
"""


def rows(run: Path, table: str) -> list[dict[str, str]]:
    """Return a table of a run."""
    with (run / "tables" / table).open() as file:
        return list(csv.DictReader(file))


def test_a_strategy_is_one_file(project: Project) -> None:
    """A copy of inline under another name is listed, runs and is in tables and charts."""
    # Given a strategy that was dropped in, and nothing else edited
    project.drop_in(ROOT / "apps" / "inline.py", "newcomer")
    assert "newcomer" in project.run("strategies").stdout

    # When it is compared
    done = project.run("run", project.profile("inline", "newcomer"))
    assert done.returncode == 0, done.stderr

    # Then it stands beside the other
    latest = project.folder / "results" / "latest"
    assert {row["strategy"] for row in rows(latest, "completion.csv")} == {"inline", "newcomer"}
    charts = [path.read_text() for path in (latest / "charts").glob("*.svg")]
    assert charts
    assert any("newcomer" in chart for chart in charts)
    assert "newcomer" in (latest / "REPORT.md").read_text()
    assert "newcomer" in (latest / "index.html").read_text()


def test_known_answers_are_reported_exactly(project: Project) -> None:
    """A strategy that forgets every fourth job and one that does every third twice are caught."""
    # When two strategies with a known answer are measured
    done = project.run("run", project.profile("inline", "_lossy", "_duplicating"))
    assert done.returncode == 0, done.stderr
    checked = project.run("check", "latest", "--jobs-only")
    assert "3 trials: 1 hold, 2 broken, 0 unknown" in checked.stdout

    # Then each is reported with its exact counts
    latest = project.folder / "results" / "latest"
    found = {row["strategy"]: row for row in rows(latest, "completion.csv")}
    accepted = int(found["inline"]["accepted"])
    assert accepted > 10
    assert int(found["inline"]["once"]) == accepted
    numbers = range(1, accepted + 1)
    assert int(found["_lossy"]["lost"]) == sum(number % 4 == 0 for number in numbers)
    assert int(found["_duplicating"]["duplicated"]) == sum(number % 3 == 0 for number in numbers)
    assert project.run("check", "latest").returncode == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_leaves_no_process_and_can_go_on(
    project: Project, how: signal.Signals
) -> None:
    """Ctrl-C, SIGTERM and kill -9 end every child; what was measured stays; --resume goes on."""
    # Given a run whose first trial is stored and whose second goes on
    process = project.start("run", project.profile("celery_queue", "inline", blocks=2))
    stored = wait_for_trials(project, 1)
    time.sleep(3)

    # When the harness is stopped
    process.send_signal(how)
    output, errors = process.communicate(timeout=60)

    # Then nothing is left running, and the way on is said where it can be
    assert process.returncode != 0, output
    assert project.left_over() == []
    if how != signal.SIGKILL:
        assert errors.count("\n") == 1
        assert "--resume" in errors
    kept = {path: path.read_text() for path in stored}

    # And the run goes on with what is left
    done = project.run("run", "--resume", "latest")
    assert done.returncode == 0, done.stderr
    assert {path: path.read_text() for path in stored} == kept
    record = json.loads((project.folder / "results" / "latest" / "run.json").read_text())
    assert record["ended"] == "ended"
    trials = trial_files(project)
    assert Counter(path.parent.name for path in trials) == {t["id"]: 1 for t in record["planned"]}
    assert project.left_over() == []


def test_trials_that_take_turns_meet_one_machine(project: Project) -> None:
    """All of a block are up together, one at a time is under load, and each job is done once."""
    # When two strategies in-process and one with a worker take four turns each, in two blocks
    profile = project.profile("inline", "gather", "celery_queue", blocks=2, turns=4)
    done = project.run("run", profile)
    assert done.returncode == 0, done.stderr

    # Then no turn overlaps another of its block, and they do not come one arm after the other
    latest = project.folder / "results" / "latest"
    loads: dict[int, list[tuple[float, float, str]]] = {}
    for path in trial_files(project):
        record = json.loads(path.read_text())
        for begin_us in record["load"]["turns_us"]:
            turn = (begin_us, begin_us + 1.2e6 / 4, record["trial"]["id"])
            loads.setdefault(record["trial"]["block"], []).append(turn)
        assert sum(usage["cpu_s"] for usage in record["usage"].values()) < 5
    for turns in map(sorted, loads.values()):
        assert len(turns) == 12
        assert all(end <= begin for (_, end, _), (begin, _, _) in pairwise(turns))
        for number in range(0, 12, 3):
            assert len({name for _, _, name in turns[number : number + 3]}) == 3
    assert max(end for _, end, _ in loads[0]) < min(begin for begin, _, _ in loads[1])
    for row in rows(latest, "completion.csv"):
        assert int(row["once"]) == int(row["accepted"]) > 20
    assert project.left_over() == []


def test_each_leg_of_a_load_has_times_and_costs_of_its_own(project: Project) -> None:
    """Each begins once the work before it is done; where that is not done, nothing is measured."""
    # When three strategies, one of which forgets jobs, do two more kinds of work on the same stack
    names = ("inline", "celery_queue", "_lossy")
    done = project.run("run", project.profile(*names, then=THEN))
    assert done.returncode == 0, done.stderr
    latest = project.folder / "results" / "latest"
    records = [json.loads(path.read_text()) for path in trial_files(project)]
    of = {record["trial"]["arm"]["strategy"]: record for record in records}

    # Then every kind of work has its times, and what it cost
    jobs = pq.read_table(latest / "tables" / "jobs.parquet").to_pylist()
    legs = read(RunFolder(latest)).comparisons
    for strategy in ("inline", "celery_queue"):
        record = of[strategy]
        mine = [leg for leg in legs if leg.record.trial.arm.strategy == strategy]
        timed = {leg.record.trial.arm.workload for leg in mine if leg.quantiles_ms}
        assert timed == {"login", "process", "wait"}
        cpu_s = [leg["usage"]["api"]["cpu_s"] for leg in record["legs"]]
        assert sum(cpu_s) == pytest.approx(record["usage"]["api"]["cpu_s"])
        assert min(cpu_s) > 0

        # And no leg's jobs run in another, nor is one left out
        own = [job for job in jobs if job["trial"] == record["trial"]["id"]]
        begins_ns = [at_us * 1000 for at_us in record["load"]["turns_us"]]
        for steps, begin_ns, end_ns in zip(
            (2, 3, 1), begins_ns, [*begins_ns[1:], 2**62], strict=True
        ):
            leg = [job for job in own if begin_ns <= job["due_ns"] < end_ns]
            assert {(job["steps"], job["ends"]) for job in leg} == {(steps, steps)}
            assert max(job["last_end_ns"] for job in leg) < end_ns
        assert len(own) == record["load"]["counts"]["accepted"]

    # And what forgets jobs says which leg was never done
    assert "the work of login did not end within 2 s" in " ".join(of["_lossy"]["reasons"])


def test_a_stopped_block_of_turns_leaves_no_process_and_can_go_on(project: Project) -> None:
    """Ctrl-C while several stacks are up."""
    # Given a block whose trials take turns
    profile = project.profile("inline", "gather", blocks=1, turns=10)
    process = project.start("run", profile)
    folders = project.folder / "results" / "latest" / "trials"
    deadline_s = time.monotonic() + STORED_S
    while len(list(folders.glob("*/load-0.json"))) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.02)

    # When the harness is stopped in the midst of it
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    # Then nothing is left running, and the whole block runs on resuming
    assert "--resume" in errors
    assert errors.count("\n") == 1
    assert project.left_over() == []
    assert trial_files(project) == []
    assert project.run("run", "--resume", "latest").returncode == 0
    assert len(trial_files(project)) == 2


def test_work_that_would_take_the_turns_of_others_is_not_measured(project: Project) -> None:
    """What is behind at the end of its turn is not valid, with the reason; others go on."""
    profile = Path(project.profile("inline", "_lossy", turns=4))
    assert project.run("run", str(profile)).returncode == 0
    records = [json.loads(path.read_text()) for path in trial_files(project)]
    reasons = {r["trial"]["arm"]["strategy"]: " ".join(r["reasons"]) for r in records}
    assert "did not end within 2 s, and would take the turns of others" in reasons["_lossy"]
    assert "turns" not in reasons["inline"]

    # And its jobs are accounted for all the same
    row = {r["strategy"]: r for r in rows(project.folder / "results" / "latest", "completion.csv")}
    assert int(row["_lossy"]["lost"]) == int(row["_lossy"]["accepted"]) // 4 > 0
    assert "phantom" not in project.run("check", "latest").stdout


CAPACITY = """
description = "Two slots of 100 ms do 20 jobs a second, and no more."
slots = 2
repeats = 0
baseline = "celery_queue"
strategies = ["celery_queue"]

[capacity]
workload = "wait"
start_per_s = 15
confirmations = 1
warm_up_s = 0.5
window_s = 3

[capacity.level]
response_ms = 1000
response_quantile = 0.5
completion_ms = 400
completion_quantile = 0.5

[[comparison]]
workload = "wait"
share_of_capacity = 0.5
blocks = 1
window_s = 1
drain_s = 5
"""


def test_a_known_capacity_is_found_and_compared_at_half_of_it(project: Project) -> None:
    """The search, its table and its chart, and what follows from it, as in the profile `full`."""
    # Given two slots for jobs of 100 ms, and gates that a noisy machine passes too
    profile = project.folder / "capacity.toml"
    profile.write_text(CAPACITY)
    gates = project.folder / "after202" / "measure" / "load" / "gates.py"
    strict = "P50_MS, P99_MS = 0.5, 5.0"
    assert strict in gates.read_text()
    gates.write_text(gates.read_text().replace(strict, "P50_MS, P99_MS = 1e3, 1e3"))

    # When the capacity is searched for
    done = project.run("run", str(profile), timeout_s=400)
    assert done.returncode == 0, done.stderr

    # Then it is near 20/s; a short window forgives a backlog that grows slowly
    latest = project.folder / "results" / "latest"
    (row,) = rows(latest, "capacity.csv")
    kept = float(row["kept_per_s"])
    assert 8 <= kept <= 26
    assert float(row["low_per_s"]) < float(row["estimate_per_s"]) < float(row["high_per_s"])
    assert (latest / "charts" / "load_curve.svg").exists()
    assert "the search for each capacity, and 1 trial, about" in done.stdout
    said = (latest / "REPORT.md").read_text()
    assert "missed at" in said
    assert f"{float(row['high_per_s']):.3g}/s" in said

    # And the comparison was made at half of it, with every job once
    (compared,) = rows(latest, "completion.csv")
    assert compared["once"] == compared["accepted"] != "0"
    record = json.loads((latest / "run.json").read_text())
    rates = [t["arm"]["rate_per_s"] for t in record["planned"] if t["kind"] == "comparison"]
    assert rates == [float(f"{kept / 2:.2g}")]
    assert project.left_over() == []


def trial_files(project: Project) -> list[Path]:
    """Return the records of the trials that are stored."""
    return sorted(project.folder.glob("results/2*/trials/*/trial.json"))


def wait_for_trials(project: Project, number: int) -> list[Path]:
    """Return the records once so many trials are stored."""
    deadline_s = time.monotonic() + STORED_S
    while len(found := trial_files(project)) < number:
        assert time.monotonic() < deadline_s, "no trial was stored in time"
        time.sleep(0.2)
    return found


def test_a_second_run_at_the_same_time_is_refused_or_queues(project: Project) -> None:
    """Two runs would take each other's processors; --wait measures after the first one's end."""
    # Given a run that goes on
    profile = project.profile("inline", "gather", "background_tasks")
    first = project.start("run", profile)
    wait_for_trials(project, 1)

    # When another is begun, or the same one is resumed, then one line says why not
    for arguments in (["run", profile], ["run", "--resume", "latest"], ["validate", "ledger"]):
        refused = project.run(*arguments)
        assert refused.returncode == 2, refused.stdout + refused.stderr
        assert refused.stderr.count("\n") == 1
        assert str(project.folder / "lock") in refused.stderr
        assert "--wait" in refused.stderr

    # And one that waits is measured when the first has ended, to its end
    second = project.run("run", profile, "--wait")
    assert first.poll() == 0
    assert second.returncode == 0, second.stderr
    first.communicate(timeout=60)
    runs = sorted((project.folder / "results").glob("2*"))
    assert len(runs) == 2
    assert all(len(list(run.glob("trials/*/trial.json"))) == 3 for run in runs)
