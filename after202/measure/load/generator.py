"""The load generator of a trial: Locust in a process of its own, on processors of its own."""

import sys
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from after202.hosts.local import Child, Launch, until
from after202.records.experiment import Stream, Trial
from after202.records.trial import Load
from loadtests.arrivals import due_times_s

RESPONSE_TIMEOUT_S = 30.0
BOOT_S = 60.0
POLL_S = 0.05
LOCUSTFILE = "loadtests/locustfile.py"


class Generator:
    """Locust, started early so that its start-up costs no time, and held until the API is ready."""

    def __init__(self, trial: Trial, folder: Path, cpus: tuple[int, ...]) -> None:
        """Name the trial and where its raw rows go; nothing starts yet."""
        self._trial = trial
        self._folder = folder
        self._cpus = cpus

    def start(self, url: str) -> Child:
        """Start Locust; its load begins when it is told `go`."""
        launch = Launch(
            "generator",
            [sys.executable, "-m", "locust", *_options(self._trial, self._folder, url)],
            self._folder / "generator.log",
            cpus=self._cpus,
            stdin_pipe=True,
        )
        return Child(launch)

    def finish(self, child: Child, watch: Callable[[], None] = lambda: None, turn: int = 1) -> Load:
        """Wait for the end of a turn, and return what it says of its load so far.

        With the last turn it has written its rows. `watch` is called at every look.
        """
        file = self._folder / "load-0.json"
        timeout_s = self._trial.rest_s + self._trial.load_s + RESPONSE_TIMEOUT_S + BOOT_S

        def written() -> bool:
            watch()
            return file.exists() and len(_read(file).turns_us) >= turn

        until("the end of the load", written, timeout_s, [child], POLL_S)
        return _read(file)

    def end(self, child: Child) -> None:
        """Have it write the rows of the turns so far, and end."""
        child.say("end")
        child.wait(BOOT_S)


def _read(file: Path) -> Load:
    return Load.model_validate_json(file.read_text())


def scheduled(trial: Trial) -> int:
    """Count the job requests that the schedule holds, apart from what the generator says."""
    seed = stream_seed(trial, Stream.JOBS)
    times_s = due_times_s(trial.arrivals, trial.arm.rate_per_s, seed)
    return sum(1 for _ in takewhile(lambda due_s: due_s < trial.load_s, times_s))


def stream_seed(trial: Trial, kind: Stream) -> str:
    """Return the seed of the only stream of a kind, as `loadtests.open_loop` makes it."""
    return f"{trial.seed} 0 {kind} 0"


def _options(trial: Trial, folder: Path, url: str) -> list[str]:
    streams = 1 + bool(trial.bystander_per_s)
    pairs = {
        "-f": LOCUSTFILE,
        "--host": url,
        "--users": str(streams),
        "--spawn-rate": "100",
        "--workload": trial.arm.workload,
        "--rate-per-user": str(trial.arm.rate_per_s),
        "--bystander-rate": str(trial.bystander_per_s),
        "--arrivals": str(trial.arrivals),
        "--seed": str(trial.seed),
        "--job-prefix": f"{folder} {trial.id}",
        "--warm-up": str(trial.warm_up_s),
        "--rest": str(trial.rest_s),
        "--load-time": str(trial.load_s),
        "--turns": str(trial.turns),
        "--response-timeout": str(RESPONSE_TIMEOUT_S),
        "--record": str(folder),
        "--loglevel": "WARNING",
        "--exit-code-on-error": "0",  # refused requests are rows, not a failure of the generator
    }
    flags = ["--headless", "--hold", "--only-summary"]
    if trial.episode is not None:
        flags.append("--fresh-connections")
    return [*flags, *(word for pair in pairs.items() for word in pair)]
