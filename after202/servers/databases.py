"""Creates a database for each trial, on a PostgreSQL server that all trials share."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from after202.kernel.errors import TrialError
from after202.kernel.model import HARNESS

LOOK_S = 10


def create(server_url: str, name: str) -> str:
    """Create an empty database and return its connection string."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(server_url, dbname=name)


def drop(server_url: str, name: str) -> None:
    """Drop a database, even if clients are connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


def answers(server_url: str) -> bool:
    """Return whether the server accepts connections."""
    try:
        psycopg.connect(server_url).close()
    except psycopg.OperationalError:
        return False
    return True


def jobs_in(url: str, table: str) -> tuple[str, ...]:
    """Return the ids of the jobs that have a row in a table, each once.

    TrialError if the database does not answer, or has no such table.
    """
    query = sql.SQL("SELECT DISTINCT job_id::text FROM {}").format(sql.Identifier(table))
    try:
        with psycopg.connect(url, connect_timeout=LOOK_S, application_name=HARNESS) as connection:
            return tuple(job for (job,) in connection.execute(query))
    except psycopg.Error as error:
        raise TrialError(f"the rows of {table} cannot be read: {error}") from error
