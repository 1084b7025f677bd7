"""What the strategies with a known answer do wrong: which jobs, by their numbers."""

from after202.kernel.model import Job

FORGOTTEN, DOUBLED = 4, 3


def is_forgotten(job: Job) -> bool:
    """Say whether it is one of every fourth; the canary job is none of them."""
    return job.number is not None and job.number % FORGOTTEN == 0


def times(job: Job) -> int:
    """Return how often it is done: every third one twice, the canary job once."""
    return 2 if job.number is not None and job.number % DOUBLED == 0 else 1
