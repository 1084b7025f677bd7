"""An app in which an error's answer carries the tasks of the request."""

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from loadtests.claims import TRUE
from loadtests.claims.c31_no_tasks_after_an_error import order

USUALLY = TRUE
app = FastAPI()


@app.get("/{what}")
async def carried(what: str, background_tasks: BackgroundTasks, request: Request) -> None:
    """Note the tasks where the handler finds them, and go on as the claim's app does."""
    request.state.tasks = background_tasks
    await order(what, background_tasks)


@app.exception_handler(HTTPException)
@app.exception_handler(Exception)
async def answer(request: Request, error: Exception) -> Response:
    """Answer any error, and do its request's tasks after that."""
    return JSONResponse(
        {"detail": type(error).__name__}, status_code=409, background=request.state.tasks
    )
