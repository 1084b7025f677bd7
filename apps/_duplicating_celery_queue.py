"""Duplicating on a queue: enqueues every third job twice to Celery."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps._known_answers import times
from apps.celery_queue import submit as submit_all
from apps.endpoints import create_app
from workers._duplicating_celery_queue import VARIANTS


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Enqueue every third job twice."""
    for _ in range(times(job)):
        await submit_all(job, background_tasks)


app = create_app(submit, variants=VARIANTS)
