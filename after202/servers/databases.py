"""A database for each trial, on a PostgreSQL server that all of them share."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo


def create(server_url: str, name: str) -> str:
    """Create an empty database and return its connection string."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(server_url, dbname=name)


def drop(server_url: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


def answers(server_url: str) -> bool:
    """Say whether the server takes connections."""
    try:
        psycopg.connect(server_url).close()
    except psycopg.OperationalError:
        return False
    return True
