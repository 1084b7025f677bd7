"""Notification: a dependency submits its job, before the endpoint's own body runs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel

from after202.kernel.model import Example
from workers.services import files
from workers.services.mail import Address
from workers.workloads import Workload, effect


class Notification(BaseModel):
    """Whom to notify."""

    email: Address


async def request(email: Annotated[Address, Path()]) -> Notification:
    """Take the request from the path."""
    return Notification(email=email)


def log_line(job_id: UUID, notification: Notification) -> str:
    """Return the log line that names the notified address."""
    return f"{job_id} notification {notification.email}"


WORKLOAD = Workload(
    path="/send-notification/{email}",
    model=Notification,
    request=request,
    steps=(effect("log_line", log_line, files.append_line, files.append_line_async),),
    submitted_in_dependency=True,
    example=Example(method="POST", path="/send-notification/user{n}@example.org"),
)
