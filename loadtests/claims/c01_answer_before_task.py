"""The response is sent before the task runs."""

import time

from fastapi import BackgroundTasks, FastAPI, Response

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASK_MS = 1000
SMALL, LARGE = 10, 20_000_000
CASES = {
    "10 bytes, def task": f"/def/{SMALL}",
    "20 MB, def task": f"/def/{LARGE}",
    "10 bytes, async def task that blocks": f"/async/{SMALL}",
    "20 MB, async def task that blocks": f"/async/{LARGE}",
}
ANSWERED, BEGAN = "answer complete after, ms", "task began after that, ms"
app = FastAPI()


def task() -> None:
    """Block a thread for a second."""
    mark("begins")
    time.sleep(TASK_MS / 1000)


async def blocking_task() -> None:
    """Block the event loop for a second, as a driver without an async form does."""
    task()


@app.get("/{kind}/{size}")
async def answer(kind: str, size: int, background_tasks: BackgroundTasks) -> Response:
    """Answer with so many bytes, and leave a task for later."""
    background_tasks.add_task(blocking_task if kind == "async" else task)
    return Response(b"x" * size)


def experiment(lab: Lab) -> Evidence:
    """Read each answer to its end, and compare with the moment at which its task began."""
    server = lab.serve()
    found: Evidence = {}
    for number, (case, path) in enumerate(CASES.items(), 1):
        answered = server.get(path)
        begun = lab.wait_for("begins", number)[-1]
        found[case] = {ANSWERED: answered.took_ms, BEGAN: answered.ms_until(begun.at_s)}
        time.sleep(TASK_MS / 1000)
    return found


def judge(seen: Seen) -> Verdict:
    """Say that it holds if every answer was complete before its task began."""
    slowest = {case: seen.most(case, ANSWERED) for case in CASES}
    told = ", ".join(f"{case} {took_ms:.0f} ms" for case, took_ms in slowest.items())
    held = [case for case, took_ms in slowest.items() if took_ms >= TASK_MS]
    early = [case for case in CASES if seen.least(case, BEGAN) < 0]
    if len(held) == len(CASES):
        return false(f"each answer was complete only after its task: {told}")
    if held:
        return depends(
            "the size of the answer, and on whether the task blocks the event loop",
            f"some clients waited for the task's second: {told}",
        )
    if early:
        return depends(
            "the size of the answer",
            f"no client waited for the task ({told}), but a task began up to"
            f" {-min(seen.least(case, BEGAN) for case in early):.0f} ms before the client had the"
            " whole of a large answer",
        )
    return true(f"every answer was complete before its task began: {told}")


CLAIM = Claim(
    says="The response is sent before the task runs.",
    question="Is the response really sent before the background task runs?",
    topic="BackgroundTasks",
    source="tutorials, such as “FastAPI Core: Background Tasks”",
    instead="Write a task that blocks as `def`: it then runs in a thread, not in the event loop.",
    experiment=experiment,
    judge=judge,
)
