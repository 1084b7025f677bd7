"""Child processes in sessions of their own, pinned, logged, and ended by their pid."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Any
from uuid import uuid4

import psutil

from after202.hosts.part import Part
from after202.hosts.processes import FAMILY, has_stopped, lives, marked, pinned
from after202.kernel.errors import TrialError

ROOT = Path(__file__).parents[2]
TAIL_LINES = 5
POLL_S = 0.01
KILL_WAIT_S = 5.0
NOBODY = 65534
_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@dataclass(frozen=True)
class Launch:
    """How to start a child: `as_nobody` drops root's rights for servers that refuse them."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    cpus: tuple[int, ...] = ()
    stdin_pipe: bool = False
    as_nobody: bool = False


class Child:
    """A running child process."""

    def __init__(self, launch: Launch) -> None:
        """Start it; its output goes to its log."""
        self.name = launch.name
        self._log = launch.log
        self._family = uuid4().hex
        identity: dict[str, Any] = _NOBODY if launch.as_nobody else {}
        with launch.log.open("ab") as log, pinned(launch.cpus):
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(
                launch.command,
                stdin=subprocess.PIPE if launch.stdin_pipe else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **launch.environment, FAMILY: self._family},
                start_new_session=True,
                **identity,
            )

    @property
    def pid(self) -> int:
        """The process's id, and its session's."""
        return self._popen.pid

    @property
    def mains(self) -> list[str]:
        """How a signal to the process alone is noted."""
        return [str(self.pid)]

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._popen.poll()

    def log_text(self) -> str:
        """Return its log, from the beginning."""
        return self._log.read_text(errors="replace")

    def tail(self) -> str:
        """Return the last lines of its log, in one line."""
        lines = self.log_text().split("\n")
        return " | ".join([line.strip() for line in lines if line.strip()][-TAIL_LINES:])

    def require_alive(self) -> None:
        """Raise TrialError if it has ended, with the last lines of its log."""
        if self.exit_code is not None:
            raise TrialError(
                f"{self.name} ended with code {self.exit_code}: {self.tail() or 'its log is empty'}"
                f" (log: {self._log})"
            )

    def say(self, line: str) -> None:
        """Write one line to its standard input."""
        if self._popen.stdin is not None:
            self._popen.stdin.write(f"{line}\n".encode())
            self._popen.stdin.flush()

    def wait(self, timeout_s: float) -> int:
        """Return its exit code; TrialError if it still runs after the timeout."""
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise TrialError(
                f"{self.name} still runs after {timeout_s:.0f} s (log: {self._log})"
            ) from error

    def signal(self, number: Signals) -> None:
        """Send a signal to the process alone."""
        if self.exit_code is None:
            self._popen.send_signal(number)

    def tree(self) -> list[psutil.Process]:
        """Return the process and its descendants that are alive."""
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        return []

    def kill(self) -> None:
        """End the process and its family at once."""
        self._kill(self.tree())

    def stop(self, grace_s: float) -> bool:
        """Ask it to end, and kill what is left of its family after the grace period.

        Return whether nothing was left.
        """
        tree = self.tree()
        self.signal(Signals.SIGTERM)
        _, left = psutil.wait_procs(tree, grace_s)
        self._kill(tree)
        return not left

    def freeze(self) -> list[int]:
        """Stop it and its descendants where they are; return their ids, none if one goes on."""
        tree = self.tree()
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        return [process.pid for process in tree] if all(map(has_stopped, tree)) else []

    def thaw(self) -> list[int]:
        """Let it and its descendants go on; return their ids."""
        tree = self.tree()
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.resume()
        return [process.pid for process in tree]

    def _kill(self, tree: Sequence[psutil.Process]) -> None:
        """Kill the tree, then whoever was born while that went on and is nobody's child now."""
        left = list(tree)
        deadline_s = time.monotonic() + KILL_WAIT_S
        while left and time.monotonic() < deadline_s:
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            while any(map(lives, left)) and time.monotonic() < deadline_s:
                time.sleep(POLL_S)
            left = marked(self._family, FAMILY)
        self._close()

    def _close(self) -> None:
        self._popen.wait(KILL_WAIT_S)
        if self._popen.stdin is not None:
            with suppress(BrokenPipeError):
                self._popen.stdin.close()


def until(
    what: str,
    condition: Callable[[], bool],
    timeout_s: float,
    children: Sequence[Part],
    poll_s: float = POLL_S,
) -> None:
    """Poll until the condition holds; TrialError if a child dies or the time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        for child in children:
            child.require_alive()
        if time.monotonic() > deadline_s:
            logs = "; ".join(f"{child.name}: {child.tail()}" for child in children)
            raise TrialError(f"{what} did not happen within {timeout_s:.0f} s ({logs})")
        time.sleep(poll_s)
