"""A failed task harms nobody else.

When an app raises after its answer was sent, uvicorn (0.54: `RequestResponseCycle.run_asgi`)
closes the connection. By then it may carry the next request: clients keep their connections, and
a reverse proxy sends the requests of many clients over one.
"""

import asyncio
import logging
import time

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Server, Verdict, depends, false, true
from loadtests.claims.inside import mark

FAILS_S, REQUEST_S, TRIES = 0.3, 0.6, 5
APART = "on another connection"
SAME = "on the same connection"
H11 = "on the same connection, uvicorn --http h11"
GUARDED = "on the same connection, the task catches its error"
ANSWERED, DONE = "requests answered, of 5", "carried out by the app, of 5"
app = FastAPI()


def mail() -> None:
    """Fail after 0.3 s."""
    time.sleep(FAILS_S)
    raise RuntimeError("the mail server refused it")


def guarded_mail() -> None:
    """Do the same, and let nothing out."""
    try:
        mail()
    except RuntimeError:
        logging.getLogger("mails").exception("the mail was not sent")


@app.get("/mail")
async def send_mail(background_tasks: BackgroundTasks) -> None:
    """Leave a task that fails."""
    background_tasks.add_task(mail)


@app.get("/guarded")
async def send_guarded_mail(background_tasks: BackgroundTasks) -> None:
    """Leave a task that fails and catches its error."""
    background_tasks.add_task(guarded_mail)


@app.get("/order")
async def order() -> dict[str, str]:
    """Answer after 0.6 s; nothing is wrong with this request."""
    await asyncio.sleep(REQUEST_S)
    mark("order")
    return {"order": "placed"}


def experiment(lab: Lab) -> Evidence:
    """Let tasks fail while the next request is in progress."""
    server, with_h11 = lab.serve(), lab.serve("app", "--http", "h11")
    return {
        APART: orders(lab, server, "/mail", is_apart=True),
        SAME: orders(lab, server, "/mail"),
        H11: orders(lab, with_h11, "/mail"),
        GUARDED: orders(lab, server, "/guarded"),
    }


def orders(
    lab: Lab, server: Server, mail_path: str, *, is_apart: bool = False
) -> dict[str, float | None]:
    """Send a mail and, when that is answered, an order; five times, side by side."""
    before, waiting = len(lab.marks("order")), []
    for _ in range(TRIES):
        connection = server.connect()
        connection.get(mail_path)
        other = server.connect() if is_apart else connection
        other.send("/order")
        waiting.append(other)
    answered = sum(one.receive().status == 200 for one in waiting)
    lab.comes("order", before + TRIES, timeout_s=3)
    return {ANSWERED: answered, DONE: len(lab.marks("order")) - before}


def judge(seen: Seen) -> Verdict:
    """Judge by the requests that had nothing to do with the task."""
    apart, same = seen.least(APART, ANSWERED), seen.least(SAME, ANSWERED)
    if apart < TRIES:
        return false(
            f"on other connections too, only {apart:.0f} of {TRIES} requests were answered"
        )
    if same < TRIES:
        return depends(
            "whether the next request on a kept connection is in progress when the task fails",
            f"uvicorn then closes that connection: {same:.0f} of {TRIES} such requests were"
            f" answered, although the app carried out {seen.least(SAME, DONE):.0f}; on other"
            f" connections {apart:.0f} of {TRIES}",
        )
    return true(f"all of {TRIES} requests were answered, on the same connection too")


CLAIM = Claim(
    says="A failed task harms nobody else.",
    question="Can a background task that fails break other requests?",
    topic="Errors",
    source="a tutorial, “FastAPI Core: Background Tasks” (“failures OK”)",
    instead="Catch every error within the task, so that the server does not close the connection.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
