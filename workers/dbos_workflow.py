"""DBOS: what its system database holds. There is no worker: the API runs the workflows."""

from uuid import UUID

import psycopg

from after202.kernel.model import HARNESS, Look, Wiring

__all__ = ["held"]

LOOK_S = 3
WAITING = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


def held(wiring: Wiring) -> Look | None:
    """Return the workflows that are to be done, and those that have ended without success.

    A workflow's id is its job's. None if the server does not answer.
    """
    query = "SELECT workflow_uuid, status FROM dbos.workflow_status WHERE status <> 'SUCCESS'"
    try:
        with psycopg.connect(
            wiring.broker_url, connect_timeout=LOOK_S, application_name=HARNESS
        ) as connection:
            rows = connection.execute(query).fetchall()
    except psycopg.OperationalError:
        return None
    ours = {name: status for name, status in rows if is_job(name)}
    return Look(
        held={job: status for job, status in ours.items() if status in WAITING},
        failed={job: status for job, status in ours.items() if status not in WAITING},
        unread=sum(status in WAITING for name, status in rows if name not in ours),
    )


def is_job(name: str) -> bool:
    """Whether a workflow has a job's id."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
