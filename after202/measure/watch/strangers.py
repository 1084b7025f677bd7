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
# Enough for a stranger that has just come: seen, seen again, and looked up twice.
LOOKS, AGAIN_S = 3, 0.2


class Lookout:
    """Looks at the broker's clients once a second, and at the end.

    Finding out whose a client is costs processor time, so only one that two looks in a row saw is
    looked up, and once it is known to be ours, never again. One of ours may end before it is looked
    up. A stranger is therefore a client that was looked up in vain in two looks in a row.
    """

    def __init__(self, stack: Stack, facts: StrategyFacts) -> None:
        """Watch a stack that is up; looking begins on entry."""
        self._stack = stack
        self._facts = facts
        self._found: set[Client] = set()
        self._before: set[Client] = set()
        self._ours: set[Client] = set()
        self._suspected: set[Client] = set()
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
        """Look until every client is known, and return why the trial cannot be trusted.

        That is strangers, and messages that are not ours. If there were strangers, nothing is
        deleted from a user's own broker.
        """
        for _ in range(LOOKS):
            self._look()
            if self._before <= self._ours:
                break
            time.sleep(AGAIN_S)
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
        suspected = self._stack.strangers(lasting) if lasting else set()
        self._found |= suspected & self._suspected
        self._ours |= lasting - suspected
        self._before, self._suspected = now, suspected

    def _foreign_messages(self) -> list[str]:
        worker, message = self._stack.roles.get(Role.WORKER), self._facts.foreign_message
        if worker is not None and message and message in worker.log_text():
            return ["the worker was sent a task that is not ours"]
        return []


def _reason(address: str) -> str:
    return f"a client that is not ours is on the broker, from {address}"
