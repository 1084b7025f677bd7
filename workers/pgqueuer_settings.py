"""What PgQueuer's variants set, which of its defaults their figures depend on, and why."""

from collections.abc import Mapping

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers.grace import long_grace
from workers.one_transaction import one_transaction

# Options of the worker and of a job's retries by name, each with the reason for it.
Conf = Mapping[str, tuple[Scalar, str]]
DOCS = "pgqueuer.readthedocs.io"
TUNING, RELIABILITY = f"{DOCS}, Performance Tuning", f"{DOCS}, Reliability Model"
RETRY, HOLD = f"{DOCS}, Database-Level Retry", f"{DOCS}, Holding Failed Jobs"
RUN = "pgqueuer/core/qm.py, QueueManager.run"

HEARTBEAT, DEQUEUE, RETRIES = "heartbeat_timeout", "dequeue_timeout", "max_attempts"
DEFAULTS: Mapping[str, Scalar] = {HEARTBEAT: 30.0, DEQUEUE: 30.0, RETRIES: 0}
SOURCES = {HEARTBEAT: RUN, DEQUEUE: TUNING, RETRIES: RETRY}
# Its largest batch by default, and how many batches it wants to be able to run at a time.
BATCH, BATCHES = 10, 2
HEARTBEAT_S, DEQUEUE_S, RETRIED_TIMES, FIRST_DELAY_S = 8.0, 2.0, 3, 0.5
ENQUEUE_TIMEOUT_S = 5.0

HARDENED_CONF: Conf = {
    HEARTBEAT: (
        HEARTBEAT_S,
        (
            "in s: a picked job whose heartbeat is older is taken for a dead worker's and picked"
            " again. A live worker beats at half of this"
        ),
    ),
    DEQUEUE: (
        DEQUEUE_S,
        (
            "in s: how long an idle worker waits for a notification before it looks by itself. No"
            " notification tells of a heartbeat that became too old, or of a connection that was"
            " lost, so both are noticed only then"
        ),
    ),
    RETRIES: (
        RETRIED_TIMES,
        (
            "how often a job that raises is put back (DatabaseRetryEntrypointExecutor), first for"
            f" {FIRST_DELAY_S:g} s (initial_delay), then for twice as long: episodes are short. By"
            " default it has failed"
        ),
    ),
}
REDELIVERED = Setting(
    name=f"{HEARTBEAT}, {DEQUEUE}",
    value=f"{DEFAULTS[HEARTBEAT]:g} s, {DEFAULTS[DEQUEUE]:g} s",
    why="a dead worker's job is picked again once its last heartbeat is older than the first; an"
    " idle worker may look only after the second, because nothing notifies it of that",
    source=f"{RUN}; {TUNING}",
    is_default=True,
)
DELETED = Setting(
    name="on_failure",
    value="delete",
    why="a job that raises is deleted from the queue; its log has the exception, but not what the"
    " job was",
    source=HOLD,
    is_default=True,
)
KEPT = Setting(
    name="on_failure",
    value="hold",
    why="a job that has failed stays in the queue's table as `failed`, where somebody finds it and"
    " can put it back",
    source=HOLD,
)
LISTENS = Setting(
    name="shutdown_on_listener_failure",
    value="True",
    why="a worker that no longer gets its own notifications, which it checks every 10 s, ends, and"
    " its supervisor starts it again; by default it goes on, deaf",
    source=f"{TUNING}, NOTIFY Channel and Polling Fallback",
)
ENQUEUED_IN_TIME = Setting(
    name="asyncio.timeout around enqueue",
    value=f"{ENQUEUE_TIMEOUT_S:g} s",
    why="a server that hangs is an error: by default neither a command nor the wait for a free"
    " connection of the pool has a limit",
    source="docs.python.org/3/library/asyncio-task.html; magicstack.github.io/asyncpg, create_pool",
)
GRACE = long_grace("on TERM a worker waits for its jobs without a limit", f"{DOCS}, Deployment")


TRANSACTIONAL = one_transaction(
    f"{DOCS}, When to Use; pgqueuer/adapters/drivers/psycopg.py, PsycopgDriver"
)


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return options as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=SOURCES[name])
        for name, (value, why) in conf.items()
    )


def batch(slots: int) -> int:
    """Return how many jobs are fetched together: half of the slots at most, as PgQueuer wants."""
    return max(1, min(BATCH, slots // BATCHES))


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        _slots(wiring.slots),
        Setting(
            name="batch_size",
            value=str(batch(wiring.slots)),
            why=f"how many jobs are fetched together (default: {BATCH}); PgQueuer refuses more than"
            " half of max_concurrent_tasks. What is done is written as soon as there are this many,"
            " or 0.1 s later, and occupies its slot until then",
            source=f"{TUNING}; pgqueuer/core/buffers.py",
        ),
        Setting(
            name="driver",
            value="AsyncpgPoolDriver in the API, AsyncpgDriver in the worker",
            why="as its checklist says: a pool where jobs are enqueued, one connection where they"
            " are fetched. Not PsycopgDriver, whose wait for notifications holds the connection"
            " that its queries need: each query may wait for a second",
            source=f"{TUNING}, Quick-Reference Checklist; pgqueuer/adapters/drivers/psycopg.py",
        ),
        Setting(
            name="durability",
            value="durable",
            why="all tables are logged; what the server promises for its log holds for each job",
            source=f"{TUNING}, Durability vs. Throughput",
            is_default=True,
        ),
        Setting(
            name="enqueue",
            value="the job's steps in one call",
            why="as in its quick start: one statement inserts a list of jobs, all or none",
            source=f"{DOCS}, Quick Start",
        ),
        Setting(
            name="ordered steps",
            value="one job for all",
            why="PgQueuer has no chains: one job does the steps in turn. It is picked again and"
            " retried as a whole, so steps that were done are done again",
            source=f"{DOCS}, Core Concepts",
        ),
        Setting(
            name="jobs that kill their worker",
            value="picked again without end",
            why="`attempts` counts exceptions alone; PgQueuer's documentation leaves such jobs to"
            " whoever watches the table",
            source=f"{RELIABILITY}, Poison Jobs",
            is_default=True,
        ),
        Setting(
            name="event loop",
            value="uvloop",
            why="as `pgq run` starts it",
            source="pgqueuer/adapters/cli/cli.py",
            is_default=True,
        ),
    )


def _slots(slots: int) -> Setting:
    """Return the setting that makes a worker do no more jobs at a time than there are slots."""
    if slots < BATCHES:
        return Setting(
            name="concurrency_limit",
            value=str(slots),
            why=f"the number of slots, the same for every queue; max_concurrent_tasks is at least"
            f" {BATCHES}. It counts the jobs of all workers, dead ones too",
            source=f"{DOCS}, Concurrency Control",
        )
    return Setting(
        name="max_concurrent_tasks",
        value=str(slots),
        why="the number of slots, the same for every queue; one process runs this many jobs on its"
        " event loop (default: no limit)",
        source=f"{TUNING}, Concurrency Limits",
    )
