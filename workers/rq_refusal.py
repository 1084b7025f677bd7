"""Keeps RQ's workers from calling functions that are not ours.

RQ imports whatever function, callback and webhook a message names. Whoever can write to the broker
could therefore have a worker run any code, whatever the serializer is.
"""

from typing import Any

from rq.job import Job as Message

OWN = frozenset(
    f"workers.rq_queue.{name}" for name in ("perform_step", "perform_step_once", "perform_job")
)


class ForeignMessageError(Exception):
    """A message asks for a function that is not ours; its job fails."""


class OwnMessage(Message):
    """A message whose function must be ours, and whose callbacks and webhooks are ignored."""

    success_callback = None
    failure_callback = None
    stopped_callback = None

    @property
    def func(self) -> Any:
        """Return the function; ForeignMessageError if it is not ours."""
        if self.instance is not None or self.func_name not in OWN:
            raise ForeignMessageError(f"a message asks for {self.func_name!r}")
        return super().func

    def send_webhooks(self, *_: Any, **__: Any) -> None:
        """Send nothing."""
