"""Tasks of one request run one after the other, in the order in which they were added."""

import asyncio

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

STEP_S = 0.3
STEPS = ("a", "b", "c")
ONE, TWO = "one request", "two requests at once"
app = FastAPI()


async def step(name: str, request: str) -> None:
    """Take 0.3 s, as a mail or a call to another service would."""
    mark("begins", step=name, request=request)
    await asyncio.sleep(STEP_S)
    mark("ends", step=name, request=request)


@app.get("/jobs/{request}")
async def submit(request: str, background_tasks: BackgroundTasks) -> None:
    """Add three tasks."""
    for name in STEPS:
        background_tasks.add_task(step, name, request)


def experiment(lab: Lab) -> Evidence:
    """Send one request; then two at the same time."""
    server = lab.serve()
    server.get("/jobs/alone")
    lab.wait_for("ends", len(STEPS))
    first, second = server.connect(), server.connect()
    first.send("/jobs/left")
    second.send("/jobs/right")
    lab.wait_for("ends", 3 * len(STEPS))
    return {
        ONE: {
            "in the order added, of 3": in_order(lab, "alone"),
            "at once, at most": at_once(lab, "alone"),
        },
        TWO: {
            "in the order added, of 6": in_order(lab, "left") + in_order(lab, "right"),
            "at once, at most": at_once(lab, "left", "right"),
        },
    }


def in_order(lab: Lab, request: str) -> int:
    """Return how many steps of a request began in their place."""
    begun = [m.values["step"] for m in lab.marks("begins") if m.values["request"] == request]
    return sum(step == name for step, name in zip(begun, STEPS, strict=True))


def at_once(lab: Lab, *requests: str) -> int:
    """Return how many steps of these requests were in progress at the same time, at most."""
    now = most = 0
    for one in lab.marks():
        if one.values["request"] in requests:
            now += 1 if one.name == "begins" else -1
            most = max(most, now)
    return most


def judge(seen: Seen) -> Verdict:
    """Judge by one request's tasks: that others' run meanwhile does not contradict the claim."""
    most, others = seen.most(ONE, "at once, at most"), seen.most(TWO, "at once, at most")
    if most > 1:
        return false(f"up to {most:.0f} tasks of one request were in progress at the same time")
    if seen.least(ONE, "in the order added, of 3") < len(STEPS):
        return false("tasks of one request ran one at a time, but not in the order added")
    if others > 1:
        return true(
            f"one at a time and in order within a request; of two requests, {others:.0f} tasks"
            " were in progress at the same time"
        )
    return depends("the other requests", "tasks of one request also waited for another request's")


CLAIM = Claim(
    says="Tasks of one request run one after the other, in the order in which they were added.",
    question="Do FastAPI's background tasks run in parallel or in order?",
    topic="BackgroundTasks",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="If the steps do not need each other, add one task that awaits asyncio.gather of them.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
