"""Asks a RabbitMQ what its module `after202_looks` tells: its clients, and what it keeps."""

from urllib.parse import urlsplit
from uuid import uuid4

import amqp

from after202.kernel.model import HARNESS

ASK = "after202.ask"
TIMEOUT_S = 3.0
# The answer of a server that has started and does not know its messages yet.
NOT_YET = "not yet"
# What a server that is away, hangs, or is about to end makes of a question.
SILENT = (OSError, amqp.exceptions.AMQPError, amqp.exceptions.RecoverableConnectionError)


def connection(url: str, timeout_s: float = TIMEOUT_S) -> amqp.Connection:
    """Return a connection, not open yet, with short timeouts, that identifies as the harness."""
    parts = urlsplit(url)
    return amqp.Connection(
        host=f"{parts.hostname}:{parts.port}",
        userid=parts.username,
        password=parts.password,
        connect_timeout=timeout_s,
        read_timeout=timeout_s,
        write_timeout=timeout_s,
        client_properties={"connection_name": HARNESS},
    )


def answers(url: str) -> bool:
    """Return whether the server opens a channel: a port may accept connections without one."""
    try:
        with connection(url) as own:
            own.channel()
    except SILENT:
        return False
    return True


def ask(url: str, question: str, timeout_s: float = TIMEOUT_S) -> list[list[str]] | None:
    """Return the lines of the answer, as words; None if the server does not answer."""
    found: list[amqp.Message] = []
    try:
        with connection(url, timeout_s) as own:
            channel = own.channel()
            name = f"{ASK}.{question}.{uuid4()}"
            channel.queue_declare(name, exclusive=True)
            channel.basic_consume(name, no_ack=True, callback=found.append)
            while not found:
                own.drain_events(timeout=timeout_s)
    except SILENT:
        return None
    body = found[0].body
    text = body if isinstance(body, str) else bytes(body).decode(errors="replace")
    return None if text == NOT_YET else [line.split("\t") for line in text.splitlines()]
