"""The two ways to run RQ's workers: a pool of them, or a process for each under a supervisor."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from rq.worker_pool import WorkerPool

from workers.rq_refusal import OwnMessage

LOG_LEVEL = "WARNING"
ONE_WORKER = (sys.executable, "-m", "workers.rq_worker")
# How long a supervisor waits before it starts again what ended, and how often it looks.
RESTART_S, LOOK_S = 1.0, 0.1


def tuned(kind: type[BaseWorker], options: Mapping[str, int]) -> type[BaseWorker]:
    """Return that kind of worker with these options, for RQ's worker pool hands none on."""
    if not options:
        return kind

    def init(self: BaseWorker, queues: list[Queue], **given: Any) -> None:
        kind.__init__(self, queues, **{**given, **options})

    return type(f"Tuned{kind.__name__}", (kind,), {"__init__": init})


def run_pool(queue: Queue, count: int, worker_class: type[BaseWorker]) -> None:
    """Run a pool of workers until told to stop; one of them runs RQ's scheduler as well."""
    # RQ 2's pool does not hand a queue's class on to its workers, so all queues take this one.
    Queue.job_class = OwnMessage
    WorkerPool(
        [queue],
        connection=queue.connection,
        num_workers=count,
        serializer=JSONSerializer,
        job_class=OwnMessage,
        worker_class=worker_class,
    ).start(logging_level=LOG_LEVEL)


def run_one(queue: Queue, worker_class: type[BaseWorker]) -> None:
    """Run one worker until told to stop, as `rq worker` does: without a scheduler."""
    Queue.job_class = OwnMessage
    worker = worker_class(
        [queue], connection=queue.connection, serializer=JSONSerializer, job_class=OwnMessage
    )
    worker.work(logging_level=LOG_LEVEL)


def supervise(count: int, command: Sequence[str] = ONE_WORKER) -> None:
    """Keep so many processes of a command running until told to stop, as systemd would.

    What ends is started again. A stop is passed on to every process, and waited for.
    """
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stops.append(received))
    running = [subprocess.Popen(command) for _ in range(count)]
    while not stops:
        time.sleep(LOOK_S)
        ended = [child for child in running if child.poll() is not None]
        if ended:
            time.sleep(RESTART_S)
            running = [child for child in running if child not in ended]
            running += [subprocess.Popen(command) for _ in ended if not stops]
    for child in running:
        child.terminate()
    for child in running:
        child.wait()
