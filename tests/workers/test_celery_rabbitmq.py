"""Celery on RabbitMQ: what its queue holds in each state, with a real worker and a real server."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import amqp
import pytest
from celery import Celery

from after202.brokers.interface import ServerPlace
from after202.brokers.rabbitmq import BROKER
from after202.hosts import private
from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.kernel.ledger import EventKind
from after202.kernel.model import DOCUMENTED, HARDENED, Look
from after202.servers import rabbitmq_asked
from tests.workers.queued import TIMEOUT_S, Queued, queued
from workers import celery_rabbitmq
from workers.celery_rabbitmq_held import dead
from workers.celery_rabbitmq_settings import DELIVERY_LIMIT
from workers.celery_settings import node

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(BROKER.missing()), reason="rabbitmq-server is not installed"),
]
STRATEGY = "celery_rabbitmq"


@pytest.fixture(scope="module")
def server(scratch: Path) -> Iterator[str]:
    """Start a server that the tests share; return its URL."""
    folder = private.folder(scratch / STRATEGY)
    started = BROKER.serve(ServerPlace(folder / "broker", folder / "log", ()), BROKER.usual)
    yield started.url
    started.child.kill()


@pytest.fixture
def own(server: str, tmp_path: Path) -> Queued:
    """Give a queue of the test's own, as documented."""
    return queued(STRATEGY, tmp_path, server, queue=f"after202_{uuid4().hex}")


def declared(own: Queued, name: str) -> tuple[int, int]:
    """Return how many messages are ready in a queue that is there, and its consumers."""
    with rabbitmq_asked.connection(own.wiring.broker_url) as connection:
        found = connection.channel().queue_declare(name, passive=True)
        return found.message_count, found.consumer_count


@pytest.mark.parametrize("variant", [DOCUMENTED, "one_message", "batched", "transient", HARDENED])
def test_jobs_that_wait_are_held_by_their_own_ids(own: Queued, variant: str) -> None:
    """However many messages they are: ordered steps are one, which has the others in it."""
    wired = own.wired(variant=variant)

    jobs = [wired.enqueue(name)[0] for name in ("empty", "signup", "process")]
    assert wired.held() == Look(held=dict.fromkeys(jobs, "queue"))
    messages = 3 if variant == "one_message" else 1 + 3 + 1
    assert declared(wired, wired.wiring.queue) == (messages, 0)


@pytest.mark.parametrize(
    ("variant", "places"),
    [(DOCUMENTED, ["queue"] * 4 + ["unacked"] * 8), (HARDENED, ["queue"] * 12 + ["unacked"] * 2)],
)
def test_what_a_busy_worker_took_is_told_and_comes_back_when_it_dies(
    own: Queued, variant: str, places: list[str]
) -> None:
    """Documented, it fetches four ahead for each slot and has acknowledged what it does."""
    wired = own.wired(variant=variant)
    jobs = wired.enqueue("long", 14)
    with wired.worker() as child, wired.asking() as ask:

        def is_so() -> bool:
            look = ask()
            return look is not None and sorted(look.held.values()) == places

        until("what a busy worker took", is_so, TIMEOUT_S, [child])
        child.kill()
        back = Look(held=dict.fromkeys(set(jobs) - lost(wired, variant), "queue"))
        until("all of it back", lambda: ask() == back, TIMEOUT_S, [])


def lost(own: Queued, variant: str) -> set[str]:
    """Return the jobs that a dead worker had acknowledged."""
    return {str(job) for job in own.events(EventKind.START)} if variant == DOCUMENTED else set()


def test_what_was_delivered_too_often_is_set_aside_as_failed(own: Queued) -> None:
    """A job that ends its process each time would otherwise be delivered for ever.

    A worker has declared where it goes; it is given back here as the server does it for the dead.
    """
    wired = own.wired(variant=HARDENED)
    with wired.worker() as child:
        is_there = lambda: not is_missing(wired, dead(wired.wiring.queue))  # noqa: E731
        until("the queue", is_there, TIMEOUT_S, [child])
    (job,) = wired.enqueue("empty")
    with rabbitmq_asked.connection(wired.wiring.broker_url) as connection:
        channel = connection.channel()
        for _ in range(DELIVERY_LIMIT):
            channel.basic_reject(taken(channel, wired.wiring.queue), requeue=True)
        assert wired.held() == Look(held={job: "queue"})
        channel.basic_reject(taken(channel, wired.wiring.queue), requeue=True)
        wired.until_held(Look(failed={job: "dead-letter queue"}))


def is_missing(own: Queued, name: str) -> bool:
    """Return whether there is no queue of a name."""
    try:
        declared(own, name)
    except amqp.exceptions.NotFound:
        return True
    return False


def taken(channel: amqp.Channel, queue: str) -> int:
    """Take the next message, as soon as it is there; return its tag."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        message = channel.basic_get(queue)
        if message is not None:
            return int(message.delivery_tag)
    raise TimeoutError(queue)


@pytest.mark.parametrize("variant", celery_rabbitmq.SETUPS)
def test_a_running_worker_has_the_settings_that_are_told(own: Queued, variant: str) -> None:
    """Read back from the worker, and from the queue that it declared."""
    wired = own.wired(variant=variant)
    setup = celery_rabbitmq.SETUPS[variant]
    app = Celery("asking", set_as_current=False)
    app.conf.update(celery_rabbitmq.configuration(wired.wiring))
    inspect = app.control.inspect([node(wired.wiring)], timeout=1.0)
    found: dict[str, dict[str, object]] = {}

    def answers() -> bool:
        found.update(inspect.conf(with_defaults=True) or {})
        return bool(found)

    with wired.worker() as child:
        until("the worker's answer", answers, TIMEOUT_S, [child])
    (conf,) = found.values()
    told = {one.name: one.value for one in setup.settings}
    for name, (value, _) in setup.conf.items():
        assert conf[name] == value, name
        assert told[name] == str(value)
    app.close()
    kind = "quorum" if "x-queue-type" in told else "classic"
    assert refused(wired, {"x-queue-type": "classic" if kind == "quorum" else "quorum"})
    if kind == "quorum":
        assert refused(wired, {"x-queue-type": kind, "x-delivery-limit": DELIVERY_LIMIT + 1})


def refused(own: Queued, arguments: dict[str, object]) -> bool:
    """Return whether the queue cannot be declared with arguments that are not its own."""
    with rabbitmq_asked.connection(own.wiring.broker_url) as connection:
        try:
            connection.channel().queue_declare(
                own.wiring.queue, durable=True, auto_delete=False, arguments=arguments
            )
        except amqp.exceptions.PreconditionFailed:
            return True
    return False


def test_a_worker_calls_no_task_but_ours(own: Queued) -> None:
    """It says so, and goes on; a message that cannot be read may hide a job."""
    app = Celery("foreign", set_as_current=False)
    app.conf.update(celery_rabbitmq.configuration(own.wiring))
    app.send_task("os.system", ("true",))
    app.close()
    assert own.held() == Look(unread=1)
    with own.worker() as child:
        said = lambda: celery_rabbitmq.FOREIGN_MESSAGE in child.log_text()  # noqa: E731
        until("the worker's word", said, TIMEOUT_S, [child])
        assert child.exit_code is None


def test_a_server_that_is_away_says_nothing(own: Queued) -> None:
    """What it holds is not known."""
    assert own.wired(broker_url=BROKER.url(HOST, 1, "secret")).held() is None
