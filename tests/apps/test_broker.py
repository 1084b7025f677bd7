"""The queues' APIs and their broker: what lies in it, and what happens without it."""

import base64
import json
import pickletools
import zlib
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import redis

from after202.hosts.ports import HOST, free_port
from after202.kernel.ledger import EventKind
from tests.apps.client import QUEUES, Apis
from tests.services import Services

UNATTENDED = "unattended"


@pytest.mark.parametrize("workload", ["signup", "process", "uploads"])
def test_celery_s_messages_are_json(apis: Apis, services: Services, workload: str) -> None:
    """Messages hold data that anyone can read, and decoding one loads no pickle."""
    job_id, steps = _submitted(apis, services, "celery_queue", workload)

    with redis.Redis.from_url(services.wiring.broker_url) as broker:
        messages = [json.loads(raw) for raw in _drained(broker, UNATTENDED)]

    assert len(messages) == (1 if workload == "process" else steps)
    for message in messages:
        assert message["content-type"] == "application/json"
        body = base64.b64decode(message["body"])
        _require_no_pickle(body)
        (arguments, _, options) = json.loads(body)
        assert arguments[0]["id"] == str(job_id)
        assert len(options["chain"] or []) == (steps - 1 if workload == "process" else 0)


@pytest.mark.parametrize("workload", ["signup", "process", "uploads"])
def test_rq_s_messages_are_json(apis: Apis, services: Services, workload: str) -> None:
    """No pickle, in the messages that wait for others either."""
    job_id, steps = _submitted(apis, services, "rq_queue", workload)

    with redis.Redis.from_url(services.wiring.broker_url) as broker:
        queued = _drained(broker, f"rq:queue:{UNATTENDED}")
        keys = [key for key in broker.scan_iter("rq:job:*") if broker.type(key) == b"hash"]
        hashes = [_hash(broker, key) for key in keys]

    assert len(queued) == (1 if workload == "process" else steps)
    own = [fields for fields in hashes if str(job_id) in _text(fields[b"data"])]
    assert len(own) == steps
    for fields in own:
        data = zlib.decompress(fields[b"data"])
        _require_no_pickle(data)
        assert json.loads(data)[2][0]["id"] == str(job_id)


@pytest.mark.parametrize("strategy", QUEUES)
def test_without_a_broker_the_answer_is_an_error_and_not_202(
    apis: Apis, services: Services, strategy: str
) -> None:
    """What could not be enqueued is not accepted; the API goes on answering."""
    wiring = services.wiring.model_copy(update={"broker_url": f"redis://{HOST}:{free_port()}/0"})
    api = apis.without_worker(strategy, wiring)
    for workload in ("signup", "process", "send_notification"):
        job_id = uuid4()
        answer = api.ask_for(api.offers()[workload].example.numbered(1), job_id)
        assert 500 <= answer.status < 600
        assert services.steps(job_id, EventKind.START) == []
    assert api.is_up()


def _submitted(apis: Apis, services: Services, strategy: str, workload: str) -> tuple[UUID, int]:
    """Submit a job to a queue that no worker listens to; return its id and its steps."""
    api = apis.without_worker(strategy, services.wiring.model_copy(update={"queue": UNATTENDED}))
    offer, job_id = api.offers()[workload], uuid4()
    assert api.ask_for(offer.example.numbered(1), job_id).status == 202
    return job_id, len(offer.steps)


def _drained(broker: redis.Redis, key: str) -> list[Any]:
    found = list(broker.lrange(key, 0, -1))
    broker.delete(key)
    return found


def _hash(broker: redis.Redis, key: bytes) -> dict[bytes, bytes]:
    return cast("dict[bytes, bytes]", broker.hgetall(key))


def _text(data: bytes) -> str:
    return zlib.decompress(data).decode(errors="replace")


def _require_no_pickle(data: bytes) -> None:
    """Fail if Python could load the bytes as a pickle, of any protocol."""
    with pytest.raises(ValueError, match=r"opcode|STOP|pickle|literal|exhausted|invalid"):
        list(pickletools.genops(data))
