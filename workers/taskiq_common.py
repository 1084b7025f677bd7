"""What all of taskiq's variants set, and which defaults they leave as they are."""

from importlib import metadata

from after202.kernel.model import Setting, Wiring
from workers.taskiq_settings import CLI, README, STREAM

LOG_LEVEL = "WARNING"
PROCESSES = 2


def processes(slots: int) -> int:
    """Return the number of worker processes: taskiq's default if the slots can be halved."""
    return PROCESSES if slots % PROCESSES == 0 else 1


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    count = processes(wiring.slots)
    return (
        Setting(
            name="--workers, --max-async-tasks",
            value=f"{count}, {wiring.slots // count}",
            why="their product is the number of slots, the same for every queue. The default is 2"
            " processes of 100 tasks each; there is one process if the slots cannot be halved",
            source=f"{CLI}, Other parameters",
        ),
        Setting(
            name="serializer",
            value="JSONSerializer",
            why="messages are readable in any language, and decoding one loads no pickle",
            source="taskiq/serializers/json_serializer.py",
            is_default=True,
        ),
        Setting(
            name="result backend",
            value="none",
            why="nothing waits for a result; the README's example has RedisAsyncResultBackend,"
            " which pickles unless it is given another serializer. A job that fails for good"
            " therefore leaves its traceback in the worker's log alone",
            source=f"{README}, RedisAsyncResultBackend configuration",
        ),
        Setting(
            name="queue_name",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source=STREAM,
        ),
        Setting(
            name="ordered steps",
            value="one message for all",
            why="taskiq has no chains of its own (taskiq-pipelines is another package); the job is"
            " redelivered and retried as a whole, so steps that were done are done again",
            source="taskiq-python.github.io/guide/getting-started.html",
        ),
        Setting(
            name="--log-level",
            value=LOG_LEVEL,
            why="every server and worker logs at the same level: warnings and errors",
            source=f"{CLI}, Other parameters",
        ),
        Setting(
            name="taskiq, taskiq-redis",
            value=", ".join(metadata.version(name) for name in ("taskiq", "taskiq-redis")),
            why="the versions that this strategy runs with, in an environment of its own",
            source="requirements/strategies/taskiq_queue.txt",
            is_default=True,
        ),
        Setting(
            name="socket_timeout",
            value="5 s",
            why="how long a client waits for a broker that hangs, before that is an error; it does"
            " not retry, because a connection pool of redis-py's own making has no retries",
            source="redis-py, redis/_defaults.py; redis/asyncio/connection.py",
            is_default=True,
        ),
    )
