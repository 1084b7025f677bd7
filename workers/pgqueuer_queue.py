"""PgQueuer: one worker process runs several jobs from a table of PostgreSQL on its event loop."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import asyncpg
import pgqueuer
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutor
from pgqueuer.queries import Queries

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED
from workers.pgqueuer_held import held
from workers.pgqueuer_jobs import Work, perform, perform_unless_done
from workers.pgqueuer_settings import (
    BATCHES,
    DEFAULTS,
    DELETED,
    DEQUEUE,
    ENQUEUE_TIMEOUT_S,
    ENQUEUED_IN_TIME,
    FIRST_DELAY_S,
    GRACE,
    HARDENED_CONF,
    HEARTBEAT,
    KEPT,
    LISTENS,
    REDELIVERED,
    RETRIES,
    TRANSACTIONAL,
    Conf,
    batch,
    settings_of,
)
from workers.settings import settings

__all__ = ["held", "run"]

ENTRYPOINT = "perform"


@dataclass(frozen=True)
class Setup:
    """One way to set PgQueuer up: what does a message, and the options around it.

    `conf` are the options that a profile may override, and `more` all other settings.
    """

    more: tuple[Setting, ...]
    conf: Conf = field(default_factory=dict)
    work: Work = perform
    is_hardened: bool = False

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*self.more, *settings_of(self.conf))

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return options.overridable(self.conf, DEFAULTS)

    @property
    def redelivery_s(self) -> float:
        """How long a dead worker's job waits: until its heartbeat is old, and a worker looks."""
        return float(self.overridable[HEARTBEAT]) + float(self.overridable[DEQUEUE])

    @property
    def stop_grace_s(self) -> float | None:
        """How long a deploy waits for the worker."""
        return STOP_GRACE_S if self.is_hardened else None

    @property
    def enqueue_timeout_s(self) -> float | None:
        """How long a request waits until its job is in the table."""
        return ENQUEUE_TIMEOUT_S if self.is_hardened else None

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        return replace(self, conf=options.overridden(self.conf, given)) if given else self


DOCUMENTED = Setup((REDELIVERED, DELETED))
CAREFUL = (KEPT, LISTENS, ENQUEUED_IN_TIME, GRACE)
HARDENED = Setup(CAREFUL, HARDENED_CONF, is_hardened=True)
DEDUPLICATED = replace(HARDENED, more=(*CAREFUL, CLAIMED), work=perform_unless_done)
IN_TRANSACTION = replace(HARDENED, more=(*CAREFUL, *TRANSACTIONAL))
SETUPS = {
    "documented": DOCUMENTED,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
    "transactional": IN_TRANSACTION,
}


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


def prepare(wiring: Wiring) -> None:
    """Create PgQueuer's tables, types and functions, as `pgq install`."""
    asyncio.run(_install(wiring))


async def _install(wiring: Wiring) -> None:
    connection = await asyncpg.connect(wiring.broker_url)
    await Queries(AsyncpgDriver(connection)).install()
    await connection.close()


@asynccontextmanager
async def consumer() -> AsyncIterator[PgQueuer]:
    """Give what runs the jobs, over a connection of its own."""
    own = settings()
    setup = setup_of(own)
    connection = await asyncpg.connect(own.broker_url)
    manager = PgQueuer.from_asyncpg_connection(connection)
    manager.entrypoint(
        ENTRYPOINT,
        concurrency_limit=own.slots if own.slots < BATCHES else 0,
        on_failure="hold" if setup.is_hardened else "delete",
        executor_factory=_executor(int(setup.overridable[RETRIES])),
    )(setup.work)
    yield manager
    await connection.close()


def _executor(retries: int) -> Any:
    """Return the factory of an entrypoint's executor: one that retries, or PgQueuer's own."""
    if not retries:
        return EntrypointExecutor
    delay = timedelta(seconds=FIRST_DELAY_S)
    return lambda parameters: DatabaseRetryEntrypointExecutor(
        parameters, max_attempts=retries, initial_delay=delay
    )


def run() -> None:
    """Work until told to stop, as `pgq run` does."""
    own = settings()
    setup = setup_of(own)
    values = setup.overridable
    work = pgqueuer.run(
        consumer,
        batch_size=batch(own.slots),
        max_concurrent_tasks=own.slots if own.slots >= BATCHES else None,
        dequeue_timeout=timedelta(seconds=float(values[DEQUEUE])),
        heartbeat_timeout=timedelta(seconds=float(values[HEARTBEAT])),
        shutdown_on_listener_failure=setup.is_hardened,
    )
    uvloop.run(work)
