"""What PgQueuer's table still holds; looking changes nothing."""

import psycopg

from after202.kernel.model import HARNESS, Look, Wiring
from workers.pgqueuer_jobs import read

LOOK_S = 3


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in PgQueuer's table, and those that it holds as failed.

    None if the server does not answer.
    """
    try:
        with psycopg.connect(
            wiring.broker_url, connect_timeout=LOOK_S, application_name=HARNESS
        ) as connection:
            rows = connection.execute("SELECT payload, status::text FROM pgqueuer").fetchall()
    except psycopg.OperationalError:
        return None
    found: dict[str, str] = {}
    failed: dict[str, str] = {}
    unread = 0
    for message, status in rows:
        try:
            job, _ = read(message or b"")
        except ValueError:
            unread += 1
        else:
            (failed if status == "failed" else found)[str(job.id)] = status
    return Look(held=found, failed=failed, unread=unread)
