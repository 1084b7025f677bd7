"""The folders of runs: results/<UTC time>-<profile>/, and results/latest."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from after202.hosts.local import ROOT
from after202.kernel.errors import UsageError
from after202.records.trial import RunRecord, TrialRecord

RESULTS = ROOT / "results"
LATEST = "latest"
RUN_FILE, TRIAL_FILE, TRIALS, LOGS = "run.json", "trial.json", "trials", "logs"
LEAST_FREE_BYTES = 64 * 2**20


def new_run_folder(profile: str, results: Path) -> Path:
    """Make a folder for a run; UsageError if that cannot be written."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{Path(profile).stem}"
    folder = results / name
    with writing(results):
        (folder / TRIALS).mkdir(parents=True)
        (folder / LOGS).mkdir()
    return folder


def find_run(name: str, results: Path) -> Path:
    """Return a run's folder by its name or path; UsageError if there is no such run."""
    for folder in (Path(name), results / name):
        if (folder / RUN_FILE).is_file():
            return folder.resolve()
    raise UsageError(f"no run {name!r} in {results}: name a folder that holds a {RUN_FILE}")


def point_latest_at(folder: Path) -> None:
    """Make results/latest lead to the run."""
    link = folder.parent / LATEST
    new = folder.parent / f".{LATEST}-{os.getpid()}"
    with writing(folder):
        new.symlink_to(folder.name)
        new.replace(link)


def write_json(path: Path, record: BaseModel) -> None:
    """Write a record whole or not at all."""
    new = path.with_suffix(".new")
    with writing(path.parent):
        new.write_text(record.model_dump_json(indent=2) + "\n")
        new.replace(path)


def read_run(folder: Path) -> RunRecord:
    """Read a run's record."""
    return RunRecord.model_validate_json((folder / RUN_FILE).read_text())


def measured(folder: Path) -> dict[str, TrialRecord]:
    """Return the trials that were measured to their end, by id."""
    files = sorted(folder.glob(f"{TRIALS}/*/{TRIAL_FILE}"))
    records = [TrialRecord.model_validate_json(file.read_text()) for file in files]
    return {record.trial.id: record for record in records}


def fresh_trial_folder(run: Path, trial_id: str) -> Path:
    """Return a trial's folder, without what an interrupted attempt left there."""
    folder = run / TRIALS / trial_id
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    return folder


def require_space(folder: Path) -> None:
    """Raise UsageError if the disk is all but full."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise UsageError(
            f"the disk of {folder} has {free >> 20} MiB left and a trial needs"
            f" {LEAST_FREE_BYTES >> 20}: free some, then go on with --resume {folder.name}"
        )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into one clear line."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            advice = "the disk is full: free some, then go on with --resume"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "no right to write there: change its owner, or name another with --results"
        else:
            advice = str(error)
        raise UsageError(f"{folder} cannot be written: {advice}") from error
