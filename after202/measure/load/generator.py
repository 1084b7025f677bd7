"""The load generator of a trial: Locust, in its own process and on its own processors."""

import json
import sys
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.errors import TrialError
from after202.kernel.model import API_KEY
from after202.records.experiment import Stream
from after202.records.folder import TrialFolder
from after202.records.trial import Episode, Trial
from after202.records.trial_record import Load
from loadtests.arrivals import staged_s

RESPONSE_TIMEOUT_S = 30.0
BOOT_S = 60.0
POLL_S = 0.05
LOCUSTFILE = "loadtests/locustfile.py"


class Generator:
    """Locust, started early to hide its start-up time, and held until the API is ready."""

    def __init__(self, trial: Trial, folder: TrialFolder, cpus: tuple[int, ...]) -> None:
        """Keep the trial and the folder for its raw rows; nothing is started yet."""
        self._trial = trial
        self._folder = folder
        self._cpus = cpus

    def start(self, url: str, key: str = "") -> Child:
        """Start Locust for an API and its key; the load begins when it is told `go`."""
        launch = Launch(
            "generator",
            [sys.executable, "-m", "locust", *_options(self._trial, self._folder.path, url)],
            self._folder.log("generator"),
            {API_KEY: key},
            cpus=self._cpus,
            stdin_pipe=True,
        )
        return Child(launch)

    def finish(self, child: Child, watch: Callable[[], None] = lambda: None, turn: int = 1) -> Load:
        """Wait for the end of a turn, and return the generator's account of the load so far.

        After the last turn, its rows have been written. `watch` is called on every poll.
        """
        timeout_s = self._trial.rest_s + self._trial.load_s + RESPONSE_TIMEOUT_S + BOOT_S

        def written() -> bool:
            watch()
            load = self._folder.load()
            return load is not None and len(load.turns_us) >= turn

        until("the end of the load", written, timeout_s, [child], POLL_S)
        load = self._folder.load()
        if load is None:
            raise TrialError("the generator reported no load")
        return load

    def end(self, child: Child) -> None:
        """Tell the generator to write the rows of the turns so far, and wait for its end."""
        child.say("end")
        child.wait(BOOT_S)


def scheduled(trial: Trial) -> int:
    """Return how many job requests the schedule has, computed independently of the generator."""
    seed = stream_seed(trial, Stream.JOBS)
    due = staged_s(trial.arrivals, trial.stages, seed)
    return sum(1 for _ in takewhile(lambda one: one[0] < trial.load_s, due))


def stream_seed(trial: Trial, kind: Stream) -> str:
    """Return the seed of the only stream of a kind, as `loadtests.open_loop` derives it."""
    return f"{trial.seed} 0 {kind} 0"


def _options(trial: Trial, folder: Path, url: str) -> list[str]:
    streams = 1 + bool(trial.bystander_per_s)
    pairs = {
        "-f": LOCUSTFILE,
        "--host": url,
        "--users": str(streams),
        "--spawn-rate": "100",
        "--workload": trial.arm.workload,
        "--stages": json.dumps([stage.model_dump() for stage in trial.stages]),
        "--bystander-rate": str(trial.bystander_per_s),
        "--arrivals": str(trial.arrivals),
        "--seed": str(trial.seed),
        "--job-prefix": f"{folder} {trial.id}",
        "--warm-up": str(trial.warm_up_s),
        "--rest": str(trial.rest_s),
        "--turns": ",".join(map(str, trial.goes_s)),
        "--response-timeout": str(RESPONSE_TIMEOUT_S),
        "--record": str(folder),
        "--loglevel": "WARNING",
        "--exit-code-on-error": "0",  # a refused request is a row, not a failure of the generator
    }
    flags = ["--headless", "--hold", "--only-summary"]
    if isinstance(trial, Episode):
        flags.append("--fresh-connections")
    return [*flags, *(word for pair in pairs.items() for word in pair)]
