"""Celery's worker: a pool of processes, each of which does one step at a time."""

from typing import Any

from celery import Celery

from bench.model import Job, Setting
from workers.perform import perform
from workers.settings import settings

app = Celery("after202", broker=settings().broker_url)
app.conf.task_default_queue = settings().queue


@app.task(name="perform_step")
def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def run() -> None:
    """Work until told to stop."""
    app.worker_main(["worker", f"--concurrency={settings().slots}", "--without-mingle"])


SETTINGS = (
    Setting(
        name="--concurrency",
        value=str(settings().slots),
        why="the slots, the same for every queue (default: one per core)",
        source="docs.celeryq.dev, Workers Guide, Concurrency",
    ),
    Setting(
        name="task_default_queue",
        value=settings().queue,
        why="a queue name of its own for every trial",
        source="docs.celeryq.dev, Configuration and defaults",
    ),
    Setting(
        name="--without-mingle",
        value="set",
        why="saves a second of start-up, which is not measured; there is one worker",
        source="celery worker --help",
    ),
)
