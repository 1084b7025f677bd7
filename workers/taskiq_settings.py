"""What taskiq's variants set, which of its defaults their figures depend on, and why."""

from collections.abc import Mapping

from after202.kernel.model import Setting
from after202.kernel.overrides import Scalar
from workers.grace import long_grace

# Options of RedisStreamBroker by name, each with the reason for it.
Conf = Mapping[str, tuple[Scalar, str]]
README = "github.com/taskiq-python/taskiq-redis, README"
CLI = "taskiq-python.github.io/guide/cli.html"
STREAM = "taskiq_redis/redis_broker.py, RedisStreamBroker"

# How often a message runs in all, as the middleware counts them.
TRIES = 4
IDLE_MS, DEFAULT_IDLE_MS = 8_000, 600_000
NUDGE_S = 1.0

HARDENED_CONF: Conf = {
    "idle_timeout": (
        IDLE_MS,
        (
            "in ms: another worker may claim what a dead one held after 8 s instead of 10 min; it"
            " must exceed the longest job, for a worker does not tell that its job is alive"
            " (taskiq-redis#101)"
        ),
    ),
    "xread_count": (
        1,
        (
            "a process fetches a message when it has a slot for it. By default it fetches up to"
            " 100, which other processes cannot do meanwhile, and which count as idle while they"
            " wait: with a short idle_timeout they would be done twice"
        ),
    ),
    "unacknowledged_batch_size": (
        1,
        "the same for what is claimed: a process claims a message when it has a slot for it",
    ),
    "consumer_id": (
        "0",
        (
            "a group that is created anew, because the broker lost its data, begins with the first"
            " message in the stream; by default ($) it skips what was sent before a worker is back"
        ),
    ),
}


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the broker's options as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=STREAM)
        for name, (value, why) in conf.items()
    )


STREAM_BROKER = (
    Setting(
        name="broker",
        value="RedisStreamBroker",
        why="the broker of the README's example: a stream with a consumer group, whose messages are"
        " acknowledged",
        source=f"{README}, Usage",
    ),
    Setting(
        name="--ack-type",
        value="when_saved",
        why="a message is acknowledged after its work is done and its result is saved: a worker"
        " that dies has not acknowledged what it was doing",
        source=f"{CLI}, Acknowledgements",
        is_default=True,
    ),
    Setting(
        name="redelivery",
        value="only after a new message",
        why="a worker looks for what others left unacknowledged each time it has fetched new"
        " messages. In an idle queue nobody looks, and a message that a dead worker held stays"
        " where it is until another one is sent, however long that is",
        source=f"{STREAM}.listen",
        is_default=True,
    ),
    Setting(
        name="maxlen",
        value="None",
        why="acknowledged messages stay in the stream, which therefore grows without a limit; a"
        " limit would also drop messages that nobody has fetched yet",
        source=f"{STREAM}.kick",
        is_default=True,
    ),
)
DOCUMENTED_STREAM = (
    Setting(
        name="xread_count",
        value="100",
        why="a worker process fetches up to 100 messages at a time and works through them; the"
        " other processes cannot have these, even if they are idle",
        source=STREAM,
        is_default=True,
    ),
    Setting(
        name="idle_timeout",
        value=f"{DEFAULT_IDLE_MS} ms",
        why="what a dead worker held may be claimed by another after 10 min",
        source=STREAM,
        is_default=True,
    ),
    Setting(
        name="consumer_id",
        value="$",
        why="a group that is created anew, because the broker lost its data, skips what was sent"
        " before a worker is back",
        source=STREAM,
        is_default=True,
    ),
)
LIST_BROKER = (
    Setting(
        name="broker",
        value="ListQueueBroker",
        why="a list, for those who do not want acknowledgements, as the README has it: a message"
        " leaves the broker when a worker fetches it, and is lost if the worker dies",
        source=f"{README}, ListQueue",
    ),
    Setting(
        name="socket_timeout of workers",
        value="None",
        why="a worker waits for a message without a limit, but redis-py 8 gives up after 5 s:"
        " ListQueueBroker takes that for an error, and the process ends with the tasks that it is"
        " doing and is started again, every 5 s in an idle queue",
        source="taskiq_redis/redis_broker.py, ListQueueBroker.listen; redis-py, redis/_defaults.py",
    ),
)
RETRIED = Setting(
    name="SimpleRetryMiddleware",
    value=f"default_retry_count={TRIES}, default_retry_label=True",
    why=f"a job that raises runs up to {TRIES} times in all; the retry is a new message, sent"
    " before the failed one is acknowledged. RedisStreamBroker cannot delay a message, so"
    " SmartRetryMiddleware's back-off would need taskiq's scheduler as a third process",
    source="taskiq-python.github.io/available-components/middlewares.html, Simple retry middleware",
)
GRACE = long_grace(
    "on TERM the main process tells its workers, within a second, to fetch nothing more, and they"
    " finish what they are doing (--wait-tasks-timeout is None, without a limit)",
    CLI,
)
NUDGED = Setting(
    name="a message a second",
    value=f"from each worker process, every {NUDGE_S:g} s",
    why="an empty task that a worker sends itself makes it look for unacknowledged messages in an"
    " otherwise idle queue; the handler of the worker's startup event starts it. It is our own"
    " remedy: taskiq-redis has no setting for it",
    source="taskiq-python.github.io/guide/state-and-deps.html, Events; " + STREAM + ".listen",
)
