"""Celery on RabbitMQ: the same tasks and the same pool of processes as on Redis."""

from dataclasses import replace
from typing import Any

from celery import bootsteps
from kombu import Exchange, Queue

from after202.kernel.model import Look, Wiring
from workers import celery_rabbitmq_held, celery_tasks
from workers.celery_rabbitmq_settings import (
    DELIVERY_LIMIT,
    HARDENED_CONF,
    QUORUM,
    REDELIVERY_S,
    TRANSIENT_CONF,
)
from workers.celery_settings import GRACE, GROUP, REMAP, RETRIED
from workers.celery_tasks import (
    FAILURE_LOGGED,
    FOREIGN_MESSAGE,
    Setup,
    app,
    perform_job,
    perform_once_or_retry,
    perform_or_retry,
    perform_step,
)
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE
from workers.settings import settings

__all__ = ["FAILURE_LOGGED", "FOREIGN_MESSAGE"]

DOCUMENTED = Setup(perform_step, REDELIVERY_S, {})
ONE_TASK = Setup(perform_job, REDELIVERY_S, {}, (ONE_MESSAGE,))
GROUPED = Setup(perform_step, REDELIVERY_S, {}, (GROUP,))
TRANSIENT = Setup(perform_step, REDELIVERY_S, TRANSIENT_CONF)
HARDENED = Setup(
    perform_or_retry,
    REDELIVERY_S,
    HARDENED_CONF,
    (*QUORUM, RETRIED, GRACE),
    (REMAP,),
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = replace(
    HARDENED, task=perform_once_or_retry, more=(*QUORUM, RETRIED, GRACE, CLAIMED)
)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_TASK,
    "batched": GROUPED,
    "transient": TRANSIENT,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


class DeadLetters(bootsteps.StartStopStep):
    """Declares the queue of what reached the limit, whenever a worker has connected."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        """Declare it."""
        name = celery_rabbitmq_held.dead(settings().queue)
        Queue(name, durable=True)(parent.connection.default_channel).queue_declare()


def quorum(name: str) -> Queue:
    """Return the declaration of a quorum queue that sets aside what it delivered too often."""
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": celery_rabbitmq_held.dead(name),
    }
    exchange = Exchange(name, type="topic")
    return Queue(name, exchange, routing_key=name, queue_arguments=arguments)


def configuration(wiring: Wiring) -> dict[str, Any]:
    """Return Celery's configuration for a variant on a broker and a queue."""
    setup = SETUPS[wiring.variant].overridden(wiring.overrides)
    conf = {name: value for name, (value, _) in setup.conf.items()}
    if set(QUORUM) <= set(setup.more):
        conf["task_queues"] = [quorum(wiring.queue)]
    return {
        "broker_url": wiring.broker_url,
        "task_default_queue": wiring.queue,
        "event_queue_prefix": wiring.queue,
        **conf,
    }


def connect(wiring: Wiring) -> None:
    """Point this process's app at the broker and the queue, configured for its variant."""
    app.conf.update(configuration(wiring))


def run() -> None:
    """Work until told to stop."""
    own = settings()
    if set(QUORUM) <= set(SETUPS[own.variant].more):
        app.steps["consumer"].add(DeadLetters)
    celery_tasks.work(configuration(own), SETUPS[own.variant], own)


def is_heard_of() -> bool:
    """Return whether this host's worker answers a ping."""
    return celery_tasks.is_heard_of(configuration(settings()))


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in the queue, taken or not, and those that were set aside as failed.

    None if the broker does not answer, or has just started and does not know its messages yet. What
    has not arrived at the broker is not seen: a message that was published without confirmation
    may still be on its way.
    """
    return celery_rabbitmq_held.look(wiring)
