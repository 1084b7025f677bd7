"""An app that holds on to every task and, when it ends, waits for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from loadtests.claims import FALSE
from loadtests.claims.c21_create_task_is_as_good import (
    in_background,
    kept,
    report,
    running,
    service,
)

__all__ = ["app", "service"]
USUALLY = FALSE


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Wait at the end."""
    yield
    await asyncio.gather(*running)


app = FastAPI(lifespan=lifespan)
app.get("/background/{port}")(in_background)
app.get("/bare/{port}")(kept)
app.get("/kept/{port}")(kept)
app.get("/report")(report)
