"""`asyncio.create_task` is as good as BackgroundTasks.

uvicorn waits at its end for the requests that it knows, and a background task is part of its
request. A task of one's own is known to the event loop alone, and even there by a weak reference:
if nothing but its own frame holds what it waits for, the garbage collector may take both.
"""

import asyncio
from typing import Any

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

REPLY_S, COUNT, PATIENCE_S = 0.8, 3, 15
IN_BACKGROUND, BARE, KEPT = "BackgroundTasks", "create_task", "create_task, reference kept"
CASES = {IN_BACKGROUND: "background", BARE: "bare", KEPT: "kept"}
UNDISTURBED = f"done, undisturbed, of {COUNT}"
COLLECTED = f"done, after a garbage collection, of {COUNT}"
STOPPED = f"done, after TERM, of {COUNT}"
app, service = FastAPI(), FastAPI()
running: set[asyncio.Task[None]] = set()


@service.get("/reply")
async def reply() -> None:
    """Answer after 0.8 s: this is the other service that the tasks call."""
    await asyncio.sleep(REPLY_S)


async def task(port: int) -> None:
    """Call the other service over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /reply HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n")
    mark("begins")
    await reader.read()
    mark("done")
    writer.close()


@app.get("/background/{port}")
async def in_background(port: int, background_tasks: BackgroundTasks) -> None:
    """Leave the call for after the answer."""
    background_tasks.add_task(task, port)


@app.get("/bare/{port}")
async def bare(port: int) -> None:
    """Leave the call to the event loop."""
    asyncio.create_task(task(port))  # noqa: RUF006 - this is how people write it


@app.get("/kept/{port}")
async def kept(port: int) -> None:
    """Leave the call to the event loop, and keep a reference, as Python's documentation says."""
    running.add(one := asyncio.create_task(task(port)))
    one.add_done_callback(running.discard)


@app.get("/report")
async def report() -> int:
    """Build a large list, as a report does: Python then looks for garbage without being asked."""
    rows: list[Any] = [[number] for number in range(500_000)]
    return len(rows)


def experiment(lab: Lab) -> Evidence:
    """Let tasks run undisturbed, then while a large list is built, then with TERM."""
    port = lab.serve("service").port
    found: Evidence = {}
    for way, path in CASES.items():
        server = lab.serve()
        found[way] = {}
        for figure in (UNDISTURBED, COLLECTED, STOPPED):
            begun, done = len(lab.marks("begins")), len(lab.marks("done"))
            server.together(f"/{path}/{port}", COUNT)
            lab.wait_for("begins", begun + COUNT)
            if figure == COLLECTED:
                server.get("/report")
            if figure == STOPPED:
                server.terminate()
                server.wait(PATIENCE_S)
            else:
                lab.comes("done", done + COUNT, timeout_s=2 * REPLY_S)
            found[way][figure] = len(lab.marks("done")) - done
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by what create_task loses and BackgroundTasks does not."""
    lost = {
        case: [figure for figure in (COLLECTED, STOPPED) if loses(seen, case, figure)]
        for case in (BARE, KEPT)
    }
    told = "; ".join(
        f"{case}: {seen.least(case, COLLECTED):.0f} of {COUNT} done after a garbage collection,"
        f" {seen.least(case, STOPPED):.0f} of {COUNT} after TERM"
        for case in CASES
    )
    if lost[KEPT]:
        return false(f"tasks were lost, even with a reference kept: {told}")
    if lost[BARE]:
        return depends("whether a reference to the task is kept", told)
    return true(f"both did as many: {told}")


def loses(seen: Seen, case: str, figure: str) -> bool:
    """Return whether fewer tasks were done than with BackgroundTasks."""
    return seen.least(case, figure) < seen.least(IN_BACKGROUND, figure)


CLAIM = Claim(
    says="`asyncio.create_task` is as good as BackgroundTasks.",
    question="Can I use asyncio.create_task instead of FastAPI's BackgroundTasks?",
    topic="BackgroundTasks",
    source="common advice",
    instead="Use BackgroundTasks; or keep a reference to each task, and await them all in the"
    " lifespan after its `yield`.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
