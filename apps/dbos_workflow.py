"""DBOS: a durable workflow in the API's process; PostgreSQL keeps which of its steps are done."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job, Setting, Wiring
from apps.dbos_settings import (
    ATTEMPTS,
    HARDENED,
    INTERVAL_S,
    POLLING_S,
    REDELIVERY_S,
    RUNNING,
    SHUTDOWN_S,
    common_settings,
)
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, perform, perform_once
from workers.settings import settings

NAME, QUEUE = "after202", "jobs"
retried: dict[str, Any] = {
    "retries_allowed": True,
    "max_attempts": ATTEMPTS,
    "interval_seconds": INTERVAL_S,
}
Message = dict[str, Any]


@DBOS.step()
def perform_step(message: Message, step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


@DBOS.step(**retried)
def perform_or_retry(message: Message, step: int) -> None:
    """Do one step of the job in the message, and retry it if it raises."""
    perform(Job.model_validate(message), step)


@DBOS.step(**retried)
def perform_once_or_retry(message: Message, step: int) -> None:
    """Do one step of the job unless it is already done, and retry it if it raises."""
    perform_once(Job.model_validate(message), step)


def in_turn(message: Message, do: Callable[[Message, int], None]) -> None:
    """Do every step, one after the other; a recovered workflow skips those that are recorded."""
    for step in range(len(workloads.load(message["workload"]).steps)):
        do(message, step)


@DBOS.workflow()
def perform_job(message: Message) -> None:
    """Do every step of the job in the message."""
    in_turn(message, perform_step)


@DBOS.workflow(max_recovery_attempts=ATTEMPTS)
def perform_job_or_retry(message: Message) -> None:
    """Do every step of the job in the message, and retry those that raise."""
    in_turn(message, perform_or_retry)


@DBOS.workflow(max_recovery_attempts=ATTEMPTS)
def perform_job_once(message: Message) -> None:
    """Do every step of the job in the message unless it is already done."""
    in_turn(message, perform_once_or_retry)


@dataclass(frozen=True)
class Setup:
    """One way to set DBOS up: the workflow, and whether it goes through a queue."""

    workflow: Callable[[Message], None]
    more: tuple[Setting, ...]
    is_queued: bool = False
    stop_grace_s: float | None = None

    @property
    def shutdown_s(self) -> int:
        """How long the API waits for its workflows before it ends."""
        return SHUTDOWN_S if self.stop_grace_s else 0


SETUPS = {
    "documented": Setup(perform_job, ()),
    "hardened": Setup(perform_job_or_retry, HARDENED, is_queued=True, stop_grace_s=STOP_GRACE_S),
    "deduplicated": Setup(
        perform_job_once, (*HARDENED, CLAIMED), is_queued=True, stop_grace_s=STOP_GRACE_S
    ),
}


def variant(setup: Setup) -> Variant:
    """Return the variant that a setup describes; the workflow is stored before the answer."""
    keep = enqueue if setup.is_queued else start

    async def submit(job: Job, _: BackgroundTasks) -> None:
        # In a thread, because DBOS's methods for workflows that are no coroutines block.
        await run_in_threadpool(keep, setup, job)

    return Variant(
        submit,
        settings=setup.more,
        redelivery_s=REDELIVERY_S,
        stop_grace_s=setup.stop_grace_s,
    )


def start(setup: Setup, job: Job) -> None:
    """Start the job's workflow in a thread of this process; its id is the job's."""
    with SetWorkflowID(str(job.id)):
        DBOS.start_workflow(setup.workflow, job.model_dump(mode="json"))


def enqueue(setup: Setup, job: Job) -> None:
    """Put the job's workflow into the queue, from which this process takes it."""
    client().enqueue(
        {
            "workflow_name": setup.workflow.__qualname__,
            "queue_name": QUEUE,
            "workflow_id": str(job.id),
        },
        job.model_dump(mode="json"),
    )


@cache
def client() -> DBOSClient:
    """Return this process's client, which raises if the database is away."""
    return DBOSClient(
        system_database_url=settings().broker_url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=NAME,
        retry_connection_errors=False,
    )


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Recover what an earlier process left, and run workflows while the API runs."""
    setup = SETUPS[wiring.variant]
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": wiring.broker_url,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    if setup.is_queued:
        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=RUNNING, polling_interval_sec=POLLING_S
        )
        client()
    try:
        yield
    finally:
        await run_in_threadpool(DBOS.destroy, workflow_completion_timeout_sec=setup.shutdown_s)


STRATEGY = Strategy(
    label="DBOS",
    broker="postgres",
    settings=common_settings,
    running=running,
    documented=variant(SETUPS["documented"]),
    hardened=variant(SETUPS["hardened"]),
    deduplicated=variant(SETUPS["deduplicated"]),
)
