"""A run's folder: the only code that knows where a run keeps its files.

results/<UTC time>-<profile>/
  run.json            RunRecord
  trials/<id>/        trial.json (written last, with the checksums of the others),
                      requests-*.parquet (*.rows until the load has ended), load-0.json,
                      ledger/*.led, resources.parquet, *.log
  logs/               of the services that all trials share
  tables/ charts/ REPORT.md index.html summary.json
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from after202.kernel.errors import UsageError
from after202.records.files import checksum, read_json, reading, write_json, writing
from after202.records.run import RunRecord
from after202.records.trial_record import Load, TrialRecord

LATEST = "latest"
LEAST_FREE_BYTES = 64 * 2**20
_RUN_FILE, _TRIAL_FILE = "run.json", "trial.json"


@dataclass(frozen=True)
class TrialFolder:
    """One trial's folder."""

    path: Path

    @property
    def ledger(self) -> Path:
        """Where the processes under test record their events."""
        return self.path / "ledger"

    @property
    def resources(self) -> Path:
        """The samples of CPU time and memory."""
        return self.path / "resources.parquet"

    @property
    def load_file(self) -> Path:
        """The generator's report of its load, written after each turn and at the end."""
        return load_file(self.path, 0)

    @property
    def is_stored(self) -> bool:
        """Whether the trial was measured to its end."""
        return (self.path / _TRIAL_FILE).is_file()

    def log(self, name: str) -> Path:
        """Return a part's log."""
        return self.path / f"{name}.log"

    def empty(self) -> None:
        """Create the folder afresh, without what an interrupted attempt left there."""
        with writing(self.path):
            with suppress(FileNotFoundError):
                shutil.rmtree(self.path)
            self.ledger.mkdir(parents=True)

    def load(self) -> Load | None:
        """Return the generator's latest report; None before the first."""
        return read_json(self.load_file, Load) if self.load_file.exists() else None

    def read(self) -> TrialRecord:
        """Return the stored record; UsageError if it cannot be read."""
        return read_json(self.path / _TRIAL_FILE, TrialRecord)

    def store(self, record: TrialRecord) -> None:
        """Store the record with a checksum of every other file; its presence marks completion."""
        sealed = record.model_copy(update={"files": self._checksums()})
        write_json(self.path / _TRIAL_FILE, sealed)

    def changed(self, files: Mapping[str, str]) -> list[str]:
        """Return the files that are not what they were when the trial was stored."""
        now = self._checksums()
        return sorted(
            name for name in files.keys() | now.keys() if files.get(name) != now.get(name)
        )

    def _checksums(self) -> dict[str, str]:
        """Return the SHA-256 of every file but the record, by its path inside the folder."""
        with reading(self.path):
            files = sorted(path for path in self.path.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.path)): checksum(path)
            for path in files
            if path != self.path / _TRIAL_FILE
        }


@dataclass(frozen=True)
class RunFolder:
    """One run's folder."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, which is the run's."""
        return self.path.name

    @property
    def logs(self) -> Path:
        """Where the services that all trials share keep their logs."""
        return self.path / "logs"

    @property
    def tables(self) -> Path:
        """Where the tables go."""
        return self.path / "tables"

    @property
    def charts(self) -> Path:
        """Where the charts go."""
        return self.path / "charts"

    def page(self, name: str) -> Path:
        """Return a page of the report."""
        return self.path / name

    def trial(self, trial_id: str) -> TrialFolder:
        """Return a trial's folder."""
        return TrialFolder(self.path / "trials" / trial_id)

    def read(self) -> RunRecord:
        """Return the run's record; UsageError if it cannot be read."""
        return read_json(self.path / _RUN_FILE, RunRecord)

    def write(self, record: RunRecord) -> RunRecord:
        """Store the run's record, and return it."""
        write_json(self.path / _RUN_FILE, record)
        return record

    def stored(self, record: RunRecord) -> dict[str, TrialRecord]:
        """Return the planned trials that were measured to their end, by id."""
        folders = {trial.id: self.trial(trial.id) for trial in record.planned}
        return {name: folder.read() for name, folder in folders.items() if folder.is_stored}

    def point_latest_here(self) -> None:
        """Point results/latest at this run."""
        new = self.path.parent / f".{LATEST}-{os.getpid()}"
        with writing(self.path):
            new.symlink_to(self.path.name)
            new.replace(self.path.parent / LATEST)

    def require_space(self) -> None:
        """Raise UsageError if the disk is nearly full."""
        free = shutil.disk_usage(self.path).free
        if free < LEAST_FREE_BYTES:
            raise UsageError(
                f"the disk of {self.path} has {free >> 20} MiB left and a trial needs"
                f" {LEAST_FREE_BYTES >> 20}: free some, then continue with --resume {self.name}"
            )


def new_run(profile: str, results: Path) -> RunFolder:
    """Make a folder for a run; UsageError if it cannot be written."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{Path(profile).stem}"
    folder = RunFolder(results / name)
    with writing(results):
        (folder.path / "trials").mkdir(parents=True)
        folder.logs.mkdir()
    return folder


def find_run(name: str, results: Path) -> RunFolder:
    """Return a run's folder by its name or path; UsageError if there is no such run."""
    for path in (Path(name), results / name):
        with reading(path):
            if (path / _RUN_FILE).is_file():
                return RunFolder(path.resolve())
    raise UsageError(f"no run {name!r} in {results}: name a folder that holds a {_RUN_FILE}")


def load_file(folder: Path, process: int) -> Path:
    """Return where a generator's process reports its load."""
    return folder / f"load-{process}.json"
