"""A failed task is logged, and not raised to the client."""

import logging

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASKS = 3
CASES = {
    "no task fails": "none",
    "the second fails, def": "plain",
    "the second fails, async def": "coroutine",
    "the second fails, and catches its error": "guarded",
}
FAILING = list(CASES)[1:3]
OK, LOGGED, DONE = "answered with 200, of 1", "tracebacks in the log", "tasks done, of 3"
app = FastAPI()


def harmless() -> None:
    """Do what does not fail."""
    mark("done")


def plain() -> None:
    """Fail in a thread."""
    raise RuntimeError("the mail server refused it")


async def coroutine() -> None:
    """Fail in the event loop."""
    plain()


def guarded() -> None:
    """Fail, and say so."""
    try:
        plain()
    except RuntimeError:
        logging.getLogger("mails").exception("the mail was not sent")


SECOND = {"none": harmless, "plain": plain, "coroutine": coroutine, "guarded": guarded}


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Add three tasks, of which the second may fail."""
    for task in (harmless, SECOND[kind], harmless):
        background_tasks.add_task(task)


def experiment(lab: Lab) -> Evidence:
    """Send a request of each kind; see what its client got, and what became of its tasks."""
    server = lab.serve()
    found: Evidence = {}
    for case, kind in CASES.items():
        done, logged = len(lab.marks("done")), tracebacks(server.log())
        answer = server.get(f"/{kind}")
        lab.comes("done", done + TASKS, timeout_s=1)
        found[case] = {
            OK: int(answer.status == 200),
            LOGGED: tracebacks(server.log()) - logged,
            DONE: len(lab.marks("done")) - done,
        }
    return found


def tracebacks(log: str) -> int:
    """Return how many tracebacks of the error are in a log."""
    return log.count("RuntimeError: the mail server refused it")


def judge(seen: Seen) -> Verdict:
    """Say whether each failure was logged and each client got its answer."""
    logged = [case for case in FAILING if seen.least(case, LOGGED)]
    told = [case for case in FAILING if not seen.least(case, OK)]
    done = min(seen.least(case, DONE) for case in FAILING)
    if told or not logged:
        return false(
            f"{len(told)} of {len(FAILING)} clients did not get their answer, and"
            f" {len(logged)} of {len(FAILING)} failures were in the server's log"
        )
    if len(logged) < len(FAILING):
        return depends("how the task is written", f"in the log was only: {', '.join(logged)}")
    cost = (
        f"but of {TASKS} tasks {done:.0f} was done: those after the failed one were never started"
        if done < TASKS - 1
        else "and the other tasks were done"
    )
    return true(f"each client had its 200, and each failure a traceback in the log, {cost}")


CLAIM = Claim(
    says="A failed task is logged, and not raised to the client.",
    question="What happens when a FastAPI background task raises an exception?",
    topic="Errors",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Catch and log errors within each task, so that those added after it are started.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
