"""A notification whose job is submitted by a dependency, before the endpoint's own body runs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, EmailStr

from after202.kernel.model import Example
from workers.services import files
from workers.workloads import Workload, effect


class Notification(BaseModel):
    """Whom to notify."""

    email: EmailStr


async def request(email: Annotated[EmailStr, Path()]) -> Notification:
    """Take the request from the path."""
    return Notification(email=email)


def log_line(job_id: UUID, notification: Notification) -> str:
    """Say who was notified."""
    return f"{job_id} notification {notification.email}"


WORKLOAD = Workload(
    path="/send-notification/{email}",
    model=Notification,
    request=request,
    steps=(effect("log_line", log_line, files.append_line, files.append_line_async),),
    submitted_in_dependency=True,
    example=Example(method="POST", path="/send-notification/user{n}@example.org"),
)
