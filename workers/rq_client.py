"""RQ's queue and its connection to Redis, made as RQ's documentation makes them."""

from rq import Queue
from rq.serializers import JSONSerializer

from after202.kernel.model import Wiring
from workers.redis_client import connection

__all__ = ["connection", "queue_of"]


def queue_of(wiring: Wiring) -> Queue:
    """Return a trial's queue, whose messages are JSON."""
    client = connection(wiring.broker_url)
    return Queue(wiring.queue, connection=client, serializer=JSONSerializer)
