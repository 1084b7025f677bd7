"""New order: the request stores the order; then a mail confirms it and a line is logged."""

from email.message import EmailMessage
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import database, files, mail
from workers.workloads import Workload, Written, effect


class Order(BaseModel):
    """An order of some pieces of one item."""

    email: mail.Address
    item_id: Annotated[int, Field(ge=1, lt=2**31)]
    pieces: Annotated[int, Field(ge=1, le=1000)] = 1


async def request(order: Order) -> Order:
    """Take the request from the body."""
    return order


def stored(job_id: UUID, order: Order) -> database.Row:
    """Return the order's row, which the request itself stores."""
    statement = "INSERT INTO orders (job_id, email, item_id, pieces) VALUES (%s, %s, %s, %s)"
    return database.Row(statement, (job_id, order.email, order.item_id, order.pieces))


def confirmation(job_id: UUID, order: Order) -> EmailMessage:
    """Return the mail that confirms the order."""
    body = f"You ordered {order.pieces} of item {order.item_id}."
    return mail.message(job_id, order.email, "Your order", body)


def log_line(job_id: UUID, order: Order) -> str:
    """Return the log line of the order."""
    return f"{job_id} order {order.item_id} {order.pieces}"


WORKLOAD = Workload(
    path="/order",
    model=Order,
    request=request,
    written=Written("orders", stored),
    steps=(
        effect("confirmation", confirmation, mail.send, mail.send_async),
        effect("log_line", log_line, files.append_line, files.append_line_async),
    ),
    sends_mail=True,
    example=Example(
        method="POST",
        path="/order",
        headers={"Content-Type": "application/json"},
        body='{"email": "user{n}@example.org", "item_id": 202, "pieces": 2}',
    ),
)
