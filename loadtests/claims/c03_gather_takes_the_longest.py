"""With `asyncio.gather` inside one task, the total is the longest step, not the sum."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

STEPS_S = (0.2, 0.3, 0.4)
CASES = {
    "async def steps that await": "awaits",
    "async def steps that block": "blocks",
    "blocking steps in asyncio.to_thread": "in_thread",
}
TOTAL, LONGEST, SUM = "all steps together, ms", "longest step, ms", "sum of the steps, ms"
app = FastAPI()


async def awaits(seconds: float) -> None:
    """Wait as a call with an async client does: others run meanwhile."""
    mark("begins", seconds=seconds)
    await asyncio.sleep(seconds)
    mark("ends", seconds=seconds)


def block(seconds: float) -> None:
    """Wait as a call with a synchronous client does: nothing else runs in this thread."""
    mark("begins", seconds=seconds)
    time.sleep(seconds)
    mark("ends", seconds=seconds)


async def blocks(seconds: float) -> None:
    """Do the same in the event loop's thread: `async def` does not change what the call does."""
    block(seconds)


async def in_thread(seconds: float) -> None:
    """Do the same in a thread of its own."""
    await asyncio.to_thread(block, seconds)


KINDS: dict[str, Callable[[float], Awaitable[None]]] = {
    "awaits": awaits, "blocks": blocks, "in_thread": in_thread,
}  # fmt: skip


async def all_steps(kind: str) -> None:
    """Run the steps concurrently, as far as they let each other."""
    await asyncio.gather(*(KINDS[kind](seconds) for seconds in STEPS_S))


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave one task that gathers the steps."""
    background_tasks.add_task(all_steps, kind)


def experiment(lab: Lab) -> Evidence:
    """Send a request for each kind of step, and see from when to when its steps ran."""
    server = lab.serve()
    found: Evidence = {}
    for number, (case, kind) in enumerate(CASES.items(), 1):
        server.get(f"/{kind}")
        ended = lab.wait_for("ends", number * len(STEPS_S))[-len(STEPS_S) :]
        begun = lab.marks("begins")[-len(STEPS_S) :]
        starts_s = {one.values["seconds"]: one.at_s for one in begun}
        took_s = [one.at_s - starts_s[one.values["seconds"]] for one in ended]
        total_s = ended[-1].at_s - begun[0].at_s
        found[case] = {
            TOTAL: total_s * 1000, LONGEST: max(took_s) * 1000, SUM: sum(took_s) * 1000,
        }  # fmt: skip
    return found


def is_sum(seen: Seen, case: str) -> bool:
    """Return whether the total is nearer to the sum of the steps than to the longest."""
    total, longest, sum_ = (seen.median(case, name) for name in (TOTAL, LONGEST, SUM))
    return total - longest > sum_ - total


def judge(seen: Seen) -> Verdict:
    """Say for each kind of step whether its total is nearer to the longest or to the sum."""
    told = ", ".join(f"{case} {seen.median(case, TOTAL):.0f} ms" for case in CASES)
    summed = [case for case in CASES if is_sum(seen, case)]
    steps = f"steps of {', '.join(f'{seconds * 1000:.0f}' for seconds in STEPS_S)} ms"
    if len(summed) == len(CASES):
        return false(f"{steps} took their sum in every case: {told}")
    if summed:
        return depends(
            "whether the steps await: one that blocks the event loop keeps the next from starting",
            f"{steps} together took: {told}",
        )
    return true(f"{steps} together took as long as the longest: {told}")


CLAIM = Claim(
    says="With asyncio.gather inside one task, the total is the longest step, not the sum.",
    question="Does asyncio.gather inside a background task make its steps run in parallel?",
    topic="Blocking and parallel work",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Gather steps that await; give each step that blocks to asyncio.to_thread.",
    experiment=experiment,
    judge=judge,
    timed=False,
)
