"""Looks for strangers on a trial's broker: a foreign consumer looks exactly like lost work."""

import time

from after202.kernel.model import StrategyFacts
from after202.records.experiment import Role
from after202.stacks.interface import Stack

AGAIN_S = 0.2


def found(stack: Stack, facts: StrategyFacts) -> list[str]:
    """Return why the trial cannot be trusted: strangers on its broker, or foreign messages.

    A stranger must be seen twice, because one of our own clients may connect or leave while we
    look.
    """
    strangers = stack.strangers()
    if strangers:
        time.sleep(AGAIN_S)
        strangers &= stack.strangers()
    reasons = [f"a client that is not ours is on the broker, from {name}" for name in strangers]
    worker = stack.roles.get(Role.WORKER)
    if worker is not None and facts.foreign_message and facts.foreign_message in worker.log_text():
        reasons.append("the worker was sent a task that is not ours")
    return reasons
