"""A process pool makes CPU-bound work harmless to the API.

The pool's processes are forks of the API (up to Python 3.13), begun with its first job, and so they
hold its listening socket too. Nobody tells them when the API is killed.
"""

import asyncio
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import psutil
import redis
from fastapi import BackgroundTasks, FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import (
    RQ,
    WEB,
    Claim,
    Evidence,
    Lab,
    Seen,
    Server,
    Verdict,
    depends,
    false,
    true,
)
from loadtests.claims.inside import mark, redis_url

JOBS, JOB_S, PATIENCE_S = 4, 0.3, 4.0
REST, THREADS, POOL, QUEUE = "no work", "threads (def tasks)", "a process pool", "RQ"
TYPICAL = "answers to others meanwhile, median ms"
DONE, DONE_KILLED = "jobs done, of 4", "done though the API was killed, of 4"
LEFT, TAKEN = "its processes left then", "its port still taken then"
pool = ProcessPoolExecutor(2)
app = FastAPI()


def burn() -> None:
    """Compute for 0.3 s of processor time."""
    mark("begins")
    until_s = time.thread_time() + JOB_S
    while time.thread_time() < until_s:
        sum(range(1000))
    mark("ends")


async def burn_in_pool() -> None:
    """Await a process of the pool."""
    await asyncio.get_running_loop().run_in_executor(pool, burn)


@app.get("/ping")
async def ping() -> None:
    """Answer someone else."""


@app.get("/threads")
async def in_thread(background_tasks: BackgroundTasks) -> None:
    """Compute in a thread of this process."""
    background_tasks.add_task(burn)


@app.get("/pool")
async def in_pool(background_tasks: BackgroundTasks) -> None:
    """Compute in another process of the API."""
    background_tasks.add_task(burn_in_pool)


@app.get("/queue")
def in_queue() -> None:
    """Compute in a worker."""
    with redis.Redis.from_url(redis_url()) as connection:
        Queue(connection=connection, serializer=JSONSerializer).enqueue(burn)


def experiment(lab: Lab) -> Evidence:
    """Send four jobs and ask for /ping meanwhile; send four more and kill the API."""
    lab.redis()
    lab.rq("--serializer", "rq.serializers.JSONSerializer", "--worker-class", "rq.SimpleWorker")
    server = lab.serve()
    with server.probing() as times_ms:
        time.sleep(JOB_S * JOBS)
    return {
        REST: {TYPICAL: statistics.median(times_ms)},
        THREADS: busy(lab, server, "/threads"),
        POOL: {**busy(lab, server, "/pool"), **killed(lab, server, "/pool")},
        QUEUE: {**busy(lab, again := lab.serve(), "/queue"), **killed(lab, again, "/queue")},
    }


def busy(lab: Lab, server: Server, path: str) -> dict[str, float | None]:
    """Return how others fare while the jobs are done."""
    before = len(lab.marks("ends"))
    with server.probing() as times_ms:
        server.together(path, JOBS)
        lab.comes("ends", before + JOBS)
    return {TYPICAL: statistics.median(times_ms), DONE: len(lab.marks("ends")) - before}


def killed(lab: Lab, server: Server, path: str) -> dict[str, float | None]:
    """Return what is left when the API's process is killed, as for lack of memory."""
    begun, ended = len(lab.marks("begins")), len(lab.marks("ends"))
    server.together(path, JOBS)
    lab.wait_for("begins", begun + 1)
    pids = server.children()
    server.kill_one(server.pid)
    server.wait(5)
    done = 0
    while done < JOBS and lab.comes("ends", ended + done + 1, PATIENCE_S):
        done += 1
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    taken = 0
    with suppress(OSError):
        server.connect().close()
        taken = 1
    for process in left:
        process.kill()
    return {DONE_KILLED: done, LEFT: len(left), TAKEN: taken}


def judge(seen: Seen) -> Verdict:
    """Say that others felt the pool if it adds half of what threads add to an answer's time."""
    rest, threads, pool_ms = (seen.median(case, TYPICAL) for case in (REST, THREADS, POOL))
    left, taken = seen.most(POOL, LEFT), seen.most(POOL, TAKEN)
    told = (
        f"others were answered in {rest:.0f} ms without work, {pool_ms:.0f} ms beside the pool and"
        f" {threads:.0f} ms beside threads (medians)"
    )
    if pool_ms - rest > (threads - rest) / 2:
        return false(told)
    if left:
        kept = "kept its port" if taken else "did not keep its port"
        told = f"{told}; a kill of the API left {left:.0f} processes, which {kept}"
        return depends("how the API ends", told)
    return true(told)


CLAIM = Claim(
    says="A process pool makes CPU-bound work harmless to the API.",
    question="Should I run CPU-bound work in a ProcessPoolExecutor in FastAPI?",
    topic="Blocking and parallel work",
    source="fastapi#2961",
    instead=(
        "Leave work for the processor to a queue's workers. If you do use a pool, start all of it"
        " before the server listens, and have a supervisor kill the whole group of processes."
    ),
    experiment=experiment,
    judge=judge,
    about=WEB + RQ,
    runs=1,
)
