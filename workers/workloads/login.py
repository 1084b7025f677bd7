"""Login: two log lines, the time and the action, in any order."""

import time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import files
from workers.workloads import Workload, effect


class Login(BaseModel):
    """A user who logs in."""

    username: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\w+$")]


async def request(login: Login) -> Login:
    """Take the request from the body."""
    return login


def time_line(job_id: UUID, login: Login) -> str:
    """Return the log line that says when the user logged in."""
    return f"{job_id} login-time {login.username} {time.time():.3f}"


def action_line(job_id: UUID, login: Login) -> str:
    """Return the log line that says what the user did."""
    return f"{job_id} login-action {login.username} logged in"


WORKLOAD = Workload(
    path="/login",
    model=Login,
    request=request,
    steps=(
        effect("time_line", time_line, files.append_line, files.append_line_async),
        effect("action_line", action_line, files.append_line, files.append_line_async),
    ),
    example=Example(
        method="POST",
        path="/login",
        headers={"Content-Type": "application/json"},
        body='{"username": "user{n}"}',
    ),
)
