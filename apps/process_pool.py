"""Process pool: each step is a call in one of the API's own child processes."""

import asyncio
import logging
import multiprocessing
from collections.abc import AsyncIterator, Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import BaseContext

from fastapi import BackgroundTasks

from after202.kernel.model import HARDENED, Job, Setting, Wiring
from apps.server import LONG_GRACE
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import perform, perform_all

log = logging.getLogger(__name__)
FUTURES = "docs.python.org/3/library/concurrent.futures.html, ProcessPoolExecutor"
Call = Callable[[], None]


@dataclass
class Pool:
    """The pool of this process, and how it is made; it is there while the API runs."""

    make: Callable[[], ProcessPoolExecutor]
    executor: ProcessPoolExecutor

    def call(self, call: Call) -> asyncio.Future[None]:
        """Have one of the pool's processes do it; BrokenExecutor if one of them has died."""
        return asyncio.get_running_loop().run_in_executor(self.executor, call)

    def renew(self) -> None:
        """Make another pool in place of one that is broken."""
        self.executor = self.make()


pools: list[Pool] = []


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Hand the job's calls to the pool, and forget them."""
    for call in calls_of(job):
        pools[-1].call(call)


async def submit_watched(job: Job, _: BackgroundTasks) -> None:
    """Hand the job's calls to the pool, or to another if it is broken, and log what fails."""
    for call in calls_of(job):
        try:
            future = pools[-1].call(call)
        except BrokenExecutor:
            log.warning("a process of the pool has died: there is another pool")
            pools[-1].renew()
            future = pools[-1].call(call)
        future.add_done_callback(partial(log_failure, job))


def calls_of(job: Job) -> list[Call]:
    """Return what a process is to do: each step, or all of them in turn if order matters."""
    workload = workloads.load(job.workload)
    if workload.ordered:
        return [partial(perform_all, job)]
    return [partial(perform, job, step) for step in range(len(workload.steps))]


def log_failure(job: Job, future: asyncio.Future[None]) -> None:
    """Log the exception of a call that raised, or whose process died."""
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("a step of job %s failed", job.id, exc_info=error)


def processes(wiring: Wiring) -> int:
    """Return how many processes the pool of each API process has."""
    return max(1, wiring.slots // wiring.api_processes)


def context(variant: str) -> BaseContext:
    """Return how the variant starts a process."""
    if variant != HARDENED:
        return multiprocessing.get_context()
    chosen = multiprocessing.get_context("forkserver")
    modules = [f"{workloads.__name__}.{name}" for name in workloads.names()]
    chosen.set_forkserver_preload(["workers.perform", *modules])
    return chosen


def nothing() -> None:
    """Do nothing: once it is done, the fork server is up."""


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Keep a pool while the API runs; at its end, wait for all calls."""
    make = partial(ProcessPoolExecutor, processes(wiring), context(wiring.variant))
    pool = Pool(make, make())
    pools.append(pool)
    if wiring.variant == HARDENED:
        await pool.call(nothing)
    yield
    # In a thread, because the event loop has failures to log meanwhile.
    await asyncio.to_thread(pool.executor.shutdown)
    pools.remove(pool)


def settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that both variants share, and a default that they depend on."""
    return (
        Setting(
            name="max_workers",
            value=str(processes(wiring)),
            why="the number of slots, the same for every queue, shared out among the API's"
            " processes, each of which has a pool; a process does one call at a time (default: one"
            " per core)",
            source=FUTURES,
        ),
        Setting(
            name="arguments",
            value="pickled",
            why="multiprocessing knows nothing else; they go through pipes between an API process"
            " and its children, which nobody else can write to",
            source="docs.python.org/3/library/multiprocessing.html, Programming guidelines",
            is_default=True,
        ),
    )


START = Setting(
    name="mp_context",
    value="forkserver",
    why="before Python 3.14, a process of the pool is a fork of the API, with its threads' locks as"
    " they were, and its listening socket, which the fork keeps open while the API ends, so that"
    " clients who connect then are never answered; a fork server has neither",
    source=f"{FUTURES}; docs.python.org/3/library/multiprocessing.html, Contexts and start methods",
)
PRELOADED = Setting(
    name="set_forkserver_preload",
    value="what a step needs",
    why="the fork server has loaded it, and is up before the first request, so that a process of"
    " the pool begins as soon as a fork of the API would",
    source="docs.python.org/3/library/multiprocessing.html, set_forkserver_preload",
)
RENEWED = Setting(
    name="BrokenProcessPool",
    value="makes another pool",
    why="once one of its processes has died, a pool fails all of its calls and takes no more: the"
    " API would answer with an error until it is started again; calls that were lost are logged",
    source=FUTURES,
)
LOGGED = Setting(
    name="futures",
    value="have a callback that logs",
    why="a call's exception is in its future, and asyncio mentions it, without the job, when it"
    " collects the future",
    source="docs.python.org/3/library/asyncio-future.html",
)
STRATEGY = Strategy(
    label="Process pool",
    settings=settings,
    running=running,
    documented=Variant(submit),
    hardened=Variant(
        submit_watched,
        settings=(LONG_GRACE, START, PRELOADED, RENEWED, LOGGED),
        stop_grace_s=STOP_GRACE_S,
    ),
)
