"""What Celery still holds, in every form that its messages and queues have; all of it is real."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from celery import Celery, chain, chord, group

from after202.kernel.model import Job, Look, Wiring
from after202.servers.valkey import Valkey
from workers import celery_held, celery_queue

pytestmark = pytest.mark.processes
QUEUE = "after202_inspected"
OTHER = "elsewhere"


class Sender:
    """A Celery application on the broker, with settings of its own."""

    def __init__(self, broker: str, **conf: Any) -> None:
        """Configure it as ours, with these settings on top."""
        wiring = Wiring(broker_url=broker, queue=QUEUE)
        self.conf: dict[str, Any] = celery_queue.configuration(wiring) | conf
        self.app = Celery("sender", set_as_current=False)
        self.app.conf.update(self.conf)
        self.broker = broker
        self.step = self.app.task(_step, name="step")
        self.urgent = self.app.task(_step, name="urgent")

    def look(self) -> Look:
        """Return what its queues hold."""
        with redis.Redis.from_url(self.broker) as connection:
            return celery_held.look(self.conf, self.app.tasks, connection)


def _step(message: dict[str, Any], step: int = 0) -> None:
    """Do nothing: no worker runs."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give a broker of one's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


def jobs(number: int) -> list[dict[str, Any]]:
    """Return new jobs as messages have them."""
    made = [Job(id=uuid4(), workload="empty", request={"id": "of a file"}) for _ in range(number)]
    return [job.model_dump(mode="json") for job in made]


def ids(some: list[dict[str, Any]]) -> set[str]:
    """Return the ids of jobs."""
    return {job["id"] for job in some}


def keys(broker: str) -> set[str]:
    """Return the names of all lists."""
    with redis.Redis.from_url(broker, decode_responses=True) as client:
        return set(client.scan_iter(_type="LIST"))


def test_jobs_of_every_priority_are_held(broker: str) -> None:
    """Kombu keeps a list for each of its steps of priority."""
    sender, sent = Sender(broker), jobs(4)
    for job, priority in zip(sent, (0, 3, 5, 9), strict=True):
        sender.step.apply_async((job,), priority=priority)
    assert keys(broker) == {QUEUE, *(f"{QUEUE}\x06\x16{step}" for step in (3, 9))}
    assert sender.look() == Look(held=dict.fromkeys(ids(sent), "queue"))


def test_jobs_under_a_prefix_are_held_waiting_and_taken(broker: str) -> None:
    """Those that a consumer took and did not acknowledge are in a hash under the same prefix."""
    options = {"global_keyprefix": "ours:", "unacked_key": f"{QUEUE}.unacked"}
    sender, sent = Sender(broker, broker_transport_options=options), jobs(2)
    for job in sent:
        sender.step.delay(job)
    with sender.app.connection_for_read() as connection:
        taken = connection.default_channel.basic_get(QUEUE)
        assert keys(broker) == {f"ours:{QUEUE}"}
        first, second = (job["id"] for job in sent)
        assert sender.look() == Look(held={first: "unacked", second: "queue"})
        taken.reject()
    assert sender.look() == Look(held={second: "queue"})


@pytest.mark.parametrize(
    "routes",
    [
        {"urgent": {"queue": OTHER}},
        {"urg*": OTHER},
        ([("urgent", {"queue": OTHER})],),
        lambda name, *_, **__: {"queue": OTHER} if name == "urgent" else None,
    ],
    ids=["name", "pattern", "pairs", "function"],
)
def test_jobs_in_queues_that_routes_name_are_held(broker: str, routes: Any) -> None:
    """In every form that `task_routes` has."""
    sender, sent = Sender(broker, task_routes=routes), jobs(2)
    sender.step.delay(sent[0])
    sender.urgent.apply_async((sent[1],), priority=9)
    assert keys(broker) == {QUEUE, f"{OTHER}\x06\x169"}
    assert sender.look() == Look(held=dict.fromkeys(ids(sent), "queue"))


