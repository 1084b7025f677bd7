"""Celery on RabbitMQ: one message per step goes to a queue there; worker processes do the work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from after202.kernel.model import Wiring
from apps.celery_queue import enqueue_group, enqueue_job, variant
from apps.strategy import Strategy
from workers import celery_rabbitmq
from workers.celery_rabbitmq import (
    DEDUPLICATED,
    DOCUMENTED,
    GROUPED,
    HARDENED,
    ONE_TASK,
    TRANSIENT,
)
from workers.celery_rabbitmq_settings import common_settings


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Point the client at the trial's broker and queue while the API runs."""
    celery_rabbitmq.connect(wiring)
    yield


STRATEGY = Strategy(
    label="Celery on RabbitMQ",
    broker="rabbitmq",
    message_cpu_s=0.003,
    settings=common_settings,
    running=running,
    documented=variant(DOCUMENTED),
    one_message=variant(ONE_TASK, enqueue_job),
    batched=variant(GROUPED, enqueue_group),
    transient=variant(TRANSIENT),
    hardened=variant(HARDENED),
    deduplicated=variant(DEDUPLICATED),
)
