"""A CPU-bound task does not slow the API, because it runs in the background.

Threads of one Python process compute in turns of 5 ms (`sys.getswitchinterval`), and the event loop
is one of these threads: whatever a request does, each piece of it waits for the turns of the tasks.
An `async def` task never ends its turn.
"""

import asyncio
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

COMPUTES_S, REST_S, SLOWER = 0.1, 0.5, 3
REST, POOL = "no task", "4 tasks, computed by a process pool"
CASES = {
    "1 async def task": ("/coroutine", 1),
    "1 def task": ("/plain", 1),
    "4 def tasks": ("/plain", 4),
    "8 def tasks": ("/plain", 8),
    POOL: ("/pool", 4),
}
COROUTINE, _, _, THREADS, _ = CASES
MEDIAN, SLOWEST = "others' requests, median, ms", "slowest, ms"
app = FastAPI()
pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def compute() -> None:
    """Compute in Python for 0.1 s of processor time."""
    end_s = time.thread_time() + COMPUTES_S
    while time.thread_time() < end_s:
        sum(range(1000))
    mark("done")


async def compute_on_the_loop() -> None:
    """Do so in the event loop."""
    compute()


async def compute_elsewhere() -> None:
    """Do so in another process."""
    await asyncio.get_running_loop().run_in_executor(pool, compute)


KINDS = {"plain": compute, "coroutine": compute_on_the_loop, "pool": compute_elsewhere}


@app.get("/ping")
async def ping() -> None:
    """Do nothing: the request of somebody else."""


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave a task that computes."""
    background_tasks.add_task(KINDS[kind])


def experiment(lab: Lab) -> Evidence:
    """Ask for `/ping` every 20 ms, first at rest and then while tasks compute."""
    server = lab.serve()
    server.get("/pool")  # the first process and the first thread take longer to start
    server.get("/plain")
    lab.wait_for("done", 2)
    with server.probing() as times_ms:
        time.sleep(REST_S)
    found: Evidence = {REST: figures(times_ms)}
    done = 2
    for case, (path, count) in CASES.items():
        done += count
        with server.probing() as times_ms:
            server.together(path, count)
            lab.wait_for("done", done)
        found[case] = figures(times_ms)
    return found


def figures(times_ms: list[float]) -> dict[str, float | None]:
    """Return the median and the slowest of some answers."""
    return {MEDIAN: statistics.median(times_ms), SLOWEST: max(times_ms)}


def judge(seen: Seen) -> Verdict:
    """Compare others' requests with those at rest, for one async def task and for 8 def tasks."""
    rest = seen.median(REST, MEDIAN)
    slowed = [case for case in (COROUTINE, THREADS) if seen.median(case, MEDIAN) > SLOWER * rest]
    told = f"the median of others' requests was {rest:.1f} ms with no task" + "".join(
        f", {seen.median(case, MEDIAN):.0f} ms with {case}" for case in CASES
    )
    if len(slowed) == 2:
        return false(told)
    if slowed:
        return depends("whether the task is def or async def", told)
    return true(told)


CLAIM = Claim(
    says="A CPU-bound task does not slow the API, because it runs in the background.",
    question="Can I run a CPU-bound task in FastAPI's BackgroundTasks without slowing the API?",
    topic="Blocking and parallel work",
    source="common advice",
    instead="Give work for the processor to another process: a queue's worker or a process pool.",
    experiment=experiment,
    judge=judge,
    runs=2,
)