def test_jobs_in_queues_of_the_trial_are_held_and_other_applications_are_not_read(
    broker: str,
) -> None:
    """A queue with the trial's name in its own needs no setting."""
    sender, sent = Sender(broker, task_queues={OTHER: {}}), jobs(3)
    for job, queue in zip(sent, (f"{QUEUE}.urgent", OTHER, "of_somebody_else"), strict=True):
        sender.step.apply_async((job,), queue=queue)
    assert sender.look() == Look(held=dict.fromkeys(ids(sent[:2]), "queue"))


def test_jobs_given_by_keyword_are_held(broker: str) -> None:
    """Alone, and beside others; and by position, inside a list."""
    sender, sent = Sender(broker), jobs(3)
    sender.step.delay(message=sent[0])
    sender.step.delay(step=7, message=sent[1])
    sender.step.delay([[sent[2]]])
    assert sender.look() == Look(held=dict.fromkeys(ids(sent), "queue"))


def follow(signature: Callable[..., Any], some: list[dict[str, Any]]) -> dict[str, Any]:
    """Return five jobs' work in each of Celery's forms, of which one message may wait."""
    one, two, three, four, five = (signature(job) for job in some)
    return {
        "chain": chain(one, two, three, four, five),
        "callbacks": one.on_error(two).set(link=[three, chain(four, five)]),
        "group": group(one, two, three, four, five),
        "group in a chain": chain(one, group(two, three), four, five),
        "chord": chord([one, chain(two, three)], chain(four, five)),
    }


@pytest.mark.parametrize("form", ["chain", "callbacks", "group", "group in a chain", "chord"])
def test_jobs_that_follow_others_are_held_by_the_message_of_the_first(
    broker: str, tmp_path: Path, form: str
) -> None:
    """No message of theirs exists yet; a chord needs results, and a message that waits for them."""
    sender, sent = Sender(broker, result_backend=f"file://{tmp_path}"), jobs(5)
    follow(sender.step.si, sent)[form].apply_async()
    with redis.Redis.from_url(broker) as client:
        assert client.llen(QUEUE) == {"group": 5, "chord": 3}.get(form, 1)
    assert sender.look() == Look(held=dict.fromkeys(ids(sent), "queue"))


def test_a_message_that_tells_of_no_job_is_counted_and_others_are_read(broker: str) -> None:
    """A task may be given no more than an id; which of its texts is that is not for us to guess."""
    sender, sent = Sender(broker), jobs(1)
    sender.step.delay(str(uuid4()))
    sender.step.delay(*sent)
    assert sender.look() == Look(held={sent[0]["id"]: "queue"}, unread=1)
    with sender.app.connection_for_read() as connection:
        assert connection.default_channel.basic_get(QUEUE)
        assert sender.look() == Look(held={sent[0]["id"]: "queue"}, unread=1)


@pytest.mark.parametrize("text", ["{", "[]", "null", "7", '{"body": "?"}', '{"body": 7}', "\udc80"])
def test_what_is_no_message_is_counted(broker: str, text: str) -> None:
    """Whoever can write to the broker can write anything."""
    sender = Sender(broker)
    raw = text.encode(errors="surrogateescape")
    with redis.Redis.from_url(broker) as client:
        client.lpush(QUEUE, raw)
        client.hset(f"{QUEUE}.unacked", "tag", raw)
        assert sender.look().unread in {1, 2}


def test_a_pickle_is_counted_and_not_opened(broker: str, tmp_path: Path) -> None:
    """Opening it would run the code of whoever wrote it."""
    made = tmp_path / "made"
    pickle = base64.b64encode(f"cos\nsystem\n(S'touch {made}'\ntR.".encode()).decode()
    kind = {"content-type": "application/x-python-serialize", "content-encoding": "binary"}
    sender = Sender(broker)
    with redis.Redis.from_url(broker) as client, closing(client):
        client.lpush(QUEUE, json.dumps({"body": pickle, **kind}))
        assert sender.look() == Look(unread=1)
    assert not made.exists()
