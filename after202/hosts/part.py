"""Protocols: a part of the system under test, and a host that runs parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Protocol

import psutil

from after202.kernel.paths import SUITE


@dataclass(frozen=True)
class Launch:
    """How to start a process, in the suite's folder if in no other.

    `as_nobody` is for servers that refuse to run as root. `stop_signal` asks it to end in good
    order.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    cpus: tuple[int, ...] = ()
    stdin_pipe: bool = False
    as_nobody: bool = False
    folder: Path = SUITE
    stop_signal: Signals = Signals.SIGTERM


class Part(Protocol):
    """The processes of one role: a child of ours with its descendants, or containers."""

    name: str

    @property
    def mains(self) -> list[str]:
        """Names of the main processes, as written in a mark."""

    @property
    def stop_signal(self) -> str:
        """The name of the signal that asks it to end, as written in a mark."""

    @property
    def exit_code(self) -> int | None:
        """The exit code if it has ended; None while it runs."""

    def log_text(self) -> str:
        """Return its log, from the beginning."""

    def tail(self) -> str:
        """Return the last lines of its log, in one line."""

    def require_alive(self) -> None:
        """Raise TrialError if it has ended, with the last lines of its log."""

    def tree(self) -> list[psutil.Process]:
        """Return its processes that are alive."""

    def kill(self) -> None:
        """Kill every process of it immediately."""

    def stop(self, grace_s: float) -> bool:
        """Ask it to end, and kill what is left after the grace; return whether nothing was left."""

    def freeze(self) -> list[int]:
        """Stop every process; return their ids, or none if one of them still runs."""

    def thaw(self) -> list[int]:
        """Continue every process; return their ids."""

    def confine(self, spare_bytes: int) -> None:
        """Let it have so much more memory than it has now, until it is started again."""


class Host(Protocol):
    """A machine that parts run on; its CLOCK_MONOTONIC plus `clock_offset_ns` equals ours."""

    name: str
    clock_offset_ns: int

    def launch(self, launch: Launch) -> Part:
        """Start a process; its output goes to its log."""

    def free_port(self) -> int:
        """Return a port that nothing on the host listens on and that was not returned before."""

    def collect(self, path: Path) -> Path:
        """Return a file or folder of the host as a path on this machine."""
