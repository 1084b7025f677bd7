"""An app that enqueues in a thread: a broker that hangs holds up nobody else."""

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from loadtests.claims import DEPENDS
from loadtests.claims.c17_enqueueing_is_instant import in_thread, ping, queue, work

USUALLY = DEPENDS
app = FastAPI()
app.get("/ping")(ping)
app.post("/def")(in_thread)
app.post("/celery")(in_thread)


@app.post("/rq")
async def to_rq() -> None:
    """Enqueue in a thread of the pool."""
    await run_in_threadpool(queue.enqueue, work)
