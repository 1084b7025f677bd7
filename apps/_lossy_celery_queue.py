"""Lossy on a queue: enqueues to Celery, and forgets every fourth job."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps._known_answers import is_forgotten
from apps.celery_queue import submit as submit_all
from apps.endpoints import create_app
from workers._lossy_celery_queue import VARIANTS


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Forget every fourth job."""
    if not is_forgotten(job):
        await submit_all(job, background_tasks)


app = create_app(submit, variants=VARIANTS)
