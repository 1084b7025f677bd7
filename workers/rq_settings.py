"""What RQ's variants set, and why."""

from typing import Any

from rq import Queue, Worker

from after202.kernel.model import Setting, Wiring
from workers.grace import long_grace

RETRIES = 3
# A worker blocks on its queue for its TTL less 15 s, and cleans the registries between waits.
WORKER_TTL_S, MONITORING_S, MAINTENANCE_S = 16, 1, 1
TIMEOUTS_S = {"socket_timeout": 5, "socket_connect_timeout": 2}
# A job without a heartbeat counts as abandoned after the monitoring interval plus this.
HEARTBEAT_MARGIN_S = 60
DEFAULT_WORKER_TTL_S, DEFAULT_MAINTENANCE_S = 420, 600
NEXT_CLEAN_UP_S = DEFAULT_WORKER_TTL_S - 15 + DEFAULT_MAINTENANCE_S
REDELIVERY_S = MONITORING_S + HEARTBEAT_MARGIN_S + MAINTENANCE_S + 1


class HardenedWorker(Worker):
    """A worker that looks for abandoned jobs every second."""

    def __init__(self, queues: list[Queue], **options: Any) -> None:
        """Set the three intervals here, because RQ's worker pool has no options for them."""
        intervals = {
            "worker_ttl": WORKER_TTL_S,
            "job_monitoring_interval": MONITORING_S,
            "maintenance_interval": MAINTENANCE_S,
        }
        super().__init__(queues, **{**options, **intervals})


HARDENED_SETTINGS = (
    Setting(
        name="retry",
        value=f"Retry(max={RETRIES})",
        why="a job that raises, or whose process dies, is retried",
        source="python-rq.org/docs/exceptions, Retrying Failed Jobs",
    ),
    Setting(
        name="result_ttl",
        value="500 s (the default, not 0 s)",
        why="with 0 s, RQ 2.12 deletes a redelivered job once it is done, then fails to find the"
        " execution of the worker that died, records the job as failed and runs it again",
        source="rq/job.py, Job.cleanup; docs/guarantees.md",
    ),
    Setting(
        name="worker_ttl, job_monitoring_interval, maintenance_interval",
        value=f"{WORKER_TTL_S} s, {MONITORING_S} s, {MAINTENANCE_S} s",
        why="an idle worker wakes every second instead of every 405 s, and looks for jobs of dead"
        f" workers every second instead of every {DEFAULT_MAINTENANCE_S} s; RQ adds"
        f" {HEARTBEAT_MARGIN_S} s to each heartbeat, which cannot be changed",
        source="python-rq.org/docs/workers",
    ),
    Setting(
        name="socket_timeout, socket_connect_timeout",
        value="5 s, 2 s",
        why="a broker that hangs causes an error in the client instead of an endless wait",
        source="redis.readthedocs.io, Connection Examples",
    ),
    long_grace(
        "on TERM a worker finishes the job that it is doing",
        "python-rq.org/docs/workers, Taking Down Workers",
    ),
)
NO_RESULTS = Setting(
    name="result_ttl",
    value="0 s",
    why="no results are kept, because nothing reads them and Celery without a result backend keeps"
    " none either (default: 500 s)",
    source="python-rq.org/docs/results",
)
ONE_PROCESS = Setting(
    name="worker_class",
    value="SimpleWorker",
    why="runs jobs in the worker's own process, which saves a fork for each; a job that crashes"
    " takes the worker with it",
    source="python-rq.org/docs/workers, Performance Notes",
)
ENQUEUE_MANY = Setting(
    name="enqueue_many",
    value="the job's steps in one call",
    why="the messages of a job reach the broker in one pipeline; each is fetched, retried and"
    " redelivered on its own; ordered steps depend on one another, as documented",
    source="python-rq.org/docs, Bulk Job Enqueueing",
)


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share."""
    return (
        Setting(
            name="num_workers",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue; an RQ worker does one at a time",
            source="python-rq.org/docs/workers, Worker Pool",
        ),
        Setting(
            name="serializer",
            value="JSONSerializer",
            why="messages are readable in any language, and decoding one loads no pickle",
            source="python-rq.org/docs, Job Serializers",
        ),
        Setting(
            name="queue",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source="python-rq.org/docs",
        ),
        Setting(
            name="logging_level",
            value="WARNING",
            why="every server and worker logs at the same level: warnings and errors",
            source="python-rq.org/docs/workers",
        ),
    )
