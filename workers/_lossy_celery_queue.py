"""The worker of the lossy strategy on a queue: Celery's own."""

from workers import celery_queue

VARIANTS = {
    "documented": celery_queue.VARIANTS["documented"],
    "hardened": celery_queue.VARIANTS["hardened"],
}
run = celery_queue.run
