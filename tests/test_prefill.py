"""Jobs that are enqueued while no worker runs, which then starts: on a real stack."""

from after202.analyse.run import read
from after202.kernel.ledger import EventKind, read_folder
from after202.records.folder import RunFolder
from after202.records.trial import Pressure
from tests.project import Project

PROFILE = """
description = "Enqueue first."
strategies = [{names}]
slots = 1

[[pressure]]
shape = "prefill"
workload = "empty"
jobs = 40
rate_per_s = 20
trials = 1
bystander_per_s = 0
"""


def profile(project: Project, *names: str) -> str:
    """Write a profile of these strategies and return its path."""
    path = project.folder / "prefill.toml"
    path.write_text(PROFILE.format(names=", ".join(f'"{name}"' for name in names)))
    return str(path)


def test_all_jobs_are_enqueued_before_the_worker_starts_and_all_are_done(project: Project) -> None:
    """A strategy without a worker is left out, and a line says so."""
    done = project.run("run", profile(project, "celery_queue", "inline"), timeout_s=600)
    assert done.returncode == 0, done.stderr
    assert "no worker to start later, so left out: inline" in done.stdout
    run = RunFolder((project.folder / "results" / "latest").resolve())
    (planned,) = run.read().planned
    assert isinstance(planned, Pressure)

    # Every request was accepted before the worker was started, and every job begun after that
    folder = run.trial(planned.id)
    record = folder.read()
    assert record.load is not None
    assert record.worker_started_us is not None
    assert record.load.counts.accepted == record.load.counts.scheduled == 40
    assert record.load.load_end_us < record.worker_started_us
    events = [event for file in read_folder(folder.ledger) for event in file.events]
    mine = [event for event in events if event.job_id not in record.canary_job_ids]
    begun = [event.at_ns for event in mine if event.kind is EventKind.START]
    assert len(begun) == 40
    assert min(begun) > record.worker_started_us * 1000
    assert record.drained

    # The figures are those of the drain
    (seen,) = read(run).pressures
    assert 0 < seen.figures["begun_s"] <= seen.figures["drained_s"]
    assert seen.classes == {"once": 40}
    assert project.left_over() == []


def test_a_prefill_without_any_worker_is_one_line(project: Project) -> None:
    """From `plan` and from `run`, and nothing is started."""
    path = profile(project, "inline", "gather")
    for command in ("plan", "run"):
        done = project.run(command, path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "pressure.0: a prefill needs a strategy with a worker" in done.stderr
    assert list((project.folder / "results").iterdir()) == []
