"""Tasks that keep their errors to themselves."""

from contextlib import suppress

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import DEPENDS
from loadtests.claims.c40_errors_reach_monitoring import Monitor, fails_on_loop

USUALLY = DEPENDS
app = FastAPI()
app.add_middleware(Monitor)


async def fails_unseen() -> None:
    """Fail, and catch the error."""
    with suppress(ValueError):
        await fails_on_loop()


@app.get("/def")
@app.get("/async")
async def submit(background_tasks: BackgroundTasks) -> None:
    """Add the same task for both."""
    background_tasks.add_task(fails_unseen)
