"""What disks, mistakes and careless scripts do to the files of a stored run."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from after202.kernel.ledger import JOINED
from after202.records.folder import RunFolder, TrialFolder
from tests.attack import stored

RUN_FILE, TRIAL_FILE = "run.json", "trial.json"
# A comparison, and an episode that lost jobs.
COMPARED, STRUCK = 0, 2

ToPath = Callable[[Path, Random], None]
ToRun = Callable[[RunFolder, Random], None]
Find = Callable[[RunFolder], Path]


@dataclass(frozen=True)
class Damage:
    """Something done to a copy of a run.

    It is `forged` if the seals and checksums were set right afterwards: such a run is another run,
    with verdicts of its own. If it is to be `refused`, nothing can be read. If nothing of it is
    `read`, it changes no verdict.
    """

    name: str
    do: ToRun
    forged: bool = False
    refused: bool = False
    read: bool = True


def _removed(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def empty(path: Path, _: Random) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


def truncated(path: Path, random: Random) -> None:
    """Cut a file off anywhere."""
    content = path.read_bytes()
    path.write_bytes(content[: random.randrange(len(content))])


def noise(path: Path, random: Random) -> None:
    """Fill a file with random bytes."""
    path.write_bytes(random.randbytes(path.stat().st_size))


def missing(path: Path, _: Random) -> None:
    """Remove a file or a folder."""
    _removed(path)


def a_folder(path: Path, _: Random) -> None:
    """Put a folder in its place."""
    _removed(path)
    path.mkdir()


def dangling(path: Path, _: Random) -> None:
    """Put a link to nowhere in its place."""
    _removed(path)
    path.symlink_to("nowhere")


def loop(path: Path, _: Random) -> None:
    """Put a link to itself in its place."""
    _removed(path)
    path.symlink_to(path.name)


def fifo(path: Path, _: Random) -> None:
    """Put a pipe in its place, into which nobody writes."""
    _removed(path)
    os.mkfifo(path)


def a_file(path: Path, _: Random) -> None:
    """Put a file in a folder's place."""
    _removed(path)
    path.write_text("not a folder")


OF_FILES: tuple[ToPath, ...] = (empty, truncated, noise, missing, a_folder, dangling, loop)
OF_FOLDERS: tuple[ToPath, ...] = (missing, dangling, loop, a_file)
CONTENT = (empty, truncated, noise)


def trial(run: RunFolder, number: int) -> TrialFolder:
    """Return a trial's folder by its place in the plan."""
    return stored.trials(run)[number]


FILES: dict[str, Find] = {
    RUN_FILE: lambda run: run.path / RUN_FILE,
    "a comparison's record": lambda run: trial(run, COMPARED).path / TRIAL_FILE,
    "an episode's record": lambda run: trial(run, STRUCK).path / TRIAL_FILE,
    "requests": lambda run: trial(run, COMPARED).path / "requests-0.parquet",
    "an episode's requests": lambda run: trial(run, STRUCK).path / "requests-0.parquet",
    "ledger": lambda run: trial(run, COMPARED).ledger / JOINED,
    "an episode's ledger": lambda run: trial(run, STRUCK).ledger / JOINED,
    "load": lambda run: trial(run, COMPARED).load_file,
    "resources": lambda run: trial(run, COMPARED).resources,
    "log": lambda run: trial(run, COMPARED).log("generator"),
}
FOLDERS: dict[str, Find] = {
    "trials": lambda run: run.path / "trials",
    "a trial": lambda run: trial(run, COMPARED).path,
    "a ledger": lambda run: trial(run, STRUCK).ledger,
    "logs": lambda run: run.logs,
}
OUTPUTS: dict[str, Find] = {
    "latency.csv": lambda run: run.tables / "latency.csv",
    "jobs.parquet": lambda run: run.tables / "jobs.parquet",
    "index.html": lambda run: run.page("index.html"),
    "summary.json": lambda run: run.page("summary.json"),
}
OUTPUT_FOLDERS: dict[str, Find] = {"tables": lambda run: run.tables}


def at(find: Find, what: ToPath) -> ToRun:
    """Return a damage to what is found in a run."""
    return lambda run, random: what(find(run), random)


def accidents() -> Iterator[Damage]:
    """Yield what disks, mistakes and careless scripts do."""
    for name, find in FILES.items():
        for what in OF_FILES:
            refused = name == RUN_FILE or (name.endswith("record") and what in CONTENT)
            yield Damage(f"{name}: {what.__name__}", at(find, what), refused=refused)
    for name, find in FOLDERS.items():
        for what in OF_FOLDERS:
            yield Damage(f"{name}: {what.__name__}", at(find, what), read=name != "logs")
    for places, kinds in ((OUTPUTS, OF_FILES), (OUTPUT_FOLDERS, OF_FOLDERS)):
        for name, find in places.items():
            for what in kinds:
                yield Damage(f"{name}: {what.__name__}", at(find, what), read=False)
