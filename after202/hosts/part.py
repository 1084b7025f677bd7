"""A part of the system under test, as those see it who start, watch and strike it."""

from typing import Protocol

import psutil


class Part(Protocol):
    """The processes of one role: a child of ours with its descendants, or containers."""

    name: str

    @property
    def mains(self) -> list[str]:
        """How a signal to the main processes alone is noted."""

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
        """End every process of it at once."""

    def stop(self, grace_s: float) -> bool:
        """Ask it to end, and kill what is left after the grace; return whether nothing was."""

    def freeze(self) -> list[int]:
        """Stop every process where it is; return their ids, none if one goes on."""

    def thaw(self) -> list[int]:
        """Let every process go on; return their ids."""
