"""Restarts parts that ended, as a service supervisor would, and notes what happened and when."""

import time
from contextlib import suppress

from after202.kernel.errors import TrialError
from after202.measure.watch.progress import Progress
from after202.records.experiment import Role
from after202.records.trial_record import Mark
from after202.stacks.interface import Stack
from loadtests import faults

EXITED, STARTED, ANSWERS = "ended by itself", "started", "answers"


class Supervisor:
    """Looks after the parts of a stack; a part brought down on purpose stays down."""

    def __init__(self, stack: Stack, progress: Progress) -> None:
        """Keep the stack to look after; nothing happens before the first look."""
        self.marks: list[Mark] = []
        self._stack = stack
        self._progress = progress
        self._down: set[Role] = set()
        self._restart_at_s: dict[Role, float] = {}
        self._awaited: set[Role] = set()
        self._starts_before = -1

    def bring_down(self, role: Role) -> None:
        """Do not restart a part that is about to be ended, until `start` is called for it."""
        self._down.add(role)

    def start(self, role: Role) -> None:
        """Start a part again, on the same data."""
        self._stack.start(role)
        self.mark(role, STARTED)
        self._down.discard(role)
        self._awaited.add(role)
        if role is self._worker:
            self._starts_before = self._progress.started_steps()

    @property
    def _worker(self) -> Role:
        """The part that does the work: the API if there is no other."""
        return Role.WORKER if Role.WORKER in self._stack.roles else Role.API

    @property
    def is_booting(self) -> bool:
        """Whether what does the work was started again and no step has begun since."""
        return self._progress.started_steps() == self._starts_before

    def look(self) -> None:
        """Restart parts that ended by themselves, after a delay; note which parts answer again.

        TrialError once the run is being stopped.
        """
        if self._stack.is_stopping:
            raise TrialError("the run is being stopped")
        self._note_ended()
        due = [role for role, at_s in self._restart_at_s.items() if at_s <= time.monotonic()]
        for role in due:
            del self._restart_at_s[role]
            with suppress(TrialError):  # it ended again, which the next look will see
                self.start(role)
        for role in [role for role in self._awaited if self._stack.answers(role)]:
            self._awaited.discard(role)
            if role is not Role.WORKER:
                self.mark(role, ANSWERS)

    def mark(self, role: Role, what: str, detail: str = "") -> None:
        """Note, with the present time, what was done to a part or observed of it."""
        at_us = time.monotonic_ns() // 1000
        self.marks.append(Mark(at_us=at_us, role=role, what=what, detail=detail))

    def _note_ended(self) -> None:
        for role, child in self._stack.roles.items():
            ended = role not in self._down and child.exit_code is not None
            if ended and role not in self._restart_at_s:
                self.mark(role, EXITED, f"code {child.exit_code}: {child.tail()}")
                self._restart_at_s[role] = time.monotonic() + faults.DOWN_S
