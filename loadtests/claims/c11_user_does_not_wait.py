"""The user does not wait for the background work."""

import asyncio
import time

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Server, Verdict, depends, false, true

TASK_S = 0.25
INLINE = "no background task: the handler awaits the work"
BLOCKING = "async def task that blocks"
CASES = {
    INLINE: "inline",
    "async def task that awaits": "awaits",
    "def task that blocks": "blocks",
    BLOCKING: "blocks_the_loop",
}
BACKGROUND = [case for case in CASES if case != INLINE]
ANSWER, NEXT = "answer after, ms", "next request on the connection, ms"
OTHER = "somebody else's request, ms"
WHAT = {ANSWER: "the answer", NEXT: "the next request", OTHER: "somebody else's request"}
app = FastAPI()


async def awaits() -> None:
    """Wait as an async client does."""
    await asyncio.sleep(TASK_S)


def blocks() -> None:
    """Wait as a synchronous client does."""
    time.sleep(TASK_S)


async def blocks_the_loop() -> None:
    """Do the same in the event loop."""
    blocks()


KINDS = {"awaits": awaits, "blocks": blocks, "blocks_the_loop": blocks_the_loop}


@app.get("/ping")
async def ping() -> None:
    """Answer without any work."""


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Do the work now, or leave it for later."""
    if kind == "inline":
        await awaits()
    else:
        background_tasks.add_task(KINDS[kind])


def experiment(lab: Lab) -> Evidence:
    """Time each answer, and a request that follows it while the work may be in progress."""
    server = lab.serve()
    server.get("/blocks")  # the first thread of a process takes longer to start
    time.sleep(TASK_S)
    return {case: waits(server, f"/{kind}") for case, kind in CASES.items()}


def waits(server: Server, path: str) -> dict[str, float | None]:
    """Return what a client, and then somebody else, waited for."""
    mine, theirs = server.connect(), server.connect()
    answer = mine.get(path)
    next_ = mine.get("/ping")
    time.sleep(TASK_S)
    mine.get(path)
    other = theirs.get("/ping")
    time.sleep(TASK_S)
    return {ANSWER: answer.took_ms, NEXT: next_.took_ms, OTHER: other.took_ms}


def judge(seen: Seen) -> Verdict:
    """Say in which cases a request took half of the task's time in every run."""
    waited = {}
    for case in BACKGROUND:
        held = [name for name in WHAT if seen.least(case, name) > TASK_S * 1000 / 2]
        if held:
            took = [f"{WHAT[name]} took {seen.median(case, name):.0f} ms" for name in held]
            waited[case] = " and ".join(took)
    answers = (
        f"answers came after {max(seen.median(case, ANSWER) for case in BACKGROUND):.0f} ms at"
        f" most, and after {seen.median(INLINE, ANSWER):.0f} ms if the handler does the work"
    )
    told = "; ".join(f"with an {case}, {text}" for case, text in waited.items())
    if len(waited) == len(BACKGROUND):
        return false(f"somebody waited in every case: {told}")
    if waited:
        return depends(
            "whether the task blocks the event loop: the requests that follow then wait for it",
            f"{answers}; {told}",
        )
    return true(f"{answers}; the next requests did not wait either")


CLAIM = Claim(
    says="The user does not wait for the background work.",
    question="Does the user wait until the background task is done?",
    topic="BackgroundTasks",
    source="a tutorial, “Day 5: Background Tasks”",
    instead="Write a task that blocks as def: it then runs in a thread, and nobody waits for it.",
    experiment=experiment,
    judge=judge,
)
