"""RQ 2: what RQ 3's worker does, in an environment of its own with the older version."""

from workers import rq_queue
from workers.rq_queue import FOREIGN_MESSAGE, forget, held, is_heard_of

__all__ = ["FOREIGN_MESSAGE", "forget", "held", "is_heard_of", "run"]


def run() -> None:
    """Work until told to stop."""
    rq_queue.run()
