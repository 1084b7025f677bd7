"""Looks for strangers on a trial's broker: a foreign consumer looks exactly like lost work."""

import threading
import time
from typing import TYPE_CHECKING, Self

from after202.kernel.model import StrategyFacts
from after202.records.experiment import Role
from after202.stacks.interface import Stack

if TYPE_CHECKING:
    from after202.brokers.interface import Client

INTERVAL_S = 1.0
AGAIN_S = 0.2


class Lookout:
    """Looks at the broker's clients once a second, and at the end.

    A client counts only if two looks in a row see it, because our own may connect or leave in
    between. Finding out whose it is costs processor time, so each is looked up only once.
    """

    def __init__(self, stack: Stack, facts: StrategyFacts) -> None:
        """Watch a stack that is up; looking begins on entry."""
        self._stack = stack
        self._facts = facts
        self._found: set[Client] = set()
        self._before: set[Client] = set()
        self._ours: set[Client] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join()

    def reasons(self) -> list[str]:
        """Look once more, and return why the trial cannot be trusted: strangers, foreign messages.

        If there were strangers, nothing is deleted from a user's own broker.
        """
        self._look()
        time.sleep(AGAIN_S)
        self._look()
        if self._found:
            self._stack.spare_broker()
        return [
            *map(_reason, sorted(client.address for client in self._found)),
            *self._foreign_messages(),
        ]

    def _repeat(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            self._look()

    def _look(self) -> None:
        now = set(self._stack.clients())
        lasting = (now & self._before) - self._ours
        if lasting:
            strangers = self._stack.strangers(lasting)
            self._found |= strangers
            self._ours |= lasting - strangers
        self._before = now

    def _foreign_messages(self) -> list[str]:
        worker, message = self._stack.roles.get(Role.WORKER), self._facts.foreign_message
        if worker is not None and message and message in worker.log_text():
            return ["the worker was sent a task that is not ours"]
        return []


def _reason(address: str) -> str:
    return f"a client that is not ours is on the broker, from {address}"
