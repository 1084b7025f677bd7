"""A `gather` that stops the others: it is the group."""

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import FALSE
from loadtests.claims.c04_gather_stops_the_others import run

USUALLY = FALSE
app = FastAPI()


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave the same task, but for `gather`."""
    background_tasks.add_task(run, "group" if kind == "gather" else kind)
