"""What RabbitMQ tells of itself, and what faults do to it, on a real server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import amqp
import psutil
import pytest

from after202.brokers.interface import Server, ServerPlace
from after202.brokers.rabbitmq import BROKER
from after202.hosts import private
from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.hosts.processes import FAMILY, local_ports, marked
from after202.kernel.model import HARNESS
from after202.servers import rabbitmq_asked

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(BROKER.missing()), reason="rabbitmq-server is not installed"),
]
WAITS_S, SAVED_S = 10.0, 1.5
QUORUM = "quorum"
PERSISTENT, TRANSIENT = 2, 1


@pytest.fixture(scope="module")
def server(scratch: Path) -> Iterator[Server]:
    """Start a server that the tests share; each has queues of its own."""
    folder = private.folder(scratch / "rabbitmq")
    started = BROKER.serve(ServerPlace(folder / "broker", folder / "log", ()), BROKER.usual)
    yield started
    started.child.kill()


@contextmanager
def client(server: Server, name: str = "client") -> Iterator[amqp.Channel]:
    """Give a channel of a connection with a name."""
    connection = rabbitmq_asked.connection(server.url)
    connection.client_properties = {"connection_name": name}
    with connection:
        yield connection.channel()


def declare(channel: amqp.Channel, kind: str = "classic", *, durable: bool = True) -> str:
    """Declare a queue of a kind; return its name."""
    name = f"queue_{uuid4().hex}"
    channel.queue_declare(
        name, durable=durable, auto_delete=False, arguments={"x-queue-type": kind}
    )
    return name


def publish(channel: amqp.Channel, queue: str, *bodies: str, mode: int = PERSISTENT) -> None:
    """Publish messages, and wait until the server has them."""
    for body in bodies:
        message = amqp.Message(body, content_type="text/plain", delivery_mode=mode)
        channel.basic_publish_confirm(message, "", queue)


def kept(server: Server, queue: str) -> list[tuple[str, str]]:
    """Return the messages of a queue, each with its place."""
    lines = iter(rabbitmq_asked.ask(server.url, "messages") or [])
    found = [(line, next(lines)[0]) for line in lines if len(line) > 1]
    return [(line[1], body) for line, body in found if line[0] == queue]


def told(server: Server) -> bool:
    """Return whether the server tells what it keeps."""
    return rabbitmq_asked.ask(server.url, "messages") is not None


@pytest.mark.parametrize("kind", ["classic", QUORUM])
def test_it_tells_what_waits_and_what_was_taken_and_changes_neither(
    server: Server, kind: str
) -> None:
    """A look counts as no delivery, and leaves the order as it is."""
    with client(server) as channel:
        queue = declare(channel, kind)
        publish(channel, queue, "first\n", "second\n", "third\n")
        channel.basic_get(queue)
        for _ in range(2):
            assert kept(server, queue) == [
                ("unacked", "first"), ("queue", "second"), ("queue", "third"),
            ]  # fmt: skip
        second = channel.basic_get(queue)
        assert (second.body, second.delivery_info["redelivered"]) == ("second\n", False)
        channel.basic_ack(second.delivery_tag)
        assert kept(server, queue) == [("unacked", "first"), ("queue", "third")]
    assert kept(server, queue) == [("queue", "first"), ("queue", "third")]


def test_what_it_cannot_read_it_counts(server: Server) -> None:
    """A stream is read by nobody here: its messages come without a body, so none is called lost."""
    with client(server) as channel:
        queue = declare(channel, "stream")
        publish(channel, queue, "first\n", "second\n")
        unread = [queue, "queue", "", "", "0"]

        def both_counted() -> bool:
            return (rabbitmq_asked.ask(server.url, "messages") or []).count(unread) == 2

        until("both counted", both_counted, WAITS_S, [server.child])


def test_every_client_loses_its_connection_but_the_harness(server: Server) -> None:
    """An idle one does, and one that waits; their ports are those of this process."""
    with client(server, HARNESS) as ours:
        idle, waiting = (rabbitmq_asked.connection(server.url) for _ in range(2))
        for name, one in (("idle", idle), ("waits", waiting)):
            one.client_properties = {"connection_name": name}
            one.connect()
        queue = declare(waiting.channel())
        waiting.channel().basic_consume(queue)
        others = [one for one in BROKER.clients(server.url) if one.name != HARNESS]
        assert {one.name for one in others} == {"idle", "waits"}
        assert {one.port for one in others} <= local_ports([psutil.Process()])
        assert BROKER.disconnect(server.url) == 2
        for one in (idle, waiting):
            with pytest.raises(OSError, match=r".*"):
                one.drain_events(timeout=WAITS_S)
            one.collect()
        assert {one.name for one in BROKER.clients(server.url)} == {HARNESS}
        ours.queue_declare(queue, passive=True)
    assert BROKER.disconnect(server.url) == 0


def test_a_crash_leaves_what_queue_and_message_declare(scratch: Path) -> None:
    """A confirmed message survives if it is persistent and its queue durable, or a quorum queue.

    The server listens to its clients alone, on the loopback interface, and nothing of it is left.
    """
    folder = private.folder(scratch / "rabbitmq-crash")
    server = BROKER.serve(ServerPlace(folder / "broker", folder / "log", ()), BROKER.usual)
    try:
        ours = local_ports(server.child.tree())
        with client(server) as channel:
            durable, quorum = declare(channel), declare(channel, QUORUM)
            gone = declare(channel, durable=False)
            # Which log is a quorum queue's stands in a table that is saved every half second.
            time.sleep(SAVED_S)
            for queue in (durable, quorum, gone):
                publish(channel, queue, "persistent\n")
                publish(channel, queue, "transient\n", mode=TRANSIENT)
        listening = {
            (one.laddr.ip, one.laddr.port)
            for process in server.child.tree()
            for one in process.net_connections(kind="tcp")
            if one.status == psutil.CONN_LISTEN
        }
        assert {ip for ip, _ in listening} == {HOST}
        assert {port for _, port in listening} == ours
        assert len(listening) == 1
        (environment,) = {one.environ()[FAMILY] for one in server.child.tree()}
        server.child.kill()
        assert not marked(environment, FAMILY)
        assert not BROKER.answers(server.url)
        server.start()
        until("what is kept", lambda: told(server), WAITS_S, [server.child])
        assert kept(server, durable) == [("queue", "persistent")]
        # Raft logs whatever is published.
        assert kept(server, quorum) == [("queue", "persistent"), ("queue", "transient")]
        with client(server) as channel, pytest.raises(amqp.exceptions.NotFound):
            channel.queue_declare(gone, passive=True)
        server.child.freeze()
        assert not BROKER.answers(server.url)
        server.child.thaw()
        until("an answer", lambda: BROKER.answers(server.url), WAITS_S, [server.child])
        assert server.child.stop(WAITS_S)
    finally:
        server.child.kill()


def test_a_server_that_is_away_says_nothing() -> None:
    """And nothing was done to it."""
    nobody = BROKER.url(HOST, 1, "secret")
    assert not BROKER.answers(nobody)
    assert BROKER.clients(nobody) == []
    assert BROKER.disconnect(nobody) == 0
