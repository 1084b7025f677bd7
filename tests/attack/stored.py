"""A stored run to attack: how it is measured and copied, and what its verdicts may become."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from after202.analyse.findings.checks import check
from after202.analyse.findings.judged import HOLDS, CheckResult
from after202.hosts.alone import VARIABLE as LOCK
from after202.records.files import sealed
from after202.records.folder import RunFolder, TrialFolder, find_run
from tests.project import ROOT

# Two trials without a fault, an episode that loses jobs, and one that leaves them in a queue.
PROFILE = """
description = "Something to damage."
slots = 2
repeats = 0
side_by_side = 2
baseline = "background_tasks"
strategies = ["background_tasks", "rq_queue"]

[[comparison]]
workload = "login"
rate_per_s = 20
blocks = 1
warm_up_s = 0.2
window_s = 1
drain_s = 2

[[matrix]]
faults = ["A3"]
strategies = ["background_tasks"]
rate_per_s = 10
episodes = 1
window_s = 2
drain_s = 3
horizon_s = 3

[[matrix]]
faults = ["W2"]
strategies = ["rq_queue"]
rate_per_s = 10
episodes = 1
window_s = 2
drain_s = 3
horizon_s = 3
"""
TRIES = 3
MEASURED_S = 240
OUTPUTS = ("charts", "tables", "index.html", "REPORT.md", "summary.json")
LINE = re.compile(r"^(?:holds  |BROKEN |unknown)  (?P<trial>\S+): ")
NOT_STORED = re.compile(r"^unknown  \d+ of \d+ trials are not stored$")


def measure(folder: Path) -> RunFolder:
    """Measure the profile; again if a trial failed or a fault hit nothing, as on a busy machine."""
    profile = folder / "profile.toml"
    profile.write_text(PROFILE)
    for attempt in range(TRIES):
        results = folder / f"results-{attempt}"
        environment = {LOCK: str(folder / "lock")}
        arguments = ("run", str(profile), "--results", str(results))
        done = command(*arguments, timeout_s=MEASURED_S, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        found = find_run("latest", results)
        if judged(found).exit_code == HOLDS:
            return found
    raise AssertionError(f"no run of {TRIES} holds throughout: {judged(found).lines}")


def judged(run: RunFolder) -> CheckResult:
    """Judge a run's jobs; other work on this machine may make times invalid, but not jobs."""
    return check(run, jobs_only=True)


def command(
    *arguments: str, timeout_s: float, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m after202` with the arguments to its end, in this environment too."""
    return subprocess.run(
        [sys.executable, "-m", "after202", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "1000", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def copied(run: RunFolder, folder: Path) -> RunFolder:
    """Return a copy of a run without its charts, which nothing reads."""
    copy = folder / run.name
    shutil.copytree(run.path, copy, ignore=shutil.ignore_patterns("charts"))
    return RunFolder(copy)


def trials(run: RunFolder) -> list[TrialFolder]:
    """Return the folders of a run's trials, in the order of the plan."""
    return [run.trial(planned.id) for planned in run.read().planned]


def inputs(run: RunFolder) -> list[Path]:
    """Return the files of a run that hold something, except what `report` makes of the others."""
    found = (path for path in sorted(run.path.rglob("*")) if path.is_file())
    kept = (path for path in found if path.relative_to(run.path).parts[0] not in OUTPUTS)
    return [path for path in kept if path.stat().st_size]


def changed(path: Path, **fields: Any) -> None:
    """Give a record other fields under a right seal, as if it had been written so."""
    record = json.loads(path.read_text())
    del record["sha256"]
    seal(path, json.dumps({**record, **fields}, indent=2))


def seal(path: Path, text: str) -> None:
    """Write a record's text under a right seal."""
    path.write_text(sealed(text + "\n"))


def as_schema_2(run: RunFolder) -> RunFolder:
    """Take every checksum out of a run: schema 2 had none."""
    for path in (run.path / "run.json", *(trial.path / "trial.json" for trial in trials(run))):
        record = json.loads(path.read_text())
        kept = {key: value for key, value in record.items() if key not in {"sha256", "files"}}
        path.write_text(json.dumps({**kept, "schema": 2}))
    return run


def by_trial(lines: Iterable[str]) -> dict[str, str]:
    """Return the line of each trial."""
    found = ((LINE.match(line), line) for line in lines)
    return {match["trial"]: line for match, line in found if match}


def wrong_verdicts(lines: Iterable[str], sound: CheckResult) -> Iterator[str]:
    """Yield every line about a trial that is neither that of the sound run nor unknown."""
    told, expected = by_trial(lines), by_trial(sound.lines)
    excused = any(NOT_STORED.match(line) for line in lines)
    for trial in expected.keys() | told.keys():
        line = told.get(trial)
        if line is None and not excused:
            yield f"{trial} has no line"
        elif line is not None and not line.startswith("unknown") and line != expected.get(trial):
            yield line
