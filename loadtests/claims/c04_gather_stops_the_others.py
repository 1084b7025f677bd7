"""When one step of `asyncio.gather` fails, the others are stopped.

`gather` itself ends with the first error, and cancels nothing: the other steps go on without
anybody who waits for them, and what they raise after that is dropped without a line in the log.
"""

import asyncio

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

FAILS_S, STEP_S, OTHERS = 0.2, 0.6, 2
GATHER, RETURNED, GROUP = "gather", "gather with return_exceptions", "TaskGroup"
CASES = {GATHER: "gather", RETURNED: "gather_results", GROUP: "group"}
AFTER, FINISHED, CANCELLED = "ended after, ms", "others finished, of 2", "others cancelled, of 2"
LOGGED = "errors in the server's log"
app = FastAPI()


async def failing() -> None:
    """Fail after 0.2 s."""
    await asyncio.sleep(FAILS_S)
    raise RuntimeError("the mail server refused it")


async def step() -> None:
    """Take 0.6 s."""
    try:
        await asyncio.sleep(STEP_S)
    except asyncio.CancelledError:
        mark("cancelled")
        raise
    mark("finished")


async def gather() -> None:
    """Gather the steps, as tutorials do."""
    await asyncio.gather(failing(), step(), step())


async def gather_results() -> None:
    """Gather the steps; an error becomes a result, which nobody reads here."""
    await asyncio.gather(failing(), step(), step(), return_exceptions=True)


async def group() -> None:
    """Run the steps in a group, which cancels them and waits for them if one fails."""
    async with asyncio.TaskGroup() as tasks:
        for one in (failing(), step(), step()):
            tasks.create_task(one)


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave one task that runs three steps, of which one fails."""
    background_tasks.add_task(run, kind)


async def run(kind: str) -> None:
    """Note when the steps begin and when the task gets on."""
    mark("begins")
    try:
        await {"gather": gather, "gather_results": gather_results, "group": group}[kind]()
    finally:
        mark("ends")


def experiment(lab: Lab) -> Evidence:
    """Send a request for each way, and wait for twice as long as its steps take."""
    server = lab.serve()
    found: Evidence = {}
    for number, (case, kind) in enumerate(CASES.items(), 1):
        finished, cancelled = len(lab.marks("finished")), len(lab.marks("cancelled"))
        logged = errors(server.log())
        server.get(f"/{kind}")
        ended = lab.wait_for("ends", number)[-1]
        lab.comes("finished", finished + OTHERS, timeout_s=2 * STEP_S)
        found[case] = {
            AFTER: (ended.at_s - lab.marks("begins")[-1].at_s) * 1000,
            FINISHED: len(lab.marks("finished")) - finished,
            CANCELLED: len(lab.marks("cancelled")) - cancelled,
            LOGGED: errors(server.log()) - logged,
        }
    return found


def errors(log: str) -> int:
    """Return how many requests the server's log says an error of."""
    return log.count("Exception in ASGI application")


def judge(seen: Seen) -> Verdict:
    """Judge by what became of the other steps under plain `gather`."""
    after = f"gather ended {seen.median(GATHER, AFTER):.0f} ms after the start with the error"
    went_on, stopped = seen.least(GATHER, FINISHED), seen.most(GATHER, CANCELLED)
    if went_on == OTHERS:
        return false(
            f"{after}, but the {OTHERS} other steps of {STEP_S * 1000:.0f} ms ran to their end;"
            f" TaskGroup cancelled {seen.least(GROUP, CANCELLED):.0f} of them; with"
            f" return_exceptions {seen.most(RETURNED, LOGGED):.0f} errors were in the server's log"
        )
    if stopped == OTHERS and seen.most(GATHER, FINISHED) == 0:
        return true(f"{after}, and the {OTHERS} other steps were cancelled")
    return depends("the step", f"{after}; of the others, some were stopped and some ran on")


CLAIM = Claim(
    says="When one step of asyncio.gather fails, the others are stopped.",
    question="Does asyncio.gather cancel the other tasks when one of them fails?",
    topic="Errors",
    source="common advice",
    instead=(
        "Use asyncio.TaskGroup if the others are to stop, and gather with return_exceptions, whose"
        " results you look through, if they are to go on."
    ),
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
