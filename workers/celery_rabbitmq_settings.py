"""What Celery's variants on RabbitMQ set, and why."""

from after202.kernel.model import Setting, Wiring
from workers.celery_settings import CAREFUL_CONF, Conf, shared_settings

DELIVERY_LIMIT, TIMEOUT_S = 20, 5
USING = "docs.celeryq.dev, Using RabbitMQ"
# A worker's connection ends with it, and the server hands its messages to the next one at once.
REDELIVERY_S = 1.0

TRANSIENT_CONF: Conf = {
    "task_default_delivery_mode": (
        "transient",
        "messages are not written to disk: faster, and gone if the broker restarts",
    ),
}
HARDENED_CONF: Conf = {
    **CAREFUL_CONF,
    "broker_transport_options": (
        {"confirm_publish": True, "read_timeout": TIMEOUT_S, "write_timeout": TIMEOUT_S},
        (
            "the broker confirms that it has stored a message before the API answers; one that"
            " hangs is an error, not a wait"
        ),
    ),
}
QUORUM = (
    Setting(
        name="x-queue-type",
        value="quorum",
        why="each message is in a log on disk before it is confirmed, and the queue counts how"
        " often it was delivered; on several nodes it survives the loss of one",
        source=f"{USING}, Using Quorum Queues; rabbitmq.com/docs/quorum-queues",
    ),
    Setting(
        name="x-delivery-limit",
        value=str(DELIVERY_LIMIT),
        why="a message whose job ends its process each time would be delivered for ever (unlimited"
        " before RabbitMQ 4, where this is the default)",
        source="rabbitmq.com/docs/quorum-queues, Poison Message Handling",
    ),
    Setting(
        name="x-dead-letter-exchange, x-dead-letter-routing-key",
        value="the default exchange, a queue of its own",
        why="what reaches the limit is kept where somebody can look at it; without, it is dropped",
        source="rabbitmq.com/docs/dlx",
    ),
    Setting(
        name="task_default_exchange_type",
        value="topic",
        why="Celery delays tasks on quorum queues by way of topic exchanges",
        source=f"{USING}, Native Delayed Delivery",
    ),
)


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants on RabbitMQ share."""
    return shared_settings(wiring)
