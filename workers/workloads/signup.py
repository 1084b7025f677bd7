"""Mail after sign-up: a welcome mail, a log line and a notification, in any order."""

from email.message import EmailMessage
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import cache, files, mail
from workers.workloads import Workload, effect


class Signup(BaseModel):
    """A new user."""

    username: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\w+$")]
    email: mail.Address


async def request(signup: Signup) -> Signup:
    """Take the request from the body."""
    return signup


def welcome_mail(job_id: UUID, signup: Signup) -> EmailMessage:
    """Return the mail that welcomes the new user."""
    body = f"Hello {signup.username}, your account is ready."
    return mail.message(job_id, signup.email, "Welcome!", body)


def log_line(job_id: UUID, signup: Signup) -> str:
    """Return the log line that names the new user."""
    return f"{job_id} signup {signup.username}"


def notification(job_id: UUID, signup: Signup) -> cache.Notification:
    """Return the notification for the new user."""
    return cache.Notification(f"notifications:{signup.username}", f"{job_id} account ready")


WORKLOAD = Workload(
    path="/signup",
    model=Signup,
    request=request,
    steps=(
        effect("welcome_mail", welcome_mail, mail.send, mail.send_async),
        effect("log_line", log_line, files.append_line, files.append_line_async),
        effect("notification", notification, cache.notify, cache.notify_async),
    ),
    sends_mail=True,
    example=Example(
        method="POST",
        path="/signup",
        headers={"Content-Type": "application/json"},
        body='{"username": "user{n}", "email": "user{n}@example.org"}',
    ),
)
