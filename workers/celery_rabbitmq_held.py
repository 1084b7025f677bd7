"""What a Celery application still has on a RabbitMQ; looking changes nothing.

AMQP can only take a message and give it back, which counts as a delivery. The server that the
harness starts therefore has a module, `after202_looks`, that reads queues from inside; messages
that it cannot read come without a body, and tell of no job.
"""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlsplit
from uuid import uuid4

import amqp

from after202.kernel.model import HARNESS, Look, Wiring
from workers import celery_held

ASK, TIMEOUT_S = "after202.ask.messages", 3.0
# The whole answer, while a queue does not know its messages.
NOT_YET = b"not yet"
# Queues in which Celery keeps what is due later, from which it comes to the queue itself.
DELAYED = "celery_delayed_"
SET_ASIDE = "dead-letter queue"


def dead(queue: str) -> str:
    """Return the name of the queue of what was delivered too often."""
    return f"{queue}.dead"


def look(wiring: Wiring) -> Look | None:
    """Return the jobs in the wiring's queues; None if the server does not answer."""
    try:
        answer = _answer(wiring.broker_url)
    except (OSError, amqp.exceptions.AMQPError):
        return None
    if answer == NOT_YET:
        return None
    messages = list(_messages(answer))
    own = celery_held.read(
        {text: place for queue, place, text in messages if _is_own(queue, wiring.queue)}
    )
    failed = celery_held.read(
        {text: SET_ASIDE for queue, _, text in messages if queue == dead(wiring.queue)}
    )
    return Look(held=own.held, failed=failed.held, unread=own.unread + failed.unread)


def _is_own(queue: str, name: str) -> bool:
    return queue == name or queue.startswith(DELAYED)


def _answer(url: str) -> bytes:
    """Return the body of the server's answer."""
    parts = urlsplit(url)
    found: list[bytes] = []

    def keep(message: amqp.Message) -> None:
        body = message.body
        found.append(body.encode() if isinstance(body, str) else bytes(body))

    with amqp.Connection(
        host=f"{parts.hostname}:{parts.port}",
        userid=parts.username,
        password=parts.password,
        connect_timeout=TIMEOUT_S,
        read_timeout=TIMEOUT_S,
        client_properties={"connection_name": HARNESS},
    ) as connection:
        channel = connection.channel()
        name = f"{ASK}.{uuid4()}"
        channel.queue_declare(name, exclusive=True)
        channel.basic_consume(name, no_ack=True, callback=keep)
        while not found:
            connection.drain_events(timeout=TIMEOUT_S)
    return found[0]


def _messages(answer: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield each message as (queue, place, the message as Kombu writes it to Redis).

    Each is a line of words, the last of which is the number of bytes of the body that follows.
    Those without a body are all alike, and are told apart here so that each one counts.
    """
    stream = BytesIO(answer)
    for number, line in enumerate(iter(stream.readline, b"")):
        queue, place, kind, encoding, size = line.decode().rstrip("\n").split("\t")
        body = stream.read(int(size))
        message = {
            "number": number,
            "body": base64.b64encode(body).decode(),
            "content-type": kind,
            "content-encoding": encoding,
        }
        yield queue, place, json.dumps(message).encode()
