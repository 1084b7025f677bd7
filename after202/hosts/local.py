"""Child processes of this machine, each in its own session, pinned and logged."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from signal import Signals
from typing import Any
from uuid import uuid4

import psutil

from after202.hosts.part import Launch, Part
from after202.hosts.processes import FAMILY, has_stopped, lives, marked, pinned
from after202.kernel.errors import TrialError

TAIL_LINES = 5
POLL_S = 0.01
KILL_WAIT_S = 5.0
NOBODY = 65534
_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}


class Child:
    """A running child process."""

    def __init__(self, launch: Launch) -> None:
        """Start the process; its output goes to its log."""
        self.name = launch.name
        self._log = launch.log
        self._stop_signal = launch.stop_signal
        self._family = uuid4().hex
        identity: dict[str, Any] = _NOBODY if launch.as_nobody else {}
        with launch.log.open("ab") as log, pinned(launch.cpus):
            self._popen: subprocess.Popen[bytes] = subprocess.Popen(
                launch.command,
                stdin=subprocess.PIPE if launch.stdin_pipe else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=launch.folder,
                env={**os.environ, **launch.environment, FAMILY: self._family},
                start_new_session=True,
                **identity,
            )

    @property
    def pid(self) -> int:
        """The id of the process, which is also its session's id."""
        return self._popen.pid

    @property
    def mains(self) -> list[str]:
        """The process id, as written in a mark."""
        return [str(self.pid)]

    @property
    def stop_signal(self) -> str:
        """The name of the signal that asks it to end: TERM, unless its launch named another."""
        return self._stop_signal.name.removeprefix("SIG")

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
        """Kill the process and its descendants immediately."""
        self._kill(self.tree())

    def stop(self, grace_s: float) -> bool:
        """Ask it to end; after the grace period, kill what is left of it and its descendants.

        Return whether nothing was left to kill.
        """
        tree = self.tree()
        self.signal(self._stop_signal)
        _, left = psutil.wait_procs(tree, grace_s)
        self._kill(tree)
        return not left

    def freeze(self) -> list[int]:
        """Stop it and its descendants; return their ids, or none if one of them still runs."""
        tree = self.tree()
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        return [process.pid for process in tree] if all(map(has_stopped, tree)) else []

    def thaw(self) -> list[int]:
        """Continue it and its descendants; return their ids."""
        tree = self.tree()
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.resume()
        return [process.pid for process in tree]

    def confine(self, spare_bytes: int) -> None:
        """Limit each process's address space to what it has and so much more (RLIMIT_AS)."""
        for process in self.tree():
            with suppress(psutil.NoSuchProcess):
                limit = process.memory_info().vms + spare_bytes
                process.rlimit(psutil.RLIMIT_AS, (limit, limit))

    def _kill(self, tree: Sequence[psutil.Process]) -> None:
        """Kill the tree, then orphans: born meanwhile, or left by a child that has ended."""
        left = list(tree) or marked(self._family, FAMILY)
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
    """Poll until the condition holds; TrialError if a child ends first or the time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        for child in children:
            child.require_alive()
        if time.monotonic() > deadline_s:
            logs = "; ".join(f"{child.name}: {child.tail()}" for child in children)
            raise TrialError(f"{what} did not happen within {timeout_s:.0f} s ({logs})")
        time.sleep(poll_s)
