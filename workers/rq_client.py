"""RQ's queue and its connection to Redis, made as RQ's documentation makes them."""

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from after202.kernel.model import NO_BROKER, Wiring


def connection(broker_url: str) -> Redis:
    """Return the client that `Redis(host=..., port=...)` is, for any kind of address.

    `Redis.from_url` alone never retries. That is all in which it differs from `Redis()`, which RQ's
    documentation uses.
    """
    documented = Redis()
    if broker_url == NO_BROKER:
        return documented
    return Redis.from_url(broker_url, retry=documented.get_retry())


def queue_of(wiring: Wiring) -> Queue:
    """Return a trial's queue, whose messages are JSON."""
    client = connection(wiring.broker_url)
    return Queue(wiring.queue, connection=client, serializer=JSONSerializer)
