"""What Procrastinate's variants set, which of its defaults their figures depend on, and why."""

import inspect
from collections.abc import Mapping

from procrastinate import PsycopgConnector
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool

from after202.kernel.model import Setting, Wiring
from workers.grace import STOP_GRACE_S, long_grace
from workers.one_transaction import one_transaction

# Options by name, each with its value and why it is so.
Options = Mapping[str, tuple[float, str]]
DEFAULTS = inspect.signature(Worker).parameters
POOL_DEFAULTS = inspect.signature(AsyncConnectionPool).parameters

ATTEMPTS = 3
HEARTBEAT_S, STALLED_S, CHECKED_S = 2.0, 10.0, 5
# Five fields of a cron line, and Procrastinate's sixth: seconds.
CRON = f"* * * * * */{CHECKED_S}"
# The last heartbeat becomes too old, the next check comes, and its own job is fetched and done.
REDELIVERY_S = STALLED_S + CHECKED_S + 1.0
STALLED_DOC = "procrastinate.readthedocs.io, How-to, Retry stalled jobs"
POOL_S = 5.0
SHUTDOWN_S = STOP_GRACE_S - 5.0
SOURCES = {
    "update_heartbeat_interval": STALLED_DOC,
    "stalled_worker_timeout": STALLED_DOC,
    "shutdown_graceful_timeout": "procrastinate.readthedocs.io, How-to, Shutdown a worker",
    "timeout": "psycopg.org/psycopg3/docs/api/pool, ConnectionPool",
}

DEFAULT_OPTIONS: Options = {}
HARDENED_OPTIONS: Options = {
    "update_heartbeat_interval": (
        HEARTBEAT_S,
        (
            "a worker tells this often that it lives; several heartbeats may be late before its"
            " jobs are taken for stalled"
        ),
    ),
    "stalled_worker_timeout": (
        STALLED_S,
        (
            "a worker that starts forgets others that were silent for this long; to be set with the"
            " time after which their jobs are retried"
        ),
    ),
    "shutdown_graceful_timeout": (
        SHUTDOWN_S,
        (
            "on TERM a worker waits this long for its jobs, then cancels them, which puts them back"
            " into the queue because they are retried; by default it waits without a limit, and"
            " what KILL cuts short stays `doing`"
        ),
    ),
}
# The API's alone: a worker may wait for its server as long as it likes.
HARDENED_POOL: Options = {
    "timeout": (
        POOL_S,
        (
            "a request that gets no connection within this time is answered with an error, instead"
            f" of after {POOL_DEFAULTS['timeout'].default:g} s"
        ),
    ),
}


def settings_of(options: Options) -> tuple[Setting, ...]:
    """Return options as settings."""
    return tuple(
        Setting(name=name, value=f"{value:g} s", why=why, source=SOURCES[name])
        for name, (value, why) in options.items()
    )


RETRIED = Setting(
    name="retry",
    value=str(ATTEMPTS),
    why="a job that raises is retried at once, this many times; by default it has failed",
    source="procrastinate.readthedocs.io, How-to, Define a retry strategy on a task",
)
STALLED = (
    Setting(
        name="retry_stalled (periodic task)",
        value=f"every {CHECKED_S} s, after {STALLED_S:g} s without a heartbeat",
        why="nothing else brings back the jobs of a worker that was killed: they stay `doing` for"
        " ever; the documentation's example looks every ten minutes, after 30 s of silence",
        source=STALLED_DOC,
    ),
    Setting(
        name="retry_stalled: attempts",
        value=str(ATTEMPTS),
        why="a job that kills its worker each time has failed after this many, as after as many"
        " exceptions; the documentation's example retries it without end",
        source=f"{STALLED_DOC}; procrastinate/manager.py, JobManager.finish_job",
    ),
)
GRACE = long_grace("on TERM a worker waits for its jobs", SOURCES["shutdown_graceful_timeout"])
DEFER_MANY = Setting(
    name="batch_defer_async",
    value="the job's steps in one call",
    why="the steps are inserted by one statement, all or none; each is fetched and retried on its"
    " own",
    source="procrastinate.readthedocs.io, How-to, Defer multiple jobs at once",
)


TRANSACTIONAL = one_transaction("procrastinate/tasks.py, Task.configure, connection")


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="concurrency",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue; one process runs this many jobs on"
            f" its event loop (default: {DEFAULTS['concurrency'].default})",
            source="procrastinate.readthedocs.io, How-to, Execute multiple jobs at the same time",
        ),
        Setting(
            name="connector",
            value=PsycopgConnector.__name__,
            why="a pool of connections, each of which is checked before it is used",
            source="procrastinate/psycopg_connector.py, PsycopgConnector._create_pool",
            is_default=True,
        ),
        Setting(
            name="max_size",
            value=str(POOL_DEFAULTS["min_size"].default),
            why="how many connections a process's pool has: as many as its `min_size`",
            source="psycopg.org/psycopg3/docs/api/pool, ConnectionPool",
            is_default=True,
        ),
        Setting(
            name="listen_notify",
            value=str(DEFAULTS["listen_notify"].default),
            why="an idle worker hears of a new job as it is inserted; without, it would look every"
            f" {DEFAULTS['fetch_job_polling_interval'].default:g} s",
            source="procrastinate/worker.py, Worker",
            is_default=True,
        ),
        Setting(
            name="delete_jobs",
            value="never",
            why="jobs that are done stay in the table, which grows with each",
            source="procrastinate/worker.py, Worker; How-to, Delete finished jobs",
            is_default=True,
        ),
        Setting(
            name="lock",
            value="the job's id, if its steps are ordered",
            why="jobs with the same lock run one at a time, in the order in which they were"
            " deferred; one that has failed does not hold up those behind it",
            source="procrastinate.readthedocs.io, How-to, Ensure jobs run sequentially",
        ),
    )
