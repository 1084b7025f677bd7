"""Messages that are not ours: whoever can write to a broker cannot have a worker run their code."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery
from rq import Callback, Queue
from rq.job import JobStatus
from rq.serializers import JSONSerializer

import workers
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.model import DOCUMENTED, Wiring
from after202.servers.valkey import Valkey

pytestmark = pytest.mark.processes
QUEUE = "after202_attacked"
TIMEOUT_S = 30.0
WEBHOOK = {"job_status": "failed", "method": "POST"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give a broker of one's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


@contextmanager
def worker(strategy: str, broker: str, folder: Path, variant: str = DOCUMENTED) -> Iterator[Child]:
    """Run the queue's worker, as in a trial."""
    (folder / "ledger").mkdir()
    wiring = Wiring(
        broker_url=broker, queue=QUEUE, variant=variant, slots=1,
        ledger_folder=str(folder / "ledger"),
    )  # fmt: skip
    command = [sys.executable, "-m", "workers", "run", strategy]
    child = Child(Launch("worker", command, folder / "worker.log", wiring.environment()))
    try:
        yield child
    finally:
        child.kill()


def says_so(strategy: str, child: Child) -> bool:
    """Return whether the worker's log has what makes a trial invalid."""
    return workers.load(strategy).FOREIGN_MESSAGE in child.log_text()


class Hook(BaseHTTPRequestHandler):
    """Notes who called."""

    calls: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Note it."""
        self.calls.append(self.path)
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def hook() -> Iterator[str]:
    """Give the address of a server that notes who calls."""
    Hook.calls.clear()
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("os.system", DOCUMENTED),
        ("os.system", "plain_workers"),
        ("subprocess.check_output", DOCUMENTED),
        ("builtins.exec", DOCUMENTED),
    ],
)
def test_rqs_worker_calls_no_function_but_ours(
    tmp_path: Path, broker: str, hook: str, name: str, variant: str
) -> None:
    """Neither as a job nor as what follows one, nor does it call an address that a job names."""
    # Given a job whose function, callbacks and webhook are not ours
    made = tmp_path / "made"
    argument = f"open({str(made)!r}, 'w')" if name == "builtins.exec" else f"touch {made}"
    callback = Callback("os.abort")
    with redis.Redis.from_url(broker) as connection:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        job = queue.enqueue(name, argument, on_failure=callback, on_success=callback)
        connection.hset(job.key, "webhooks", json.dumps([WEBHOOK | {"url": hook}]))

        # When RQ's worker takes it
        with worker("rq_queue", broker, tmp_path, variant) as child:
            until("the job's failure", lambda: job.is_failed, TIMEOUT_S, [child])
            until("the worker's word", lambda: says_so("rq_queue", child), TIMEOUT_S, [child])
            assert child.exit_code is None

    # Then nothing of it was done
    assert not made.exists()
    assert Hook.calls == []


def test_an_abandoned_job_of_rqs_is_not_followed_by_a_foreign_callback(
    tmp_path: Path, broker: str
) -> None:
    """RQ's clean-up calls a job's failure callback too, with a class of its own."""
    made = tmp_path / "made"
    with redis.Redis.from_url(broker) as connection:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        job = queue.create_job("os.system", (f"touch {made}",), on_failure=Callback("os.abort"))
        job.save()
        job.set_status(JobStatus.STARTED)
        connection.zadd(queue.started_job_registry.key, {f"{job.id}:execution": 1})
        with worker("rq_queue", broker, tmp_path) as child:
            failed = lambda: job.id in queue.failed_job_registry.get_job_ids(cleanup=False)  # noqa: E731
            until("the clean-up", failed, TIMEOUT_S, [child])
            time.sleep(1)
            assert child.exit_code is None
            assert "Aborted" not in child.log_text()
    assert not made.exists()


def test_celerys_worker_calls_no_task_but_ours(tmp_path: Path, broker: str) -> None:
    """It knows the tasks that are registered, and imports none."""
    made = tmp_path / "made"
    sender = Celery("stranger", broker=broker)
    sender.conf.task_default_queue = QUEUE
    with worker("celery_queue", broker, tmp_path) as child:
        for name in ("os.system", "celery.exec"):
            sender.send_task(name, [f"touch {made}"])
        until("the worker's word", lambda: says_so("celery_queue", child), TIMEOUT_S, [child])
        assert child.exit_code is None
    assert not made.exists()


def test_another_user_reads_no_password_on_a_command_line(broker: str) -> None:
    """Every user may list the processes."""
    password = str(urlsplit(broker).password)
    listed = subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    assert "valkey-server" in listed
    assert password not in listed
