"""Creates a database for each trial, on a PostgreSQL server that all trials share."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo


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
