"""Procrastinate: one worker process runs several jobs at a time on its event loop."""

from dataclasses import dataclass, replace
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.jobs import Status

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform_async, perform_once
from workers.procrastinate_settings import (
    ATTEMPTS,
    CRON,
    DEFAULT_OPTIONS,
    DEFER_MANY,
    GRACE,
    HARDENED_OPTIONS,
    HARDENED_POOL,
    REDELIVERY_S,
    RETRIED,
    STALLED,
    STALLED_S,
    TRANSACTIONAL,
    Options,
    settings_of,
)
from workers.settings import settings
from workers.workloads import load

__all__ = ["FOREIGN_MESSAGE", "held", "is_heard_of", "run"]

# The worker logs this when it fetches a job of a task that is not ours.
FOREIGN_MESSAGE = "Task was not found"
LOOK_S = 3
Task = Any  # a task's type holds the parameters of its function

# Which server it uses is known when a process starts: see `connected`.
app = App(connector=PsycopgConnector())


@app.task
async def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    await perform_async(Job.model_validate(message), step)


@app.task
async def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message, one after the other."""
    job = Job.model_validate(message)
    for step in range(len(load(job.workload).steps)):
        await perform_async(job, step)


@app.task(retry=ATTEMPTS)
async def perform_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message, and retry it if it raises."""
    await perform_async(Job.model_validate(message), step)


@app.task(retry=ATTEMPTS)
def perform_once_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step unless it is already done, and retry it if it raises.

    It is no coroutine, so the worker calls it in a thread: the claim's transaction blocks.
    """
    perform_once(Job.model_validate(message), step)


async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - given to all periodic tasks
    """Have jobs of dead workers done again; one that was begun too often has failed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        if job.attempts < ATTEMPTS:
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)


@dataclass(frozen=True)
class Setup:
    """One way to set Procrastinate up: the task for a step, or a job, and the worker's options.

    `pool` are options of the API's connection pool, and `more` all other settings. With
    `in_transaction` a job is committed with its request's own row.
    """

    task: Task
    options: Options
    pool: Options
    more: tuple[Setting, ...] = ()
    is_hardened: bool = False
    in_transaction: bool = False

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*settings_of(self.options), *settings_of(self.pool), *self.more)

    @property
    def redelivery_s(self) -> float | None:
        """How long a dead worker's job waits at most; None if it stays where it is."""
        return REDELIVERY_S if self.is_hardened else None

    @property
    def stop_grace_s(self) -> float | None:
        """How long a deploy waits for the worker."""
        return STOP_GRACE_S if self.is_hardened else None


def hardened(task: Task, *more: Setting) -> Setup:
    """Return a hardened setup."""
    settings = (RETRIED, *STALLED, GRACE, *more)
    return Setup(task, HARDENED_OPTIONS, HARDENED_POOL, settings, is_hardened=True)


SETUPS = {
    "documented": Setup(perform_step, DEFAULT_OPTIONS, {}),
    "one_message": Setup(perform_job, DEFAULT_OPTIONS, {}, (ONE_MESSAGE,)),
    "batched": Setup(perform_step, DEFAULT_OPTIONS, {}, (DEFER_MANY,)),
    "hardened": hardened(perform_or_retry),
    "deduplicated": hardened(perform_once_or_retry, CLAIMED),
    "transactional": replace(hardened(perform_or_retry, *TRANSACTIONAL), in_transaction=True),
}


def connector(wiring: Wiring, **pool: Any) -> PsycopgConnector:
    """Return a connector to a trial's server, with these options of its pool."""
    return PsycopgConnector(conninfo=wiring.broker_url, **pool)


def prepare(wiring: Wiring) -> None:
    """Create Procrastinate's tables, types and functions, as `procrastinate schema --apply`.

    That fails where they are, so it is done once.
    """
    with app.replace_connector(connector(wiring)), app.open():
        if not app.check_connection():
            app.schema_manager.apply_schema()


def run() -> None:
    """Work until told to stop."""
    own = settings()
    setup = SETUPS[own.variant]
    if setup.is_hardened:
        task = app.task(queueing_lock="retry_stalled", pass_context=True)(retry_stalled)
        app.periodic(cron=CRON)(task)
    options = {name: value for name, (value, _) in setup.options.items()}
    with app.replace_connector(connector(own)):
        app.run_worker(concurrency=own.slots, **options)


def is_heard_of() -> bool:
    """Return whether a worker has told of itself, as it does every ten seconds."""
    query = "SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 s'"
    with psycopg.connect(settings().broker_url, connect_timeout=LOOK_S) as connection:
        return bool(connection.execute(query).fetchall())


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in Procrastinate's table that are to be done, and those that have failed.

    None if the server does not answer. The periodic task's own jobs are none of ours.
    """
    query = (
        "SELECT args -> 'message' ->> 'id', status::text, count(*) FROM procrastinate_jobs"
        " WHERE status <> 'succeeded' AND queueing_lock IS DISTINCT FROM 'retry_stalled'"
        " GROUP BY 1, 2"
    )
    try:
        with psycopg.connect(
            wiring.broker_url, connect_timeout=LOOK_S, application_name=HARNESS
        ) as connection:
            rows = connection.execute(query).fetchall()
    except psycopg.OperationalError:
        return None
    known = [(job, status) for job, status, _ in rows if job]
    waiting = {Status.TODO.value, Status.DOING.value}
    return Look(
        held={job: status for job, status in known if status in waiting},
        failed={job: status for job, status in known if status not in waiting},
        unread=sum(count for job, status, count in rows if not job and status in waiting),
    )
