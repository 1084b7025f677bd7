"""Gather is faster than one step after the other.

`asyncio.gather` gives the event loop several coroutines at once. It changes from one to another
only where one awaits something: steps that compute or block never do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from operator import truediv
from statistics import median

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

STEPS, STEP_S, ROUNDS = 3, 0.1, 500_000
FASTER = 0.6
app = FastAPI()


async def awaiting() -> None:
    """Await an answer, as from another service."""
    await asyncio.sleep(STEP_S)


async def blocking() -> None:
    """Wait as well, but with a call that blocks."""
    time.sleep(STEP_S)  # noqa: ASYNC251 - this is the mistake


async def blocking_in_a_thread() -> None:
    """Let a thread wait."""
    await asyncio.to_thread(time.sleep, STEP_S)


async def computing() -> None:
    """Compute."""
    compute()


async def computing_in_a_thread() -> None:
    """Let a thread compute."""
    await asyncio.to_thread(compute)


def compute() -> int:
    """Count."""
    return sum(number % 7 for number in range(ROUNDS))


KINDS: dict[str, Callable[[], Awaitable[None]]] = {
    "steps that await": awaiting,
    "steps that block": blocking,
    "steps that block, in threads": blocking_in_a_thread,
    "steps that compute": computing,
    "steps that compute, in threads": computing_in_a_thread,
}
ONE_BY_ONE, GATHERED = "one after the other, ms", "gather, ms"


async def one_by_one(step: Callable[[], Awaitable[None]]) -> None:
    """Do three steps, each when the one before it is done."""
    began_s = time.monotonic()
    for _ in range(STEPS):
        await step()
    mark(ONE_BY_ONE, took_ms=(time.monotonic() - began_s) * 1000)


async def gathered(step: Callable[[], Awaitable[None]]) -> None:
    """Do three steps at the same time."""
    began_s = time.monotonic()
    await asyncio.gather(*(step() for _ in range(STEPS)))
    mark(GATHERED, took_ms=(time.monotonic() - began_s) * 1000)


@app.get("/{kind}")
async def submit(kind: int, background_tasks: BackgroundTasks) -> None:
    """Leave both for later."""
    step = list(KINDS.values())[kind]
    background_tasks.add_task(one_by_one, step)
    background_tasks.add_task(gathered, step)


def experiment(lab: Lab) -> Evidence:
    """Let three steps of each kind be done both ways, and take the time of each."""
    server = lab.serve()
    for number, _ in enumerate(KINDS, 1):
        server.get(f"/{number - 1}")
        lab.wait_for(GATHERED, number)
    return {
        kind: {
            figure: lab.marks(figure)[number].values["took_ms"] for figure in (ONE_BY_ONE, GATHERED)
        }
        for number, kind in enumerate(KINDS)
    }


def judge(seen: Seen) -> Verdict:
    """Judge by each kind of step: whether gather clearly took less."""
    ratios = {
        kind: median(map(truediv, seen.values(kind, GATHERED), seen.values(kind, ONE_BY_ONE)))
        for kind in KINDS
    }
    faster = [kind for kind, ratio in ratios.items() if ratio < FASTER]
    told = "; ".join(
        f"{kind}: {seen.median(kind, GATHERED):.0f} ms"
        f" instead of {seen.median(kind, ONE_BY_ONE):.0f} ms"
        for kind in KINDS
    )
    if len(faster) == len(KINDS):
        return true(told)
    if not faster:
        return false(told)
    return depends("whether the steps wait, and let the event loop know by an await", told)


CLAIM = Claim(
    says="`asyncio.gather` is faster than doing one step after the other.",
    question="Is asyncio.gather faster than running background steps one after the other?",
    topic="Blocking and parallel work",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Gather steps that await; put those that block into threads with asyncio.to_thread,"
    " and those that compute into other processes.",
    experiment=experiment,
    judge=judge,
)
