"""An app whose server never sees that a task failed."""

import logging

from starlette.types import Receive, Scope, Send

from loadtests.claims import DEPENDS
from loadtests.claims.c06_failed_task_harms_nobody import app as failing

USUALLY = DEPENDS


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Run the same app, and log what it raises."""
    try:
        await failing(scope, receive, send)
    except RuntimeError:
        logging.getLogger("mails").exception("a task failed")
