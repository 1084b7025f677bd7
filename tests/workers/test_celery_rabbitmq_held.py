"""What is made of a RabbitMQ's answer, by hand."""

import json

import pytest

from after202.kernel.model import Look, Wiring
from workers import celery_rabbitmq_held

pytestmark = pytest.mark.fast
QUEUE = "after202"


def message(queue: str, place: str, job: str) -> bytes:
    """Return a message as the server tells it."""
    body = json.dumps([[{"id": job, "workload": "empty"}, 0], {}, {}]).encode()
    return f"{queue}\t{place}\tapplication/json\tutf-8\t{len(body)}\n".encode() + body


def look(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> Look | None:
    """Return what is told of an answer."""
    monkeypatch.setattr(celery_rabbitmq_held, "_answer", lambda _: answer)
    return celery_rabbitmq_held.look(Wiring(queue=QUEUE))


def test_each_queue_of_celery_s_is_told_by_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is delayed comes to the queue later; control messages and other queues hold no job."""
    answer = b"".join([
        message(QUEUE, "queue", "waits"),
        message(QUEUE, "unacked", "taken"),
        message("celery_delayed_3", "queue", "later"),
        message(f"{QUEUE}.dead", "queue", "failed"),
        message(f"{QUEUE}@host.celery.pidbox", "queue", "control"),
        message("others", "queue", "other"),
    ])  # fmt: skip
    assert look(monkeypatch, answer) == Look(
        held={"waits": "queue", "taken": "unacked", "later": "queue"},
        failed={"failed": "dead-letter queue"},
    )


def test_each_message_that_was_only_counted_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are alike, and none is a job that is known; nor is one that is no JSON."""
    counted = f"{QUEUE}\tqueue\t\t\t0\n".encode()
    pickled = f"{QUEUE}\tqueue\tapplication/x-python-serialize\tbinary\t2\nN.".encode()
    found = look(monkeypatch, 3 * counted + pickled + message(f"{QUEUE}.dead", "queue", "failed"))
    assert found == Look(failed={"failed": "dead-letter queue"}, unread=4)


def test_a_server_that_does_not_know_yet_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer says that nothing is there."""
    assert look(monkeypatch, celery_rabbitmq_held.NOT_YET) is None
    assert look(monkeypatch, b"") == Look()
