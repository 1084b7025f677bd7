"""What differs if Celery's slots are threads of one process, and why."""

from after202.kernel.model import Setting

THREADS = (
    Setting(
        name="--pool",
        value="threads",
        why="the slots are threads of one process, for work that waits: nothing is forked, but they"
        " share the interpreter's lock. A job that ends its process ends the worker and all that it"
        " does; no parent is left to log that or to hand the message back",
        source="docs.celeryq.dev, Concurrency; Workers Guide, Concurrency",
    ),
    Setting(
        name="task_time_limit, task_soft_time_limit",
        value="none",
        why="a thread cannot be ended from outside, so time limits have no effect in this pool",
        source="docs.celeryq.dev, Workers Guide, Time Limits",
        is_default=True,
    ),
    Setting(
        name="worker_soft_shutdown_timeout",
        value="0.0",
        why="for the same reason: on TERM the worker waits for its tasks, without a limit",
        source="docs.celeryq.dev, Workers Guide, Stopping the worker",
        is_default=True,
    ),
)
