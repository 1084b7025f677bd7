"""A cron job in the API runs once.

A timer in the lifespan belongs to a process, and each of uvicorn's workers has a lifespan of its
own. So have the old and the new process of a deploy.
"""

import asyncio
import itertools
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import redis.asyncio as redis
from fastapi import FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark, redis_url

EVERY_S, TIMES = 0.4, 3
CASES = {
    "1 API worker": ("app", 1),
    "2 API workers": ("app", 2),
    "4 API workers": ("app", 4),
    "2 API workers, a lock in Redis": ("locked_app", 2),
}
PLAIN = [case for case, (app, _) in CASES.items() if app == "app"]
MOST, LEAST = "runs of one due time, at most", "runs of one due time, at least"


def job(due: int) -> None:
    """Send the nightly mail."""
    mark("runs", due=due)


async def due_times() -> AsyncIterator[int]:
    """Yield the number of each due time when it comes, once: a sleep may end a little early."""
    for due in itertools.count(math.floor(time.time() / EVERY_S) + 1):
        await asyncio.sleep(due * EVERY_S - time.time())
        yield due


async def timer() -> None:
    """Run the job whenever it falls due."""
    async for due in due_times():
        job(due)


async def locked_timer() -> None:
    """Run it only if no other process has taken this due time."""
    connection = redis.Redis.from_url(redis_url())
    async for due in due_times():
        if await connection.set(f"cron:{due}", "taken", nx=True, ex=3600):
            job(due)


def app_with(run: Callable[[], Coroutine[None, None, None]]) -> FastAPI:
    """Return an app that keeps a timer going while it runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        going = asyncio.create_task(run())
        mark("starts")
        yield
        going.cancel()

    return FastAPI(lifespan=lifespan)


app, locked_app = app_with(timer), app_with(locked_timer)


def experiment(lab: Lab) -> Evidence:
    """Count the runs of each of three due times, once all workers have started."""
    lab.redis()
    found: Evidence = {}
    started = 0
    for case, (name, workers) in CASES.items():
        server = lab.serve(name, workers=workers)
        started += workers
        lab.wait_for("starts", started)
        first = math.floor(time.time() / EVERY_S) + 1
        time.sleep((TIMES + 1) * EVERY_S)
        server.kill()
        runs = Counter(one.values["due"] for one in lab.marks("runs"))
        counts = [runs[first + number] for number in range(TIMES)]
        found[case] = {MOST: max(counts), LEAST: min(counts)}
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by how often the job ran for one due time, without the lock."""
    most = {case: seen.most(case, MOST) for case in CASES}
    told = "runs of the job for one due time: " + ", ".join(
        f"{case} {count:.0f}" for case, count in most.items()
    )
    if all(most[case] == 1 for case in PLAIN):
        return true(told)
    if most[PLAIN[0]] == 1:
        return depends("how many processes the API has", told)
    return false(told)


CLAIM = Claim(
    says="A cron job in the API runs once.",
    question="Why does my scheduled job run several times in FastAPI?",
    topic="Deploys and crashes",
    source="fastapi#520 and #12010",
    instead=(
        "Give the timer a process of its own, such as cron, Celery beat or RQ's cron; or have each"
        " process ask a lock that names the due time, as here in Redis."
    ),
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
